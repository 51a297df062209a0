"""The scorecard's own table, made anew by the worker, and drafts of narrower rules for the rule base."""

from __future__ import annotations

from django.conf import settings
from django.db import models

#: Figures of a tally, in the order of pages.
FIGURES = (
    "hits", "reviewed", "upheld", "dismissed", "lost", "recalled", "withdrawn",
    "seconds", "found_fen", "determined_fen", "recovered_fen",
)  # fmt: skip


class Counting(models.Model):
    """One making of the table."""

    made_at = models.DateTimeField("统计时间")
    findings = models.BigIntegerField("疑点数")
    milliseconds = models.IntegerField("用时（毫秒）")

    class Meta:
        verbose_name = "规则记分统计"

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M}"


class Tally(models.Model):
    """What became of the findings that were made in one month: by rule, place of treatment, kind (first letter of the
    institution's code: H hospital, P pharmacy) and level of the institution. Figures are sums, so they may be added."""

    month = models.DateField("发现月份")
    rule_code = models.CharField("规则编码", max_length=8)
    region = models.CharField("区划", max_length=6)
    kind = models.CharField("机构类别", max_length=1)
    level = models.CharField("机构等级", max_length=4)
    hits = models.BigIntegerField("命中", default=0)
    reviewed = models.BigIntegerField("已审查", default=0)
    upheld = models.BigIntegerField("成立", default=0)
    dismissed = models.BigIntegerField("审查不成立", default=0)
    lost = models.BigIntegerField("申诉后不成立", default=0)
    recalled = models.BigIntegerField("因规则撤回", default=0)
    withdrawn = models.BigIntegerField("因数据撤回", default=0)
    seconds = models.BigIntegerField("审查用时（秒）", default=0)
    found_fen = models.BigIntegerField("发现金额", default=0)
    determined_fen = models.BigIntegerField("认定金额", default=0)
    recovered_fen = models.BigIntegerField("追回金额", default=0)

    class Meta:
        verbose_name = "规则记分"
        constraints = (
            models.UniqueConstraint(fields=["month", "rule_code", "region", "kind", "level"], name="scorecard_group"),
        )
        indexes = (models.Index(fields=["region", "month"], name="scorecard_region"),)

    def __str__(self) -> str:
        return f"{self.rule_code} {self.month:%Y-%m} {self.region}"


class Narrowing(models.Model):
    """A draft, never applied by itself: findings of the rule with this feature are mostly rejected. `condition` is the
    exclusion as data, `evidence` the keys of rejected findings, `region` the city."""

    class State(models.TextChoices):
        OPEN = "open", "待审核"
        ACCEPTED = "accepted", "采纳，待修改规则"
        DECLINED = "declined", "不采纳"

    region = models.CharField("统筹区", max_length=6)
    rule_code = models.CharField("规则编码", max_length=8)
    rule_version = models.IntegerField("规则版本")
    feature = models.CharField("特征", max_length=20)
    value = models.TextField("特征值")
    value_hash = models.CharField("特征值散列", max_length=32)
    condition = models.JSONField("条件")
    rejected = models.IntegerField("不成立")
    reviewed = models.IntegerField("有结论")
    evidence = models.JSONField("疑点")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPEN)
    opinion = models.CharField("审核意见", max_length=500, blank=True)
    drafted_at = models.DateTimeField("起草时间")
    decided_at = models.DateTimeField("审核时间", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="审核人", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = "规则收窄建议"
        constraints = (
            models.UniqueConstraint(
                fields=["region", "rule_code", "feature", "value_hash"], name="scorecard_narrowing_once"
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"SZ-{self.pk:05d}"
