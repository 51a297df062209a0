"""Where each item stands, the papers of its steps, notices, and who stands in for whom. The history is the ledger."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from fundguard.workflows.parts import State, Workflow
from fundguard.workflows.regions import VARIANTS


class StateRow(models.Model):
    """One row for each (workflow, object): everything but `assignee` is derived from the history and the evidence.

    `variant` is the region of the literal it began with. `version` counts steps; `request` is the form that took the
    last one. `lines` are the accused charge lines with their fen, `point` the knowledge points, `evidence_id` the
    finding's id, all of the latest evidence. `score` is expected fen per review hour, `lot` a number that the key alone
    decides (for the random slice). `due_at` is the first late instant of the earliest term; none while it is paused.
    """

    workflow = models.CharField("流程", max_length=20)
    variant = models.CharField("地区做法", max_length=6, blank=True)
    object_id = models.CharField("对象编号", max_length=32)
    state = models.CharField("环节", max_length=24)
    version = models.IntegerField("步数", default=0)
    request = models.CharField("提交编号", max_length=36, blank=True)
    region = models.CharField("区划", max_length=6)
    fixmedins_code = models.CharField("定点机构编号", max_length=40)
    rule_code = models.CharField("规则编码", max_length=8)
    point = models.TextField("知识点", blank=True)
    verdict = models.CharField("结果类型", max_length=8)
    subject_kind = models.CharField("对象类别", max_length=24)
    evidence_id = models.CharField("证据编号", max_length=32)
    amount_fen = models.BigIntegerField("发现金额")
    counted_fen = models.BigIntegerField("计入合计金额")
    amount_now_fen = models.BigIntegerField("目前金额")
    lines = models.JSONField("费用明细", default=dict)
    told = models.CharField("最近变化", max_length=40, blank=True)
    score = models.BigIntegerField("每小时预期金额", default=0)
    lot = models.BigIntegerField("签号", default=0)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="经办人", on_delete=models.PROTECT, null=True, related_name="+"
    )
    entered_at = models.DateTimeField("进入环节时间")
    due_at = models.DateTimeField("期限", null=True)
    due_term = models.CharField("期限名称", max_length=40, blank=True)
    due_flag = models.CharField("期限说明", max_length=40, blank=True)

    class Meta:
        verbose_name = "办理状态"
        constraints = (models.UniqueConstraint(fields=["workflow", "object_id"], name="desk_object"),)
        indexes = (
            models.Index(fields=["workflow", "state", "-score", "id", "region"], name="desk_queue"),
            models.Index(fields=["region", "state"], name="desk_region"),
            models.Index(fields=["assignee", "state"], name="desk_assignee"),
            models.Index(fields=["due_at", "workflow", "state", "region", "counted_fen"], name="desk_due_sums"),
            models.Index(fields=["request"], name="desk_request"),
            models.Index(fields=["state", "lot"], name="desk_lot"),
            models.Index(fields=["fixmedins_code", "rule_code", "state"], name="desk_same"),
            models.Index(fields=["workflow", "fixmedins_code", "state", "region", "counted_fen"], name="desk_place"),
        )

    def __str__(self) -> str:
        return self.object_id

    @property
    def flow(self) -> Workflow:
        return VARIANTS[self.workflow, self.variant]

    @property
    def stands(self) -> State:
        return self.flow.state_by_code[self.state]


class StateCount(models.Model):
    """A difference that a statement made to the number and the counted fen of state rows in one place; triggers of the
    database write it (`core.sums`). The sum over a place is what stands there (`desk.counting`)."""

    workflow = models.CharField("流程", max_length=20)
    region = models.CharField("区划", max_length=6)
    state = models.CharField("环节", max_length=24)
    rule_code = models.CharField("规则编码", max_length=8)
    verdict = models.CharField("结果类型", max_length=8)
    assigned = models.BooleanField("已分派")
    number = models.BigIntegerField("条数")
    fen = models.BigIntegerField("计入合计金额")

    class Meta:
        verbose_name = "环节合计"

    def __str__(self) -> str:
        return f"{self.region} {self.state} {self.number:+}"


class StepPaper(models.Model):
    """A text brought with the step that led to `version`; the ledger holds its keyed digest."""

    row = models.ForeignKey(StateRow, on_delete=models.PROTECT, related_name="papers")
    version = models.IntegerField("步数")
    code = models.CharField("材料", max_length=40)
    text = models.TextField("内容")

    class Meta:
        verbose_name = "办理材料"
        constraints = (models.UniqueConstraint(fields=["row", "version", "code"], name="desk_paper"),)

    def __str__(self) -> str:
        return f"{self.row_id}/{self.version}/{self.code}"


class Notice(models.Model):
    """What an institution is told of an item. A revoked notice stays, with the moment it lost force."""

    row = models.ForeignKey(StateRow, on_delete=models.PROTECT, related_name="notices")
    version = models.IntegerField("步数")
    number = models.CharField("文号", max_length=40, unique=True)
    title = models.CharField("标题", max_length=60)
    text = models.TextField("正文")
    fixmedins_code = models.CharField("定点机构编号", max_length=40, db_index=True)
    sent_at = models.DateTimeField("发出时间")
    revoked_at = models.DateTimeField("撤回时间", null=True)

    class Meta:
        verbose_name = "告知文书"

    def __str__(self) -> str:
        return self.number


class Substitution(models.Model):
    """`principal` is away, both days included; `substitute` holds the principal's posts as well."""

    principal = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    substitute = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateField("从")
    until = models.DateField("到")

    class Meta:
        verbose_name = "请假代办"
        ordering = ("-since", "-pk")

    def __str__(self) -> str:
        return f"{self.principal} → {self.substitute}"


