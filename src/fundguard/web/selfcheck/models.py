"""Problem lists and campaigns of a bureau, reports of institutions, and what a drawn check found of them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


def _person(label: str, **options: bool) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=label, on_delete=models.PROTECT, related_name="+", **options
    )


class Audience(models.TextChoices):
    HOSPITAL = "hospital", "医疗机构"
    PHARMACY = "pharmacy", "零售药店"


class ProblemList(models.Model):
    """Problems in the bureau's own words. Once published it does not change; another edition is another list."""

    region = models.CharField("区划", max_length=6)
    title = models.CharField("名称", max_length=120)
    source = models.CharField("来源", max_length=300)
    created_by = _person("起草人")
    published_at = models.DateTimeField("发布时间", null=True)

    class Meta:
        verbose_name = "问题清单"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.title


class Problem(models.Model):
    """`number` is the source's. `evidence`: A charge lines show it, B records are needed too, C stock or equipment."""

    listed = models.ForeignKey(ProblemList, on_delete=models.PROTECT, related_name="problems")
    number = models.CharField("序号", max_length=10)
    field = models.CharField("领域", max_length=40)
    kind = models.CharField("类型", max_length=40)
    text = models.CharField("问题", max_length=300)
    evidence = models.CharField("证据级", max_length=10, blank=True)
    audience = models.CharField("适用", max_length=10, choices=Audience.choices)

    class Meta:
        verbose_name = "问题"
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["listed", "number"], name="selfcheck_problem_once"),)

    def __str__(self) -> str:
        return self.number


class Campaign(models.Model):
    """A published list, narrowed to fields, to be checked for a period of charges and reported by a day."""

    listed = models.ForeignKey(ProblemList, verbose_name="问题清单", on_delete=models.PROTECT, related_name="campaigns")
    region = models.CharField("区划", max_length=6)
    title = models.CharField("名称", max_length=120)
    fields = models.JSONField("领域", default=list)
    data_from = models.DateField("自查费用从")
    data_to = models.DateField("自查费用到")
    starts_on = models.DateField("自查开始")
    due_on = models.DateField("报告截止")
    published_by = _person("发布人")
    published_at = models.DateTimeField("发布时间")

    class Meta:
        verbose_name = "自查工作"
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(data_from__lte=F("data_to"), starts_on__lte=F("due_on")), name="selfcheck_days_in_order"
            ),
        )

    def __str__(self) -> str:
        return self.title


class Report(models.Model):
    """What one institution reports. `version` counts changes; a change after the sign-off takes the sign-off back."""

    class State(models.TextChoices):
        DRAFT = "draft", "填写中"
        SIGNED = "signed", "已签批，待提交"
        SUBMITTED = "submitted", "已提交"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="reports")
    fixmedins_code = models.CharField("定点机构编号", max_length=40)
    institution_name = models.CharField("定点机构", max_length=200, blank=True)
    region = models.CharField("区划", max_length=6)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)
    version = models.IntegerField("修改次数", default=0)
    prepared_by = _person("填写人")
    signed_by = _person("签批人", null=True)
    signed_as = models.CharField("签批依据", max_length=200, blank=True)
    signed_at = models.DateTimeField("签批时间", null=True)
    submitted_by = _person("提交人", null=True)
    submitted_at = models.DateTimeField("提交时间", null=True)

    class Meta:
        verbose_name = "自查报告"
        constraints = (models.UniqueConstraint(fields=["campaign", "fixmedins_code"], name="selfcheck_report_once"),)
        indexes = (models.Index(fields=["fixmedins_code"], name="selfcheck_institution"),)

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"ZC-{self.campaign_id:04d}-{self.pk:06d}"


class Reported(models.Model):
    """What was found of one problem. `amounts` fund account → fen to give back; `refs` settlement or line numbers, one
    a line. `before_detection`: as it was submitted the institution had been told of no finding on them."""

    class Outcome(models.TextChoices):
        NONE = "none", "已自查，未发现"
        FOUND = "found", "发现问题"
        NOT_APPLICABLE = "not_applicable", "本机构不涉及"

    class How(models.TextChoices):
        SETTLEMENTS = "settlements", "结算号"
        LINES = "lines", "费用明细流水号"
        PERIOD = "period", "期间和金额"

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="reported")
    problem = models.ForeignKey(Problem, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField("结果", max_length=16, choices=Outcome.choices)
    how = models.CharField("依据", max_length=12, choices=How.choices, blank=True)
    refs = models.TextField("编号", blank=True)
    first = models.DateField("从", null=True)
    last = models.DateField("到", null=True)
    amounts = models.JSONField("退回金额", default=dict)
    note = models.TextField("情况和整改", blank=True)
    before_detection = models.BooleanField("发现以前主动退回", null=True)

    class Meta:
        verbose_name = "自查结果"
        ordering = ("problem_id",)
        constraints = (models.UniqueConstraint(fields=["report", "problem"], name="selfcheck_reported_once"),)

    def __str__(self) -> str:
        return f"{self.report_id}/{self.problem_id}"

    @property
    def fen(self) -> int:
        return sum(self.amounts.values())


class SpotCheck(models.Model):
    """A drawn share of what was reported: frozen and its keyed hash told before the public value exists."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="spot_checks")
    source = models.CharField("公开数值的来源", max_length=200)
    keys = models.JSONField("名单")
    size = models.IntegerField("抽取数量")
    commitment = models.CharField("名单散列", max_length=64)
    hash_key = models.CharField("散列密钥", max_length=64)
    frozen_at = models.DateTimeField("封存时间")
    public_value = models.CharField("公开数值", max_length=200, blank=True)
    known_at = models.DateTimeField("公开时间", null=True)
    seed = models.CharField("种子", max_length=64, blank=True)

    class Meta:
        verbose_name = "自查抽查"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.pk}"


class Checked(models.Model):
    """A drawn result, verified: whether what was reported holds."""

    class Outcome(models.TextChoices):
        HOLDS = "holds", "与自查结果一致"
        AMOUNT = "amount", "金额不符"
        HIDDEN = "hidden", "隐瞒未报"

    spot_check = models.ForeignKey(SpotCheck, on_delete=models.PROTECT, related_name="checked")
    place = models.IntegerField("次序")
    reported = models.ForeignKey(Reported, on_delete=models.PROTECT, related_name="checked")
    outcome = models.CharField("抽查结果", max_length=10, choices=Outcome.choices, blank=True)
    note = models.TextField("核查情况", blank=True)
    checked_by = _person("核查人", null=True)
    checked_at = models.DateTimeField("核查时间", null=True)

    class Meta:
        verbose_name = "抽查事项"
        ordering = ("spot_check", "place")
        constraints = (models.UniqueConstraint(fields=["spot_check", "reported"], name="selfcheck_drawn_once"),)

    def __str__(self) -> str:
        return f"{self.spot_check_id}/{self.place}"
