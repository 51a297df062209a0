from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.overview"
    label = "overview"
    verbose_name = "运行总览"
