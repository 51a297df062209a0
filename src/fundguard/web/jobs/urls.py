"""Addresses of jobs."""

from __future__ import annotations

from django.urls import path

from fundguard.web.jobs import views

urlpatterns = [
    path("", views.jobs, name="jobs"),
    path("<int:number>", views.job, name="job"),
    path("<int:number>/cancel", views.cancel, name="cancel_job"),
]
