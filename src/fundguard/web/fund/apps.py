from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.fund"
    label = "fund"
    verbose_name = "资金追回"
