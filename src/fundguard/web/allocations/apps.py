from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.allocations"
    label = "allocations"
    verbose_name = "基金账户说明"
