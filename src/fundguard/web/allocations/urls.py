from django.urls import path

from fundguard.web.allocations import views

app_name = "allocations"
urlpatterns = [
    path("", views.listing, name="listing"),
    path("<slug:key>/", views.detail, name="detail"),
    path("<slug:key>/state/", views.state, name="state"),
    path("statements/<int:pk>/decide/", views.decide, name="decide"),
]