class Capacity(models.Model):
    """Minutes that a person has for reviewing on a working day; without a row `order.DAY_MINUTES`."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    minutes = models.PositiveSmallIntegerField("每日分钟")

    class Meta:
        verbose_name = "每日办理时间"

    def __str__(self) -> str:
        return f"{self.person} {self.minutes}"


class Recusal(models.Model):
    """A conflict of interest: the person takes no step on any item of the institution."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    fixmedins_code = models.CharField("定点机构编号", max_length=40)
    reason = models.CharField("原因", max_length=200)
    declared_at = models.DateTimeField("声明时间", auto_now_add=True)

    class Meta:
        verbose_name = "回避"
        constraints = (models.UniqueConstraint(fields=["person", "fixmedins_code"], name="desk_recused_once"),)

    def __str__(self) -> str:
        return f"{self.person} / {self.fixmedins_code}"


class BulkStep(models.Model):
    """One step over everything that matched a filter. `cursor` is the last row looked at, written with its batch: a
    job that died goes on behind it. `refused` counts rows by the codes that barred them. `continues` is the one that
    this one went on with, `takes_back` the one whose items it takes back."""

    job = models.OneToOneField("jobs.Job", verbose_name="任务", on_delete=models.PROTECT, related_name="bulk_step")
    verb = models.CharField("事项", max_length=40)
    papers = models.JSONField("材料", default=dict)
    wanted = models.JSONField("范围", default=dict)
    cursor = models.BigIntegerField("已到", default=0)
    total = models.IntegerField("总数")
    taken = models.IntegerField("已办", default=0)
    taken_fen = models.BigIntegerField("已办金额", default=0)
    refused = models.JSONField("未办", default=dict)
    continues = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    takes_back = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="undone")

    class Meta:
        verbose_name = "批量办理"

    def __str__(self) -> str:
        return f"{self.verb} {self.taken}/{self.total}"


class Draw(models.Model):
    """A sample review: the frozen list, what was published of it, and, once the public value is known, the seed.

    `keys` is the list, `hash_key` the secret of its commitment (hex); both may be shown once the seed is known.
    """

    region = models.CharField("区划", max_length=6)
    source = models.CharField("公开数值的来源", max_length=200)
    share_e4 = models.IntegerField("比例（万分之）")
    keys = models.JSONField("名单")
    size = models.IntegerField("抽取数量")
    commitment = models.CharField("名单散列", max_length=64)
    hash_key = models.CharField("散列密钥", max_length=64)
    frozen_at = models.DateTimeField("封存时间")
    public_value = models.CharField("公开数值", max_length=200, blank=True)
    known_at = models.DateTimeField("公开时间", null=True)
    seed = models.CharField("种子", max_length=64, blank=True)

    class Meta:
        verbose_name = "随机复审"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.region} {self.frozen_at:%Y-%m-%d}"


class Drawn(models.Model):
    """A drawn item: what the first review said, and what the sample reviewer says without having seen it."""

    class Answer(models.TextChoices):
        UPHELD = "upheld", "成立"
        DISMISSED = "dismissed", "不成立"

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="drawn")
    place = models.IntegerField("次序")
    row = models.ForeignKey(StateRow, on_delete=models.PROTECT, related_name="+")
    first = models.CharField("初审结论", max_length=10, choices=Answer.choices)
    first_by = models.CharField("初审人", max_length=20)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField("复审结论", max_length=10, choices=Answer.choices, blank=True)
    opinion = models.TextField("复审意见", blank=True)
    answered_at = models.DateTimeField("复审时间", null=True)

    class Meta:
        verbose_name = "复审疑点"
        ordering = ("draw", "place")
        constraints = (models.UniqueConstraint(fields=["draw", "row"], name="desk_drawn_once"),)
        indexes = (models.Index(fields=["reviewer", "answer"], name="desk_blind"),)

    def __str__(self) -> str:
        return f"{self.draw_id}/{self.place}"
