from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.jobs"
    label = "jobs"
    verbose_name = "后台任务"

    def ready(self) -> None:
        from fundguard.web import wiring  # noqa: F401  fills the table of work
