from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.ledger"
    label = "ledger"
    verbose_name = "台账"

    def ready(self) -> None:
        from fundguard.web.ledger import worker  # noqa: F401  makes the sealer known to the worker
