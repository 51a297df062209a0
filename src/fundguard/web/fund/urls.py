from django.urls import path

from fundguard.web.fund import month_views, views

app_name = "fund"
urlpatterns = [
    path("", views.listing, name="demands"),
    path("export/", views.export, name="export"),
    path("clearing/", views.clearing, name="clearing"),
    path("clearing/propose/", month_views.propose, name="propose_close"),
    path("clearing/<int:pk>/close/", month_views.close, name="close"),
    path("bank/", month_views.bank_file, name="bank"),
    path("clearing/file/", views.clearing_file, name="clearing_file"),
    path("institutions/<slug:code>/", views.statement, name="statement"),
    path("institutions/<slug:code>/file/", views.statement_file, name="statement_file"),
    path("institutions/<slug:code>/pdf/", views.statement_pdf, name="statement_pdf"),
    path("<int:pk>/", views.detail, name="demand"),
    path("<int:pk>/book/", views.book, name="book"),
    path("<int:pk>/write-off/", views.write_off, name="write_off"),
    path("<int:pk>/instalments/", views.instalments, name="instalments"),
    path("<int:pk>/correction/", views.correction, name="correction"),
    path("proposals/<int:pk>/decide/", views.decide, name="decide"),
]
