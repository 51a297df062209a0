from django.urls import path

from fundguard.web.runs import views

app_name = "runs"
urlpatterns = [
    path("", views.runs, name="runs"),
    path("start/", views.start, name="start"),
    path("<int:pk>/", views.run, name="run"),
    path("<int:pk>/findings/", views.findings_excel, name="findings_excel"),
]
