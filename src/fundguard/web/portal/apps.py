from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.portal"
    label = "portal"
    verbose_name = "机构答复"
