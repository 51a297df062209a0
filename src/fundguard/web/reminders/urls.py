from django.urls import path

from fundguard.web.reminders import views

app_name = "reminders"
urlpatterns = [
    path("", views.reminders, name="reminders"),
    path("read/", views.read_all, name="read_all"),
    path("<int:pk>/open/", views.open_one, name="open"),
]
