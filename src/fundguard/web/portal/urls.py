from django.urls import path

from fundguard.web.portal import inner_views, sheet_views, views

app_name = "portal"
urlpatterns = [
    path("", views.listing, name="list"),
    path("export/", views.export, name="export"),
    path("ask/", views.ask, name="ask"),
    path("sheet/", sheet_views.download, name="download"),
    path("sheet/upload/", sheet_views.upload, name="upload"),
    path("sheet/<int:pk>/", sheet_views.sheet, name="sheet"),
    path("sheet/<int:pk>/start/", sheet_views.start, name="start"),
    path("sheet/<int:pk>/progress/", sheet_views.progress, name="progress"),
    path("sheet/<int:pk>/faults/", sheet_views.faults, name="faults"),
    path("inner/", inner_views.listing, name="questions"),
    path("inner/<int:pk>/", inner_views.question, name="question"),
    path("inner/<int:pk>/take-back/", views.take_back, name="take_back"),
    path("seats/", inner_views.seats, name="seats"),
    path("seats/<int:pk>/remove/", inner_views.unseat, name="unseat"),
    path("items/<slug:key>/", views.item, name="item"),
    path("items/<slug:key>/answer/", views.answer, name="answer"),
]
