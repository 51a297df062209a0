"""A version of the knowledge as it was handed in and signed, what is disputed of a point, catalogues of codes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models


def _person(label: str, **options: Any) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=label, on_delete=models.PROTECT, related_name="+", **options
    )


class Proposal(models.Model):
    """`folder` below the knowledge folder holds its tables, `content_hash` is theirs; `base` the knowledge that it was
    compared with, `changes` what differs, as the signers read it. `version` is its number in the division, once it is
    published."""

    class Form(models.TextChoices):
        OFFICIAL = "official", "官方工作簿"
        TEMPLATE = "template", "平台模板"
        FOLDER = "folder", "CSV 压缩包"

    class State(models.TextChoices):
        OPEN = "open", "待签署"
        SIGNED = "signed", "已签署，待发布"
        PUBLISHED = "published", "已发布"
        REJECTED = "rejected", "已退回"

    form = models.CharField("形式", max_length=12, choices=Form.choices)
    title = models.CharField("名称", max_length=120)
    region = models.CharField("区划", max_length=6)
    batch = models.CharField("批次", max_length=60)
    valid_from = models.DateField("适用起始日")
    rule_code = models.CharField("规则编码", max_length=8, blank=True)
    whole = models.BooleanField("整份清单", default=False)
    reason = models.TextField("说明")
    file_hash = models.CharField("文件摘要", max_length=64)
    folder = models.CharField("文件夹", max_length=60, unique=True)
    content_hash = models.CharField("内容摘要", max_length=32)
    base = models.CharField("比较的知识库", max_length=16)
    changes = models.JSONField("变化", default=list)
    counts = models.JSONField("变化数", default=dict)
    same = models.IntegerField("未变", default=0)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.OPEN)
    author = _person("提出人")
    created_at = models.DateTimeField("提出时间", auto_now_add=True)
    closed_by = _person("办结人", null=True)
    closed_at = models.DateTimeField("办结时间", null=True)
    closing = models.TextField("退回理由", blank=True)
    version = models.IntegerField("版本", null=True)

    class Meta:
        verbose_name = "知识库版本"
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["region", "version"],
                condition=models.Q(version__isnull=False),
                name="knowledge_version_once",
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"ZS-{self.pk:06d}"

    @property
    def path(self) -> Path:
        return settings.KNOWLEDGE / "proposals" / self.folder


class Signature(models.Model):
    """One of the two signatures of a version."""

    proposal = models.ForeignKey(Proposal, verbose_name="版本", on_delete=models.PROTECT, related_name="signatures")
    person = _person("签署人")
    at = models.DateTimeField("签署时间", auto_now_add=True)
    opinion = models.TextField("意见", blank=True)

    class Meta:
        verbose_name = "知识库版本签署"
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["proposal", "person"], name="knowledge_signature_once"),)

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.person_id}"


class Dispute(models.Model):
    """Somebody doubts a point; `institution` where an institution said so."""

    class State(models.TextChoices):
        OPEN = "open", "待答复"
        ANSWERED = "answered", "已答复"

    point_id = models.CharField("知识点编号", max_length=30, db_index=True)
    rule_code = models.CharField("规则编码", max_length=8)
    region = models.CharField("区划", max_length=6)
    institution = models.BooleanField("机构提出", default=False)
    reason = models.TextField("理由")
    raised_by = _person("提出人")
    raised_at = models.DateTimeField("提出时间", auto_now_add=True)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.OPEN)
    answer = models.TextField("答复", blank=True)
    answered_by = _person("答复人", null=True)
    answered_at = models.DateTimeField("答复时间", null=True)

    class Meta:
        verbose_name = "知识点异议"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"YY-{self.pk:06d}"


class Catalogue(models.Model):
    """One import of a catalogue of codes; the latest of a kind is in use. `file` lies below the knowledge folder."""

    class Kind(models.TextChoices):
        DRUG = "drug", "药品"
        ITEM = "item", "医疗服务项目"
        CONSUMABLE = "consumable", "医用耗材"
        DIAGNOSIS = "diagnosis", "疾病诊断"

    kind = models.CharField("目录", max_length=12, choices=Kind.choices)
    number = models.IntegerField("版本")
    title = models.CharField("名称", max_length=120)
    day = models.DateField("目录日期")
    rows = models.IntegerField("编码数")
    added = models.IntegerField("新增")
    changed = models.IntegerField("更名")
    gone = models.IntegerField("删除")
    file = models.CharField("文件", max_length=80)
    content_hash = models.CharField("内容摘要", max_length=64)
    made_by = _person("导入人")
    made_at = models.DateTimeField("导入时间", auto_now_add=True)

    class Meta:
        verbose_name = "编码目录"
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=["kind", "number"], name="knowledge_catalogue_once"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"
