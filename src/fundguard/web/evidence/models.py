"""The case file beside a finding: its attachments, which papers each charged line has, and the notes on it."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q

WHOLE = ""  # in place of a line: a finding that rests on no charge line


class Side(models.TextChoices):
    OFFICE = "office", "医保部门"
    INSTITUTION = "institution", "定点机构"


class CaseFile(models.Model):
    """One for each finding that anything is kept beside; locked while something is added. `version` counts changes of
    the table of papers, so that a page older than the table is noticed."""

    finding_key = models.CharField("疑点编号", max_length=32, primary_key=True)
    region = models.CharField("区划", max_length=6)
    fixmedins_code = models.CharField("定点机构编号", max_length=40)
    version = models.IntegerField("版次", default=0)

    class Meta:
        verbose_name = "案卷"

    def __str__(self) -> str:
        return self.finding_key


class _Kept(models.Model):
    """A row that is never removed; after it is written only `CHANGES` may change."""

    CHANGES: frozenset[str] = frozenset()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None and not set(kwargs.get("update_fields") or ("all",)) <= self.CHANGES:
            raise TypeError(f"{self._meta.verbose_name}不能修改")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(f"{self._meta.verbose_name}不能删除")


class Attachment(_Kept):
    """A file as it is kept (`keeping`). `sha256` of what is kept, `sha256_came` of what was sent: a picture is written
    anew. `lines` are charge lines it speaks of, none: of all. `shown` where the office lets the institution read it."""

    CHANGES = frozenset({"shown", "withdrawn_at", "withdrawn_by", "reason"})

    file = models.ForeignKey(CaseFile, verbose_name="案卷", on_delete=models.PROTECT, related_name="attachments")
    kind = models.CharField("材料", max_length=40)
    name = models.CharField("文件名", max_length=120)
    form = models.CharField("类型", max_length=8)
    size = models.IntegerField("大小")
    sha256 = models.CharField("保存散列", max_length=64)
    sha256_came = models.CharField("收到散列", max_length=64)
    lines = models.JSONField("费用明细", default=list)
    side = models.CharField("提交方", max_length=12, choices=Side.choices)
    shown = models.BooleanField("机构可见", default=False)
    brought_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="提交人", on_delete=models.PROTECT, related_name="+"
    )
    brought_at = models.DateTimeField("提交时间")
    withdrawn_at = models.DateTimeField("收回时间", null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="收回人", on_delete=models.PROTECT, related_name="+", null=True
    )
    reason = models.CharField("收回理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "附件"
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="evidence_withdrawn_by_someone",
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """How the papers of a step name it."""
        return f"FJ-{self.pk}"


class LinePaper(models.Model):
    """Whether a charge line (`WHOLE`: the finding) has a paper. Without a row nobody has said or brought anything.

    `attachment` is the file that settled it; none where a person said so.
    """

    class State(models.TextChoices):
        PRESENT = "present", "有"
        ABSENT = "absent", "确认没有"
        OPEN = "open", "未提供"

    file = models.ForeignKey(CaseFile, verbose_name="案卷", on_delete=models.PROTECT, related_name="papers")
    line = models.CharField("费用明细", max_length=80, blank=True)
    kind = models.CharField("材料", max_length=40)
    state = models.CharField("情况", max_length=8, choices=State.choices)
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, related_name="+", null=True)
    side = models.CharField("登记方", max_length=12, choices=Side.choices)
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    told_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "逐行材料"
        constraints = (models.UniqueConstraint(fields=["file", "line", "kind"], name="evidence_line_paper"),)

    def __str__(self) -> str:
        return f"{self.line} {self.kind} {self.state}"


class Comment(_Kept):
    """A note among the staff of the office; what was written stays, and may be struck out by its author."""

    CHANGES = frozenset({"struck_at"})

    file = models.ForeignKey(CaseFile, verbose_name="案卷", on_delete=models.PROTECT, related_name="comments")
    text = models.TextField("内容")
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="填写人", on_delete=models.PROTECT, related_name="+"
    )
    written_at = models.DateTimeField("填写时间")
    struck_at = models.DateTimeField("划去时间", null=True)

    class Meta:
        verbose_name = "内部备注"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.file_id}/{self.pk}"
