from django.apps import AppConfig


class Config(AppConfig):
    name = "fundguard.web.knowledge_base"
    label = "knowledge_base"
    verbose_name = "知识库版本"
