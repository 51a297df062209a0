from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "fundguard.web.core"
    label = "core"
    verbose_name = "页面框架"
