from django.urls import path

from fundguard.web.ledger import views

urlpatterns = [path("", views.listing, name="ledger"), path("export/", views.export, name="ledger_export")]
