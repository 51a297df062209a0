"""Demands, their book and what was proposed. Bookings, lines and instalments are only ever added; a balance is the sum
of its lines, kept beside them so that the database itself refuses an amount below zero or beyond the determined one."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fundguard.web.fund.book import ACTS, SIDES, Balance


class _AppendOnlyRows(models.QuerySet):
    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("账目只能追加，不能修改")

    def delete(self) -> NoReturn:
        raise TypeError("账目只能追加，不能删除")


class _AppendOnly(models.Model):
    objects = _AppendOnlyRows.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("账目只能追加，不能修改")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("账目只能追加，不能删除")


def _person(label: str, **options: Any) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=label, on_delete=models.PROTECT, related_name="+", null=True, **options
    )


class Demand(models.Model):
    """What one determination asks one institution for. Its source (`finding_key`: a finding's key, or whatever key
    `source_kind` has) has at most one `standing` demand, of which not all was reversed, so the same money is recovered
    once. `suspended`: its determination is being corrected. `state` and `open_fen` (of the funds) are for lists."""

    class Source(models.TextChoices):
        FINDING = "finding", "疑点"
        SELF_CHECK = "self_check", "自查自纠"

    class State(models.TextChoices):
        OPEN = "open", "未结清"
        OWED = "owed", "应返还机构"
        SETTLED = "settled", "已结清"
        REVERSED = "reversed", "已撤销"

    class Way(models.TextChoices):
        REFUND = "refund", "机构退回"
        NEXT_SETTLEMENT = "next_settlement", "下次结算扣减"

    finding_key = models.CharField("来源编号", max_length=64)
    source_kind = models.CharField("来源", max_length=12, choices=Source.choices, default=Source.FINDING)
    decision = models.CharField("认定文书号", max_length=80)
    region = models.CharField("区划", max_length=6)
    fixmedins_code = models.CharField("定点机构编号", max_length=40)
    institution_name = models.CharField("定点机构名称", max_length=200)
    decided_on = models.DateField("认定日期")
    deadline_key = models.CharField("期限参数", max_length=60)
    due_on = models.DateField("应退日期")
    due_flag = models.CharField("期限标注", max_length=20, blank=True)
    way = models.CharField("追回方式", max_length=16, choices=Way.choices, blank=True)
    suspended = models.BooleanField("暂停追回", default=False)
    standing = models.BooleanField("有效", default=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPEN)
    open_fen = models.BigIntegerField("未追回的基金金额", default=0)
    created_by = _person("登记人")
    created_at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        verbose_name = "追回事项"
        constraints = (
            models.UniqueConstraint(fields=["finding_key"], condition=Q(standing=True), name="fund_one_standing"),
        )
        indexes = (
            models.Index(fields=["region", "state", "due_on"], name="fund_region_due"),
            models.Index(fields=["due_on"], name="fund_due"),
            models.Index(fields=["open_fen"], name="fund_open"),
            models.Index(fields=["fixmedins_code", "due_on"], name="fund_institution_due"),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"ZH-{self.pk:08d}"

    @property
    def source(self) -> str:
        return self.Source(self.source_kind).label


class Standing(models.Model):
    """`book.Balance` of a demand and fund account; one column a side, in fen."""

    demand = models.ForeignKey(Demand, verbose_name="追回事项", on_delete=models.PROTECT, related_name="standings")
    account = models.CharField("基金账户", max_length=20)
    open = models.BigIntegerField("未追回")
    refusal_of_payment = models.BigIntegerField("已拒付")
    repaid = models.BigIntegerField("已退回")
    written_off = models.BigIntegerField("已核销")
    determined = models.BigIntegerField("认定")
    owed_back = models.BigIntegerField("应返还机构")
    given_back = models.BigIntegerField("已返还机构")

    class Meta:
        verbose_name = "基金账户余额"
        constraints = (
            models.UniqueConstraint(fields=["demand", "account"], name="fund_one_account"),
            models.CheckConstraint(condition=Q(**{f"{side}__gte": 0 for side in SIDES}), name="fund_not_negative"),
            models.CheckConstraint(
                condition=Q(
                    determined=F("open")
                    + F("refusal_of_payment")
                    + F("repaid")
                    + F("written_off")
                    - F("owed_back")
                    - F("given_back")
                ),
                name="fund_even",
            ),
            models.CheckConstraint(
                condition=Q(refusal_of_payment__gte=F("owed_back") + F("given_back") - F("repaid")),
                name="fund_returned_was_received",
            ),
        )
        indexes = (models.Index(fields=["demand"], condition=Q(owed_back__gt=0), name="fund_owed"),)

    def __str__(self) -> str:
        return f"{self.demand_id} {self.account}"

    @property
    def balance(self) -> Balance:
        return Balance(**{side: getattr(self, side) for side in SIDES})


class Settlement(models.Model):
    """A settlement that some demand asks money of: locked while what it still has is shared out."""

    setl_id = models.CharField("结算ID", max_length=80, primary_key=True)

    class Meta:
        verbose_name = "追回涉及的结算"

    def __str__(self) -> str:
        return self.setl_id


class Portion(models.Model):
    """What a demand asks of one settlement and fund account now, in fen; a reversal lowers it. Where a demand has
    portions they add up, by account, to what stands determined."""

    demand = models.ForeignKey(Demand, verbose_name="追回事项", on_delete=models.PROTECT, related_name="portions")
    setl = models.ForeignKey(Settlement, verbose_name="结算", on_delete=models.PROTECT, related_name="portions")
    account = models.CharField("基金账户", max_length=20)
    fen = models.BigIntegerField("金额")

    class Meta:
        verbose_name = "按结算分摊"
        constraints = (
            models.UniqueConstraint(fields=["demand", "setl", "account"], name="fund_one_portion"),
            models.CheckConstraint(condition=Q(fen__gte=0), name="fund_portion_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.setl_id} {self.account} {self.fen}"


class Proposal(models.Model):
    """What needs a second person: a write-off, a plan of instalments, a correction of a booking."""

    class Outcome(models.TextChoices):
        PENDING = "pending", "待审批"
        APPROVED = "approved", "已同意"
        DECLINED = "declined", "未同意"

    demand = models.ForeignKey(Demand, verbose_name="追回事项", on_delete=models.PROTECT, related_name="proposals")
    kind = models.CharField("类别", max_length=20)
    content = models.JSONField("内容")
    reason = models.TextField("理由")
    proposed_by = _person("提出人")
    proposed_at = models.DateTimeField("提出时间", auto_now_add=True)
    outcome = models.CharField("审批结果", max_length=12, choices=Outcome.choices, default=Outcome.PENDING)
    decided_by = _person("审批人", blank=True)
    decided_at = models.DateTimeField("审批时间", null=True)
    opinion = models.TextField("审批意见", blank=True)

    class Meta:
        verbose_name = "审批事项"
        constraints = (
            models.UniqueConstraint(
                fields=["demand", "kind"], condition=Q(outcome="pending"), name="fund_one_pending_proposal"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")), name="fund_second_person"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Booking(_AppendOnly):
    """One act. `effective_on` is the day the money counts (received, deducted, decided); the month's files go by it,
    or by `carried_to` where that month was closed already (`closing`)."""

    demand = models.ForeignKey(Demand, verbose_name="追回事项", on_delete=models.PROTECT, related_name="bookings")
    act = models.CharField("事项", max_length=20, choices=[(act.code, act.name) for act in ACTS.values()])
    effective_on = models.DateField("发生日期", db_index=True)
    carried_to = models.DateField("计入日期", null=True)
    voucher = models.CharField("凭证号", max_length=80, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)
    voids = models.OneToOneField(
        "self", verbose_name="冲正的账目", on_delete=models.PROTECT, related_name="voided_by", null=True
    )
    proposal = models.ForeignKey(Proposal, verbose_name="审批事项", on_delete=models.PROTECT, null=True)
    actor = _person("办理人")
    at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        verbose_name = "账目"
        constraints = (
            models.UniqueConstraint(
                fields=["demand", "act", "voucher"], condition=~Q(voucher="") & Q(voids=None), name="fund_voucher_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_act_display()} {self.pk}"


class Line(_AppendOnly):
    """One side of a booking: debit positive, credit negative, in fen. The lines of a booking and account sum to 0."""

    booking = models.ForeignKey(Booking, verbose_name="账目", on_delete=models.PROTECT, related_name="lines")
    account = models.CharField("基金账户", max_length=20)
    side = models.CharField("科目", max_length=20, choices=list(SIDES.items()))
    fen = models.BigIntegerField("金额")

    class Meta:
        verbose_name = "分录"
        constraints = (models.CheckConstraint(condition=~Q(fen=0), name="fund_line_not_zero"),)

    def __str__(self) -> str:
        return f"{self.account} {self.side} {self.fen}"


class Instalment(_AppendOnly):
    """A part of an approved plan; the newest approved plan of a demand is in force."""

    proposal = models.ForeignKey(
        Proposal, verbose_name="分期计划", on_delete=models.PROTECT, related_name="instalments"
    )
    due_on = models.DateField("应退日期")
    fen = models.BigIntegerField("金额")

    class Meta:
        verbose_name = "分期"
        constraints = (models.CheckConstraint(condition=Q(fen__gt=0), name="fund_instalment_positive"),)
        ordering = ("due_on", "pk")

    def __str__(self) -> str:
        return f"{self.due_on} {self.fen}"


class Close(models.Model):
    """A month of one division and those below it, closed by two people: `totals` are its sums as it was closed, fund
    account → act → fen. What is booked later for a day of it or before counts in the first month still open."""

    region = models.CharField("区划", max_length=6)
    month = models.DateField("月份")  # its first day
    proposed_by = _person("提请人")
    proposed_at = models.DateTimeField("提请时间", auto_now_add=True)
    closed_by = _person("关账人", blank=True)
    closed_at = models.DateTimeField("关账时间", null=True)
    totals = models.JSONField("合计", default=dict)

    class Meta:
        verbose_name = "月度关账"
        ordering = ("-month", "region")
        constraints = (
            models.UniqueConstraint(fields=["region", "month"], name="fund_month_closed_once"),
            models.CheckConstraint(
                condition=Q(closed_by=None) | ~Q(closed_by=F("proposed_by")), name="fund_month_second_person"
            ),
        )

    def __str__(self) -> str:
        return f"{self.region} {self.month:%Y-%m}"
