from django.urls import path

from fundguard.web.jobs import views

urlpatterns = [
    path("<int:pk>/progress/", views.progress, name="job_progress"),
    path("<int:pk>/cancel/", views.cancel, name="job_cancel"),
]
