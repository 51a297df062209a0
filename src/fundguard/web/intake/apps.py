from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.intake"
    label = "intake"
    verbose_name = "数据导入"
