from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.ledger"
    label = "ledger"
    verbose_name = "台账"
