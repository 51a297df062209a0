from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.units"
    label = "units"
    verbose_name = "代为答复"
