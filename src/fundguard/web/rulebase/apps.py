from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.rulebase"
    label = "rulebase"
    verbose_name = "规则库"
