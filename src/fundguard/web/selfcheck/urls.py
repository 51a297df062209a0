from django.urls import path

from fundguard.web.selfcheck import own_views, views

app_name = "selfcheck"
urlpatterns = [
    path("", views.index, name="index"),
    path("draft/", views.draft, name="draft"),
    path("lists/<int:pk>/", views.problem_list, name="list"),
    path("lists/<int:pk>/add/", views.add, name="add"),
    path("lists/<int:pk>/problems/<int:problem>/remove/", views.remove, name="remove"),
    path("lists/<int:pk>/publish/", views.publish, name="publish"),
    path("lists/<int:pk>/begin/", views.begin, name="begin"),
    path("campaigns/<int:pk>/", views.campaign, name="campaign"),
    path("campaigns/<int:pk>/freeze/", views.freeze, name="freeze"),
    path("spots/<int:pk>/", views.spot, name="spot"),
    path("spots/<int:pk>/draw/", views.draw_now, name="draw"),
    path("checks/<int:pk>/", views.check, name="check"),
    path("submitted/<int:pk>/", own_views.submitted, name="submitted"),
    path("own/", own_views.owns, name="owns"),
    path("own/<int:pk>/<str:code>/", own_views.open_report, name="open"),
    path("reports/<int:pk>/", own_views.report, name="report"),
    path("reports/<int:pk>/problems/<int:problem>/", own_views.problem, name="problem"),
    path("reports/<int:pk>/<slug:act>/", own_views.act, name="act"),
]
