from django.urls import path

from fundguard.web.workload import views

app_name = "workload"
urlpatterns = [
    path("mine/", views.mine, name="mine"),
    path("team/", views.team, name="team"),
    path("forecast/", views.forecast, name="forecast"),
    path("load/", views.load, name="load"),
    path("balance/", views.balance, name="balance"),
    path("capacity/", views.state_capacity, name="capacity"),
]
