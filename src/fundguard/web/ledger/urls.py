"""Addresses of the ledger."""

from __future__ import annotations

from django.urls import path

from fundguard.web.ledger import views

urlpatterns = [
    path("", views.ledger, name="ledger"),
    path("open-identity", views.open_identity, name="open_identity"),
]
