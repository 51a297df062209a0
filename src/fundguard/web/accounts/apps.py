from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.accounts"
    label = "accounts"
    verbose_name = "账号与区划"
