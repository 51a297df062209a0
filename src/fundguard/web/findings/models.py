"""A finding as the site keeps it: the newest evidence that a run told, and whether it still stands."""

from __future__ import annotations

from django.db import models

from fundguard.findings.schema import CAUSES, SUBJECTS, VERDICTS


class TakenRun(models.Model):
    """A run whose findings came onto the site; `folder` is its name below the folder of runs."""

    run_id = models.CharField("运行编号", max_length=32, primary_key=True)
    folder = models.CharField("文件夹", max_length=255)
    taken_at = models.DateTimeField("接收时间")

    class Meta:
        verbose_name = "已接收的核查运行"

    def __str__(self) -> str:
        return self.run_id


class Finding(models.Model):
    """Columns of `findings.parquet` (money in fen) and what lists filter by, read from the store as the run came.

    Unknown text is empty. `insured_region` is the place of insurance, `item_codes` the
    accused item codes, each between blanks.
    """

    class State(models.TextChoices):
        OPEN = "open", "待处理"
        WITHDRAWN = "withdrawn", "已撤回"

    finding_key = models.CharField("疑点编号", max_length=32, primary_key=True)
    finding_id = models.CharField("证据编号", max_length=32)
    rule_code = models.CharField("规则编码", max_length=8)
    rule_version = models.IntegerField("规则版本")
    knowledge_version = models.CharField("知识库版本", max_length=32)
    verdict = models.CharField("结果类型", max_length=8, choices=[(v, v) for v in VERDICTS])
    subject_kind = models.CharField("对象类别", max_length=24, choices=list(SUBJECTS.items()))
    subject_id = models.CharField("对象", max_length=255)
    region = models.CharField("就医地区划", max_length=6)
    occurred_from = models.DateField("发生日期起", null=True)
    occurred_to = models.DateField("发生日期止", null=True)
    amount_fen = models.BigIntegerField("涉及金额")
    fund_amount_fen = models.BigIntegerField("基金损失", null=True)
    counted_fen = models.BigIntegerField("计入合计金额")
    message = models.TextField("说明")
    cause = models.CharField("原因判断", max_length=8, choices=[(c, c) for c in CAUSES])
    run = models.ForeignKey(TakenRun, verbose_name="核查运行", on_delete=models.PROTECT)
    setl_id = models.CharField("结算ID", max_length=80)
    mdtrt_id = models.CharField("就诊ID", max_length=80)
    psn_key = models.CharField("人员（假名）", max_length=80)
    fixmedins_code = models.CharField("定点机构编号", max_length=40)
    dr_code = models.CharField("医师代码", max_length=60)
    institution_name = models.CharField("定点机构名称", max_length=200)
    level = models.CharField("机构等级", max_length=4)
    insured_region = models.CharField("参保地区划", max_length=6)
    item_codes = models.TextField("涉及项目编码")
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.OPEN)
    told = models.CharField("最近变化", max_length=40, blank=True)
    created_at = models.DateTimeField("生成时间")
    changed_at = models.DateTimeField("变化时间")

    class Meta:
        verbose_name = "疑点"
        indexes = (
            models.Index(fields=["region", "state", "verdict"], name="finding_region"),
            models.Index(fields=["insured_region"], name="finding_insured"),
            models.Index(fields=["fixmedins_code", "state"], name="finding_institution"),
            models.Index(fields=["rule_code", "state"], name="finding_rule"),
            models.Index(fields=["-counted_fen", "finding_key"], name="finding_by_counted"),
            models.Index(fields=["-amount_fen", "finding_key"], name="finding_by_amount"),
            models.Index(fields=["-occurred_from", "finding_key"], name="finding_by_day"),
            models.Index(fields=["mdtrt_id"], name="finding_encounter"),
        )

    def __str__(self) -> str:
        return self.finding_key

    @property
    def number(self) -> str:
        """The number that people read aloud: the beginning of the key."""
        return f"YD-{self.finding_key[:10].upper()}"


class FindingCount(models.Model):
    """A difference that a statement made to the number and the counted fen of findings in one place; triggers of the
    database write it (`core.sums`). Its columns are named as those of the finding."""

    region = models.CharField("就医地区划", max_length=6)
    insured_region = models.CharField("参保地区划", max_length=6)
    fixmedins_code = models.CharField("定点机构编号", max_length=40)
    institution_name = models.CharField("定点机构名称", max_length=200)
    level = models.CharField("机构等级", max_length=4)
    rule_code = models.CharField("规则编码", max_length=8)
    cause = models.CharField("原因判断", max_length=8)
    verdict = models.CharField("结果类型", max_length=8)
    state = models.CharField("状态", max_length=12)
    number = models.BigIntegerField("条数")
    fen = models.BigIntegerField("计入合计金额")

    class Meta:
        verbose_name = "疑点合计"

    def __str__(self) -> str:
        return f"{self.region} {self.rule_code} {self.number:+}"
