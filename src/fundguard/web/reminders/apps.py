from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.reminders"
    label = "reminders"
    verbose_name = "提醒"
