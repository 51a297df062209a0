from django.urls import path

from fundguard.web.overview import views

urlpatterns = [
    path("", views.home, name="home"),
    path("demo-data/", views.demo_data, name="demo_data"),
]
