from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.runs"
    label = "runs"
    verbose_name = "核查运行"
