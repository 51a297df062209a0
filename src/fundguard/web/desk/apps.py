from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.desk"
    label = "desk"
    verbose_name = "办理工作台"

    def ready(self) -> None:
        from fundguard.web.desk import checks  # noqa: F401 (registers itself)
