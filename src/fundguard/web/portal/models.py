"""Keys of the institution's own systems beside a finding, what is asked inside the institution, uploaded answers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class OwnKey(models.Model):
    """What an institution calls the encounter of a finding, read from the store as the run came; unknown text is empty.

    `medins_list_codgs` and `departments` are those of the accused charges, each between blanks or bars.
    """

    finding_key = models.CharField("疑点编号", max_length=32, primary_key=True)
    finding_id = models.CharField("证据编号", max_length=32)
    fixmedins_code = models.CharField("定点机构编号", max_length=40)
    ipt_otp_no = models.CharField("住院/门诊号", max_length=80, blank=True)
    medrcdno = models.CharField("病历号", max_length=80, blank=True)
    medins_list_codgs = models.TextField("医院目录编码", blank=True)
    departments = models.TextField("开单科室", blank=True)
    practitioners = models.TextField("开单医师代码", blank=True)

    class Meta:
        verbose_name = "机构自有编号"
        indexes = (
            models.Index(fields=["fixmedins_code", "ipt_otp_no"], name="portal_ipt_otp_no"),
            models.Index(fields=["fixmedins_code", "medrcdno"], name="portal_medrcdno"),
        )

    def __str__(self) -> str:
        return self.finding_key


class Seat(models.Model):
    """An account of the institution that answers inner questions for a department."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="账号", on_delete=models.PROTECT, related_name="portal_seats"
    )
    fixmedins_code = models.CharField("定点机构编号", max_length=40)
    department = models.CharField("科室", max_length=100)

    class Meta:
        verbose_name = "科室联系人"
        constraints = (
            models.UniqueConstraint(fields=["user", "fixmedins_code", "department"], name="portal_seat_once"),
        )

    def __str__(self) -> str:
        return f"{self.department} {self.user}"


class Question(models.Model):
    """An item sent inside the institution to one department or one doctor, by an inner day. `version` is the number of
    steps the item had then. The statement is the institution's own draft: the bureau never reads it."""

    class Advice(models.TextChoices):
        ACCEPT = "accept", "建议认可"
        OBJECT = "object", "建议申诉"

    finding_key = models.CharField("疑点编号", max_length=32)
    fixmedins_code = models.CharField("定点机构编号", max_length=40)
    version = models.IntegerField("步数")
    department = models.CharField("科室", max_length=100, blank=True)
    practitioner = models.CharField("医师代码", max_length=60, blank=True)
    text = models.TextField("问题")
    due_on = models.DateField("内部期限")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="发出人", on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField("发出时间")
    advice = models.CharField("意见", max_length=8, choices=Advice.choices, blank=True)
    statement = models.TextField("情况说明", blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="填写人", on_delete=models.PROTECT, related_name="+", null=True
    )
    answered_at = models.DateTimeField("填写时间", null=True)
    taken_back_at = models.DateTimeField("收回时间", null=True)

    class Meta:
        verbose_name = "院内征询"
        constraints = (
            models.UniqueConstraint(
                fields=["finding_key", "department", "practitioner"],
                condition=Q(answered_at=None, taken_back_at=None),
                name="portal_open_question_once",
            ),
            models.CheckConstraint(
                condition=Q(department="", practitioner__gt="") | Q(department__gt="", practitioner=""),
                name="portal_one_addressee",
            ),
        )
        indexes = (
            models.Index(fields=["finding_key"], name="portal_question_of"),
            models.Index(fields=["fixmedins_code", "practitioner"], name="portal_question_doctor"),
            models.Index(fields=["fixmedins_code", "department"], name="portal_question_dept"),
        )

    def __str__(self) -> str:
        return f"{self.finding_key} {self.department or self.practitioner}"

    @property
    def open(self) -> bool:
        return self.answered_at is None and self.taken_back_at is None


class Sheet(models.Model):
    """An uploaded workbook of answers, read and not yet taken, or taken by its jobs. `faults` counts all faults of
    which the first are kept."""

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="上传人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    sha256 = models.CharField("文件散列", max_length=64)
    rows = models.IntegerField("行数")
    blank = models.IntegerField("没有填写答复的行数", default=0)
    faults = models.IntegerField("有误的行数", default=0)
    job = models.ForeignKey("jobs.Job", verbose_name="任务", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "答复表"
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=["created_by", "sha256"], name="portal_sheet_once"),)

    def __str__(self) -> str:
        return f"答复表 {self.pk}"


class SheetAnswer(models.Model):
    """What a sheet says of one finding: the step with its papers, the version it was downloaded at, what became of
    it."""

    class State(models.TextChoices):
        WAITING = "waiting", "待提交"
        TAKEN = "taken", "已提交"
        REFUSED = "refused", "未提交"

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="answers")
    finding_key = models.CharField("疑点编号", max_length=32)
    first_row = models.IntegerField("行号")
    verb = models.CharField("事项", max_length=40)
    papers = models.JSONField("材料")
    version = models.IntegerField("步数")
    amount_fen = models.BigIntegerField("金额")
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.WAITING)
    told = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "答复"
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["sheet", "finding_key"], name="portal_answer_once"),)

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.finding_key}"


class SheetFault(models.Model):
    """A row that cannot be taken: its number in the workbook, what is wrong with it, what to do."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="fault_rows")
    row = models.IntegerField("行号")
    what = models.CharField("问题", max_length=200)
    remedy = models.CharField("处理", max_length=200)

    class Meta:
        verbose_name = "有误的行"
        ordering = ("row", "pk")

    def __str__(self) -> str:
        return f"{self.row} {self.what}"
