"""What somebody states of a finding whose loss lies on no settlement: which fund account lost how much, and why."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q


def _person(label: str, **options: Any) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=label, on_delete=models.PROTECT, related_name="+", **options
    )


class Allocation(models.Model):
    """`amounts`: fund account → fen, empty where the funds lost nothing. It speaks of one evidence (`finding_id`):
    with other evidence it must be stated anew. The newest approved one counts."""

    class Outcome(models.TextChoices):
        PENDING = "pending", "待审批"
        APPROVED = "approved", "已同意"
        DECLINED = "declined", "未同意"

    finding_key = models.CharField("疑点编号", max_length=32, db_index=True)
    finding_id = models.CharField("证据编号", max_length=32)
    region = models.CharField("区划", max_length=6)
    amounts = models.JSONField("各账户金额")
    ground = models.TextField("依据")
    proposed_by = _person("填写人")
    proposed_at = models.DateTimeField("填写时间", auto_now_add=True)
    outcome = models.CharField("审批结果", max_length=12, choices=Outcome.choices, default=Outcome.PENDING)
    decided_by = _person("审批人", null=True)
    decided_at = models.DateTimeField("审批时间", null=True)
    opinion = models.TextField("审批意见", blank=True)

    class Meta:
        verbose_name = "基金账户说明"
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["finding_key"], condition=Q(outcome="pending"), name="allocations_one_pending"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")), name="allocations_second_person"
            ),
        )

    def __str__(self) -> str:
        return f"{self.finding_key[:10]} {self.pk}"

    @property
    def fen(self) -> int:
        return sum(self.amounts.values())
