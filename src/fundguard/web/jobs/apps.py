from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.jobs"
    label = "jobs"
    verbose_name = "后台任务"

    def ready(self) -> None:
        from fundguard.web.jobs import services  # noqa: F401  makes the task known to the worker
