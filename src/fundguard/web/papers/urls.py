from django.urls import path

from fundguard.web.papers import views

app_name = "papers"
urlpatterns = [
    path("", views.listing, name="papers"),
    path("<int:pk>/", views.detail, name="paper"),
    path("<int:pk>/word/", views.word_file, name="word"),
    path("<int:pk>/pdf/", views.pdf_file, name="pdf"),
    path("verify/<slug:token>/", views.verify, name="verify"),
]
