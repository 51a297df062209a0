from django.urls import path

from fundguard.web.filters import views

app_name = "filters"
urlpatterns = [
    path("", views.filters, name="filters"),
    path("save/", views.save, name="save"),
    path("<int:pk>/rename/", views.rename, name="rename"),
    path("<int:pk>/standard/", views.standard, name="standard"),
    path("<int:pk>/share/", views.share, name="share"),
    path("<int:pk>/delete/", views.delete, name="delete"),
]
