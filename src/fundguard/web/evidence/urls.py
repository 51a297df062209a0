from django.urls import path

from fundguard.web.evidence import views

app_name = "evidence"
urlpatterns = [
    path("files/<int:pk>/", views.file, name="file"),
    path("files/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("files/<int:pk>/show/", views.show, name="show"),
    path("comments/<int:pk>/strike/", views.strike, name="strike"),
    path("<slug:key>/", views.case_file, name="case_file"),
    path("<slug:key>/attach/", views.attach, name="attach"),
    path("<slug:key>/mark/", views.mark, name="mark"),
    path("<slug:key>/comment/", views.comment, name="comment"),
]
