from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.rulebook"
    label = "rulebook"
    verbose_name = "规则与知识库"
