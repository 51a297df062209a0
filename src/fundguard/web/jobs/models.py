"""A piece of work in the background, as its owner sees it."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Job(models.Model):
    """`done`/`total` count whatever `message` names; a failed job tells its error in four parts."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待"
        RUNNING = "running", "进行中"
        DONE = "done", "完成"
        FAILED = "failed", "失败"
        CANCELLED = "cancelled", "已取消"

    kind = models.CharField("类别", max_length=40, db_index=True)
    title = models.CharField("名称", max_length=200)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.WAITING, db_index=True)
    done = models.BigIntegerField("已完成", default=0)
    total = models.BigIntegerField("总量", default=0)
    message = models.CharField("进度说明", max_length=200, blank=True)
    error = models.JSONField("错误", default=dict, blank=True)
    parameters = models.JSONField("参数", default=dict)
    result = models.JSONField("结果", default=dict, blank=True)
    region = models.CharField("区划", max_length=6, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="发起人", on_delete=models.PROTECT, null=True)
    created_at = models.DateTimeField("发起时间", auto_now_add=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    cancel_requested = models.BooleanField("请求取消", default=False)

    class Meta:
        verbose_name = "后台任务"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.title

    @property
    def active(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def percent(self) -> int:
        if self.state == self.State.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0
