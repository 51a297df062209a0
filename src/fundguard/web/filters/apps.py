from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.filters"
    label = "filters"
    verbose_name = "常用筛选"
