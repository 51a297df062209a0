from django.urls import path

from fundguard.web.foreign import views

app_name = "foreign"
urlpatterns = [
    path("", views.lists, name="lists"),
    path("receive/", views.receive, name="receive"),
    path("<int:pk>/", views.received, name="list"),
    path("<int:pk>/columns/", views.columns, name="columns"),
    path("<int:pk>/discard/", views.discard, name="discard"),
    path("<int:pk>/match/", views.match_again, name="match_again"),
    path("<int:pk>/next/", views.next_row, name="next_row"),
    path("<int:pk>/report/", views.report_back, name="report_back"),
    path("<int:pk>/excel/", views.excel, name="excel"),
    path("rows/<int:pk>/", views.row, name="row"),
    path("rows/<int:pk>/decide/", views.decide, name="decide"),
    path("feedback/<int:pk>/excel/", views.feedback_excel, name="feedback_excel"),
]
