from django.urls import path

from fundguard.web.desk import answer_views, press_views, sample_views, views

app_name = "desk"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("mine/", views.mine, name="mine"),
    path("claim/", views.claim, name="claim"),
    path("claim/<slug:key>/", press_views.claim_one, name="claim_one"),
    path("assign/", views.assign, name="assign"),
    path("people/", views.people, name="people"),
    path("lend/", views.lend, name="lend"),
    path("recuse/", views.recuse, name="recuse"),
    path("bulk/", views.bulk_preview, name="bulk"),
    path("bulk/<int:pk>/", views.bulk_shown, name="bulk_shown"),
    path("bulk/<int:pk>/go-on/", views.bulk_go_on, name="bulk_go_on"),
    path("bulk/<int:pk>/undo/", press_views.undo_bulk, name="bulk_undo"),
    path("samples/", sample_views.samples, name="samples"),
    path("samples/freeze/", sample_views.freeze, name="freeze"),
    path("samples/mine/", sample_views.blind_work, name="blind_work"),
    path("samples/<int:pk>/", sample_views.sample, name="sample"),
    path("samples/<int:pk>/draw/", sample_views.draw_now, name="draw_now"),
    path("samples/<int:pk>/answer/", sample_views.answer, name="answer"),
    path("answers/<slug:key>/<slug:verb>/", answer_views.answer, name="answer_step"),
    path("<slug:key>/<slug:verb>/", views.step, name="step"),
]
