"""A run as the site keeps it: what was asked, which folder has the answer, what changed against the former one."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models


class Run(models.Model):
    """`region` is the division it was asked for, empty for all that the store holds; `folder` lies below the runs.

    `published`: its findings were taken over by the site. A run on an earlier day's knowledge is never published.
    `changes`: per region of treatment, how many findings are new, untouched … against `former`.
    """

    folder = models.CharField("文件夹", max_length=60, unique=True)
    run_id = models.CharField("运行编号", max_length=32, blank=True)
    job = models.OneToOneField("jobs.Job", verbose_name="任务", on_delete=models.PROTECT, null=True, related_name="run")
    region = models.CharField("区划", max_length=6, blank=True)
    rules = models.JSONField("规则", default=list, blank=True)
    known_on = models.DateField("数据截至", null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="发起人", on_delete=models.PROTECT, null=True)
    created_at = models.DateTimeField("发起时间")
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    seconds = models.FloatField("用时（秒）", null=True, blank=True)
    published = models.BooleanField("已发布", default=False)
    former = models.ForeignKey("self", verbose_name="上一次核查", on_delete=models.PROTECT, null=True, blank=True)
    changes = models.JSONField("变化", default=dict, blank=True)

    class Meta:
        verbose_name = "核查运行"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.folder

    @property
    def path(self) -> Path:
        return settings.RUNS / self.folder

    @property
    def finished(self) -> bool:
        return self.finished_at is not None
