from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.recall"
    label = "recall"
    verbose_name = "规则撤回"
