from django.urls import path

from fundguard.web.recall import views

app_name = "recall"
urlpatterns = [
    path("", views.recalls, name="recalls"),
    path("propose/", views.propose, name="propose"),
    path("<int:pk>/", views.shown, name="shown"),
    path("<int:pk>/decide/", views.decide, name="decide"),
    path("<int:pk>/go-on/", views.go_on, name="go_on"),
    path("<int:pk>/file/", views.file, name="file"),
]
