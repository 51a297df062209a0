from django.urls import path

from fundguard.web.rulebase import pack_views, views, what_if_views

app_name = "rulebase"
urlpatterns = [
    path("", views.rules, name="rules"),
    path("new/", views.shapes, name="shapes"),
    path("new/<slug:shape>/", views.new, name="new"),
    path("packs/", pack_views.packs, name="packs"),
    path("packs/take/", pack_views.take, name="take_pack"),
    path("packs/template/", pack_views.template, name="pack_template"),
    path("packs/keys/", pack_views.key, name="key"),
    path("packs/keys/<int:pk>/confirm/", pack_views.confirm_key, name="confirm_key"),
    path("what-ifs/", what_if_views.what_ifs, name="what_ifs"),
    path("what-ifs/start/", what_if_views.start, name="start"),
    path("what-ifs/compare/", what_if_views.compare, name="compare"),
    path("what-ifs/<int:pk>/", what_if_views.what_if, name="what_if"),
    path("narrowings/<int:pk>/draft/", views.narrow, name="narrow"),
    path("placements/<int:pk>/decide/", views.decide, name="decide"),
    path("rules/<slug:code>/", views.rule, name="rule"),
    path("rules/<slug:code>/edit/", views.edit, name="edit"),
    path("rules/<slug:code>/propose/", views.propose, name="propose"),
    path("rules/<slug:code>/<int:number>/", views.version, name="version"),
    path("rules/<slug:code>/<int:number>/replay/", views.replay, name="replay"),
]
