"""A piece of work that takes longer than a request."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Job(models.Model):
    """`kind` is a key of `wiring.JOBS`; `payload` is what it gets; a failure is told in four parts."""

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "运行中"
        DONE = "done", "已完成"
        FAILED = "failed", "失败"
        CANCELLED = "cancelled", "已取消"

    kind = models.CharField("类型", max_length=40)
    title = models.CharField("名称", max_length=120)
    state = models.CharField("状态", max_length=10, choices=State, default=State.QUEUED, db_index=True)
    region = models.CharField("区划", max_length=6, db_index=True)
    payload = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    done = models.BigIntegerField("已处理", default=0)
    total = models.BigIntegerField("总量", default=0)
    message = models.CharField("进展", max_length=200, blank=True)
    cancel_requested = models.BooleanField(default=False)
    error_what = models.TextField(blank=True)
    error_where = models.TextField(blank=True)
    error_seen = models.TextField(blank=True)
    error_remedy = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField("提交时间", auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"

    @property
    def live(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)
