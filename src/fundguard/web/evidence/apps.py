from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.evidence"
    label = "evidence"
    verbose_name = "佐证材料"
