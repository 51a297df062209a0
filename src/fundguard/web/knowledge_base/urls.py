from django.urls import path

from fundguard.web.knowledge_base import catalogue_views, point_views, views

app_name = "knowledge_base"
urlpatterns = [
    path("", views.versions, name="versions"),
    path("hand-in/", views.hand_in, name="hand_in"),
    path("<int:pk>/", views.shown, name="shown"),
    path("<int:pk>/sign/", views.sign, name="sign"),
    path("<int:pk>/reject/", views.reject, name="reject"),
    path("<int:pk>/publish/", views.publish, name="publish"),
    path("<int:pk>/file/", views.file, name="file"),
    path("forms/<slug:table>/", views.form, name="form"),
    path("tables/<slug:table>/", views.table, name="table"),
    path("where/", point_views.where, name="where"),
    path("points/<slug:point_id>/", point_views.point, name="point"),
    path("points/<slug:point_id>/dispute/", point_views.dispute, name="dispute"),
    path("disputes/", point_views.disputes, name="disputes"),
    path("disputes/<int:pk>/answer/", point_views.answer, name="answer"),
    path("catalogues/", catalogue_views.catalogues, name="catalogues"),
    path("catalogues/import/", catalogue_views.take_over, name="catalogue_import"),
    path("catalogues/<int:pk>/", catalogue_views.catalogue, name="catalogue"),
]
