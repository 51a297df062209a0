from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.workload"
    label = "workload"
    verbose_name = "工作量"
