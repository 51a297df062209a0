from django.urls import path

from fundguard.web.overview import views

urlpatterns = [path("", views.home, name="home")]
