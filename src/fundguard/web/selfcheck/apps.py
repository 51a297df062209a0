from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.selfcheck"
    label = "selfcheck"
    verbose_name = "自查自纠"
