from django.urls import path

from fundguard.web.findings import views

app_name = "findings"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("export/", views.export, name="export"),
    path("exports/<int:pk>/", views.exporting, name="exporting"),
    path("exports/<int:pk>/progress/", views.export_progress, name="export_progress"),
    path("exports/<int:pk>/file/", views.export_file, name="export_file"),
    path("<slug:key>/", views.detail, name="detail"),
    path("<slug:key>/identity/", views.identity, name="identity"),
]
