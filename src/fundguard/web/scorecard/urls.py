from django.urls import path

from fundguard.web.scorecard import views

app_name = "scorecard"
urlpatterns = [
    path("", views.scorecard, name="scorecard"),
    path("excel/", views.excel, name="excel"),
    path("count/", views.count, name="count"),
    path("findings/<slug:figure>/", views.behind, name="behind"),
    path("narrowings/", views.narrowings, name="narrowings"),
    path("narrowings/<int:pk>/", views.narrowing, name="narrowing"),
    path("narrowings/<int:pk>/decide/", views.decide, name="decide"),
    path("narrowings/<int:pk>/file/", views.narrowing_file, name="narrowing_file"),
]
