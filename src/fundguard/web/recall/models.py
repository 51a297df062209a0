"""A recall as proposed and confirmed, what became of each item, and the one paper that each institution was sent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q


def _person(label: str, **options: Any) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=label, on_delete=models.PROTECT, related_name="+", **options
    )


class Recall(models.Model):
    """`rule_version` and those before it are recalled in `region` and what lies below it. `points`: knowledge point →
    fingerprint of its content, empty for the whole rule. `first` to `last` limit it to conduct of these days."""

    class Outcome(models.TextChoices):
        PENDING = "pending", "待确认"
        CONFIRMED = "confirmed", "已确认"
        DECLINED = "declined", "未同意"

    rule_code = models.CharField("规则编码", max_length=8)
    rule_version = models.IntegerField("规则版本")
    points = models.JSONField("知识点", default=dict, blank=True)
    region = models.CharField("区划", max_length=6)
    first = models.DateField("发生日期从", null=True)
    last = models.DateField("到", null=True)
    reason = models.TextField("原因")
    proposed_by = _person("提出人")
    proposed_at = models.DateTimeField("提出时间", auto_now_add=True)
    outcome = models.CharField("确认结果", max_length=12, choices=Outcome.choices, default=Outcome.PENDING)
    decided_by = _person("确认人", null=True)
    decided_at = models.DateTimeField("确认时间", null=True)
    opinion = models.TextField("确认意见", blank=True)
    job = models.OneToOneField("jobs.Job", verbose_name="任务", on_delete=models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField("完成时间", null=True)

    class Meta:
        verbose_name = "规则撤回"
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["rule_code", "region"], condition=Q(outcome="pending"), name="recall_one_pending"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")), name="recall_second_person"
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"CH-{self.pk:06d}"


class Item(models.Model):
    """What became of an item: withdrawn, or barred for the reasons `codes`. Money in fen: `amount_fen` as it stood,
    `deducted_fen` given back in the month's clearing, `owed_fen` owed to the institution from now on."""

    class Outcome(models.TextChoices):
        WITHDRAWN = "withdrawn", "已撤回"
        BARRED = "barred", "未能撤回"

    recall = models.ForeignKey(Recall, verbose_name="撤回", on_delete=models.PROTECT, related_name="items")
    finding_key = models.CharField("疑点编号", max_length=32, db_index=True)
    rule_code = models.CharField("规则编码", max_length=8, db_index=True)
    region = models.CharField("区划", max_length=6)
    fixmedins_code = models.CharField("定点机构编号", max_length=40)
    institution_name = models.CharField("定点机构名称", max_length=200)
    state = models.CharField("撤回前环节", max_length=24)
    told = models.BooleanField("已告知机构")
    amount_fen = models.BigIntegerField("金额")
    deducted_fen = models.BigIntegerField("随清算返还", default=0)
    owed_fen = models.BigIntegerField("应返还", default=0)
    outcome = models.CharField("结果", max_length=12, choices=Outcome.choices)
    codes = models.CharField("未能撤回的原因", max_length=80, blank=True)

    class Meta:
        verbose_name = "撤回的疑点"
        constraints = (models.UniqueConstraint(fields=["recall", "finding_key"], name="recall_item_once"),)

    def __str__(self) -> str:
        return self.finding_key


class Letter(models.Model):
    """The one paper that an institution was sent."""

    recall = models.ForeignKey(Recall, verbose_name="撤回", on_delete=models.PROTECT, related_name="letters")
    region = models.CharField("区划", max_length=6)
    fixmedins_code = models.CharField("定点机构编号", max_length=40)
    paper = models.OneToOneField("papers.Paper", verbose_name="文书", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "撤回通知"
        constraints = (
            models.UniqueConstraint(fields=["recall", "region", "fixmedins_code"], name="recall_one_letter"),
        )

    def __str__(self) -> str:
        return f"{self.recall_id} {self.fixmedins_code}"
