from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.papers"
    label = "papers"
    verbose_name = "文书"
