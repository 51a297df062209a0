"""That one institution answers for another, from a day and up to one, and on what that rests."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Unit(models.Model):
    """`head_code` answers for `unit_code` on the days `since` to `until`, both included; without `until` until told
    otherwise. A unit has one head on a day (`services.register` asks, holding the unit's rows)."""

    class Kind(models.TextChoices):
        CHAIN = "chain", "连锁总部与门店"
        TOWNSHIP = "township", "乡镇卫生院与村卫生室"

    head_code = models.CharField("答复机构编号", max_length=40)
    unit_code = models.CharField("单位编号", max_length=40)
    head_name = models.CharField("答复机构", max_length=200)
    unit_name = models.CharField("单位", max_length=200)
    kind = models.CharField("关系", max_length=10, choices=Kind.choices)
    region = models.CharField("单位区划", max_length=6)
    since = models.DateField("从")
    until = models.DateField("到", null=True, blank=True)
    basis = models.CharField("依据", max_length=200)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "代为答复"
        ordering = ("head_code", "unit_code", "-since")
        constraints = (
            models.CheckConstraint(condition=~Q(head_code=F("unit_code")), name="units_not_itself"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="units_days_in_order"),
            models.UniqueConstraint(fields=["unit_code"], condition=Q(until=None), name="units_one_head_open"),
            models.UniqueConstraint(fields=["unit_code", "since"], name="units_one_head_a_day"),
        )
        indexes = (models.Index(fields=["head_code", "since"], name="units_head"),)

    def __str__(self) -> str:
        return f"{self.head_code} → {self.unit_code}"
