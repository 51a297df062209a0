from django.urls import path

from fundguard.web.units import views

app_name = "units"
urlpatterns = [
    path("", views.listing, name="list"),
    path("register/", views.register, name="register"),
    path("<int:pk>/end/", views.end, name="end"),
]
