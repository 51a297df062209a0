from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.scorecard"
    label = "scorecard"
    verbose_name = "规则记分"
