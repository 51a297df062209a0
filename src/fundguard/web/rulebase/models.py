"""Versions of rules, decisions where each is in force, what-ifs over the history, keys that packs are signed by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q


def _person(label: str, **options: Any) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=label, on_delete=models.PROTECT, related_name="+", **options
    )


class Version(models.Model):
    """A rule as data; it never changes once it is written. `data` is what a rule file holds, `points` the lines of its
    own knowledge, `region` the division whose work it is (empty: it ships with the product)."""

    class Origin(models.TextChoices):
        SHIPPED = "shipped", "随软件提供"
        FORM = "form", "本地填写"
        PACK = "pack", "规则包"
        NARROWING = "narrowing", "收窄建议"

    rule_code = models.CharField("规则编码", max_length=8)
    number = models.IntegerField("版本")
    region = models.CharField("区划", max_length=6, blank=True)
    origin = models.CharField("来源", max_length=10, choices=Origin.choices)
    source = models.CharField("来源编号", max_length=60, blank=True)
    data = models.JSONField("内容")
    points = models.TextField("知识点", blank=True)
    examples = models.TextField("示例", blank=True)
    content_hash = models.CharField("内容散列", max_length=32)
    note = models.CharField("说明", max_length=500, blank=True)
    made_by = _person("起草人", null=True)
    made_at = models.DateTimeField("起草时间", auto_now_add=True)

    class Meta:
        verbose_name = "规则版本"
        ordering = ("rule_code", "-number")
        constraints = (models.UniqueConstraint(fields=["rule_code", "number"], name="rulebase_version_once"),)

    def __str__(self) -> str:
        return f"{self.rule_code} 第 {self.number} 版"

    @property
    def name(self) -> str:
        return str(self.data["name"])


class Placement(models.Model):
    """Somebody's proposal where a version is to be in force, and a second person's word. Confirmed ones are never
    changed: of those that cover a region the latest holds."""

    class Act(models.TextChoices):
        TRIAL = "trial", "试运行"
        END_TRIAL = "end_trial", "结束试运行"
        PUBLISH = "publish", "发布"
        RETIRE = "retire", "停用"

    class Outcome(models.TextChoices):
        PENDING = "pending", "待审批"
        CONFIRMED = "confirmed", "已同意"
        DECLINED = "declined", "未同意"

    rule_code = models.CharField("规则编码", max_length=8, db_index=True)
    version = models.ForeignKey(Version, verbose_name="版本", on_delete=models.PROTECT, related_name="placements")
    act = models.CharField("事项", max_length=10, choices=Act.choices)
    back = models.BooleanField("回退", default=False)
    region = models.CharField("区划", max_length=6)
    institutions = models.JSONField("定点机构", default=list, blank=True)
    reason = models.TextField("理由")
    proposed_by = _person("提出人")
    proposed_at = models.DateTimeField("提出时间", auto_now_add=True)
    outcome = models.CharField("审批结果", max_length=10, choices=Outcome.choices, default=Outcome.PENDING)
    decided_by = _person("审批人", null=True)
    decided_at = models.DateTimeField("审批时间", null=True)
    opinion = models.CharField("审批意见", max_length=500, blank=True)

    class Meta:
        verbose_name = "规则状态变更"
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["rule_code", "region"], condition=Q(outcome="pending"), name="rulebase_one_pending"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")), name="rulebase_second_person"
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"GZ-{self.pk:05d}"

    @property
    def act_said(self) -> str:
        return "回退" if self.back else self.get_act_display()


class WhatIf(models.Model):
    """The same data under the rules as they are and as changed. `told` is the comparison; the files below `path` may be
    cleared away. `versions` are compared with what is in force, `settings` change it as text `N31.days=30`."""

    class Kind(models.TextChoices):
        WHAT_IF = "what_if", "试算"
        TRIAL = "trial", "试运行"
        REPLAY = "replay", "回放"

    kind = models.CharField("类别", max_length=8, choices=Kind.choices)
    folder = models.CharField("文件夹", max_length=60, unique=True)
    job = models.OneToOneField("jobs.Job", verbose_name="任务", on_delete=models.PROTECT, related_name="+")
    region = models.CharField("区划", max_length=6)
    rules = models.JSONField("规则", default=list)
    settings = models.JSONField("改变的参数", default=list, blank=True)
    versions = models.ManyToManyField(Version, verbose_name="试算的版本", related_name="what_ifs")
    proposal = models.CharField("知识库版本", max_length=60, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    created_by = _person("发起人", null=True)
    created_at = models.DateTimeField("发起时间", auto_now_add=True)
    finished_at = models.DateTimeField("完成时间", null=True)
    told = models.JSONField("结果", default=dict, blank=True)

    class Meta:
        verbose_name = "规则试算"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"SS-{self.pk:05d}"

    @property
    def path(self) -> Path:
        """Apart from the runs, whose findings are published."""
        return settings.DATA / "what-ifs" / self.folder

    @property
    def blocked(self) -> bool:
        """It would accuse again what people rejected, or lose what they upheld."""
        judged = (self.told.get("total") or {}).get("judged") or {}
        return bool(judged.get("false_new") or judged.get("true_lost"))


class PackKey(models.Model):
    """A public key whose packs are opened, once a second person has confirmed it."""

    public_key = models.CharField("公钥", max_length=64, unique=True)
    issuer = models.CharField("发布单位", max_length=100)
    proposed_by = _person("登记人")
    proposed_at = models.DateTimeField("登记时间", auto_now_add=True)
    confirmed_by = _person("确认人", null=True)
    confirmed_at = models.DateTimeField("确认时间", null=True)

    class Meta:
        verbose_name = "规则包公钥"
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")), name="rulebase_key_second_person"
            ),
        )

    def __str__(self) -> str:
        return self.issuer
