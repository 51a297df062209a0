from django.urls import path

from fundguard.web.rulebook import views

app_name = "rulebook"
urlpatterns = [
    path("", views.rules, name="rules"),
    path("problems/", views.problems, name="problems"),
    path("search/", views.search, name="search"),
    path("codes/<slug:code>/", views.code, name="code"),
    path("<slug:code>/", views.rule, name="rule"),
]
