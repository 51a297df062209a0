from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.desk"
    label = "desk"
    verbose_name = "办理工作台"
