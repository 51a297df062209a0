from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.foreign"
    label = "foreign"
    verbose_name = "外来疑点"
