from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.findings"
    label = "findings"
    verbose_name = "疑点"
