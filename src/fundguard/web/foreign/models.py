"""A received list, its rows, what each row leads to, and the feedback that went back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from fundguard.findings.foreign import foreign_sources


def _person(label: str, **options: object) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=label, on_delete=models.PROTECT, related_name="+", null=True, **options
    )


class ReceivedList(models.Model):
    """One list as one document brought it. `due_on` is the day that the document sets for reporting back (None: it sets
    none). `heads` are the columns of the file, `columns` field → head; `folder` holds the file until it is read.
    `published` counts the runs that brought its findings onto the site."""

    class State(models.TextChoices):
        COLUMNS = "columns", "待确认列对应"
        READING = "reading", "正在接收"
        READY = "ready", "已接收"
        FAILED = "failed", "未接收"

    source = models.CharField("来源", max_length=8, choices=[(s.code, s.name) for s in foreign_sources().values()])
    sender = models.CharField("来文单位", max_length=80)
    document = models.CharField("来文文号", max_length=80)
    title = models.CharField("清单名称", max_length=120)
    received_on = models.DateField("收到日期")
    due_on = models.DateField("反馈期限", null=True, blank=True)
    region = models.CharField("区划", max_length=6)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.COLUMNS)
    file_hash = models.CharField("文件散列", max_length=64)
    content_hash = models.CharField("内容散列", max_length=64, blank=True)
    folder = models.CharField("文件夹", max_length=40, blank=True)
    heads = models.JSONField("文件的列", default=list)
    columns = models.JSONField("列对应", default=dict)
    error = models.CharField("未接收的原因", max_length=200, blank=True)
    published = models.IntegerField("生成次数", default=0)
    job_id = models.BigIntegerField("任务", null=True)
    created_by = _person("接收人")
    created_at = models.DateTimeField("接收时间", auto_now_add=True)

    class Meta:
        verbose_name = "外来疑点清单"
        constraints = (
            models.UniqueConstraint(
                fields=["region", "source", "file_hash"], condition=~Q(state="failed"), name="foreign_file_once"
            ),
            models.UniqueConstraint(
                fields=["region", "source", "content_hash"],
                condition=~Q(state="failed") & ~Q(content_hash=""),
                name="foreign_content_once",
            ),
        )
        indexes = (models.Index(fields=["region", "received_on"], name="foreign_region"),)

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"WL-{self.pk:06d}"


class ReceivedRow(models.Model):
    """One row as the sender wrote it, without the person's name or number, and what it was matched with.

    `lines` are the matched charge lines with the fen accused in each; empty with a `match_setl_id` or
    `match_mdtrt_id`: the whole of it. `candidates` wait for a person's choice. `whole_fen` is what is accused of a
    whole settlement or encounter (None: all in scope)."""

    class State(models.TextChoices):
        WAITING = "waiting", "待匹配"
        EXACT = "exact", "已匹配"
        PROBABLE = "probable", "待人工确认"
        CHOSEN = "chosen", "人工确认匹配"
        NONE = "none", "未匹配"
        ELSEWHERE = "elsewhere", "不属本统筹区"
        NO_INSTITUTION = "no_institution", "机构不存在"
        REPEATED = "repeated", "重复"
        UNREADABLE = "unreadable", "无法读取"

    of = models.ForeignKey(ReceivedList, verbose_name="清单", on_delete=models.PROTECT, related_name="rows")
    place = models.IntegerField("次序")
    line = models.IntegerField("文件行号")
    serial = models.CharField("来文序号", max_length=80, blank=True)
    named = models.CharField("规则或问题名称", max_length=120, blank=True)
    words = models.CharField("问题说明", max_length=500, blank=True)
    setl_id = models.CharField("结算ID", max_length=80, blank=True)
    mdtrt_id = models.CharField("就诊ID", max_length=80, blank=True)
    bkkp_sn = models.CharField("明细记账流水号", max_length=80, blank=True)
    psn_key = models.CharField("人员（假名）", max_length=80, blank=True)
    fixmedins_code = models.CharField("定点机构编号", max_length=40, blank=True)
    institution_name = models.CharField("定点机构名称", max_length=200, blank=True)
    item_code = models.CharField("医保项目编码", max_length=60, blank=True)
    item_name = models.CharField("项目名称", max_length=200, blank=True)
    first_day = models.DateField("发生日期", null=True)
    last_day = models.DateField("结束日期", null=True)
    amount_fen = models.BigIntegerField("来文金额", null=True)
    row_hash = models.CharField("内容散列", max_length=32)
    state = models.CharField("匹配", max_length=16, choices=State.choices, default=State.WAITING)
    reason = models.CharField("说明", max_length=300, blank=True)
    repeats = models.ForeignKey("self", verbose_name="重复于", on_delete=models.PROTECT, null=True, related_name="+")
    candidates = models.JSONField("候选", default=list)
    match_setl_id = models.CharField("匹配的结算", max_length=80, blank=True)
    match_mdtrt_id = models.CharField("匹配的就诊", max_length=80, blank=True)
    lines = models.JSONField("匹配的明细", default=dict)
    whole_fen = models.BigIntegerField("整笔金额", null=True)
    decided_by = _person("确认人")
    decided_at = models.DateTimeField("确认时间", null=True)

    class Meta:
        verbose_name = "外来疑点清单行"
        constraints = (models.UniqueConstraint(fields=["of", "place"], name="foreign_row_place"),)
        indexes = (
            models.Index(fields=["of", "state"], name="foreign_row_state"),
            models.Index(fields=["row_hash"], name="foreign_row_hash"),
            models.Index(fields=["match_mdtrt_id"], name="foreign_row_encounter"),
        )

    def __str__(self) -> str:
        return f"{self.of_id}/{self.place}"


class RowLink(models.Model):
    """A row and a finding that stands for it: one of our own that was there before, or one made of the list. `lines`
    are the row's lines that the finding accuses (empty: the whole)."""

    row = models.ForeignKey(ReceivedRow, verbose_name="清单行", on_delete=models.PROTECT, related_name="links")
    finding_key = models.CharField("疑点编号", max_length=32)
    made = models.BooleanField("由清单生成")
    lines = models.JSONField("明细", default=list)

    class Meta:
        verbose_name = "清单行与疑点"
        constraints = (models.UniqueConstraint(fields=["row", "finding_key"], name="foreign_link_once"),)
        indexes = (models.Index(fields=["finding_key"], name="foreign_link_finding"),)

    def __str__(self) -> str:
        return f"{self.row_id} → {self.finding_key}"


