from django.urls import path

from fundguard.web.intake import views

app_name = "intake"
urlpatterns = [
    path("", views.arrivals, name="arrivals"),
    path("upload/", views.upload, name="upload"),
    path("jobs/<int:pk>/", views.job, name="job"),
    path("quality/", views.quality, name="quality"),
    path("quality/excel/", views.quality_excel, name="quality_excel"),
    path("<int:number>/", views.arrival, name="arrival"),
    path("<int:number>/quarantine/", views.quarantine_excel, name="quarantine_excel"),
    path("<int:number>/quarantine/raw/", views.quarantine_raw, name="quarantine_raw"),
]