class KnownColumns(models.Model):
    """How the columns of a sender's lists were read last: field → head."""

    region = models.CharField("区划", max_length=6)
    source = models.CharField("来源", max_length=8)
    sender = models.CharField("来文单位", max_length=80)
    columns = models.JSONField("列对应")

    class Meta:
        verbose_name = "列对应"
        constraints = (models.UniqueConstraint(fields=["region", "source", "sender"], name="foreign_known_columns"),)

    def __str__(self) -> str:
        return f"{self.region} {self.source} {self.sender}"


class Feedback(models.Model):
    """What was reported back to the sender at one moment; its rows never change. `content_hash` is over its rows."""

    of = models.ForeignKey(ReceivedList, verbose_name="清单", on_delete=models.PROTECT, related_name="feedbacks")
    serial = models.IntegerField("次数")
    made_at = models.DateTimeField("出具时间")
    made_by = _person("出具人")
    rows_told = models.IntegerField("行数")
    rows_closed = models.IntegerField("办结行数")
    content_hash = models.CharField("内容散列", max_length=64)

    class Meta:
        verbose_name = "反馈"
        constraints = (models.UniqueConstraint(fields=["of", "serial"], name="foreign_feedback_serial"),)

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"{self.of.number}-{self.serial:02d}"


class FeedbackRow(models.Model):
    """One row of the list as it was reported: outcome, amount in fen (None: not determined), day, ground."""

    feedback = models.ForeignKey(Feedback, verbose_name="反馈", on_delete=models.PROTECT, related_name="rows")
    row = models.ForeignKey(ReceivedRow, verbose_name="清单行", on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField("办理结果", max_length=60)
    closed = models.BooleanField("已办结")
    amount_fen = models.BigIntegerField("认定金额", null=True)
    settled_on = models.DateField("办结日期", null=True)
    ground = models.TextField("理由", blank=True)
    findings = models.CharField("疑点", max_length=200, blank=True)

    class Meta:
        verbose_name = "反馈行"
        constraints = (models.UniqueConstraint(fields=["feedback", "row"], name="foreign_feedback_row"),)

    def __str__(self) -> str:
        return f"{self.feedback_id}/{self.row_id}"
