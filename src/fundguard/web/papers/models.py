"""Papers as they were issued, and the number that each series has reached."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q

from fundguard.papers import Paper as Text
from fundguard.papers import Table


class Series(models.Model):
    """A run of numbers: one division, year and word (追, 认 …). Locked while a number is drawn."""

    region = models.CharField("区划", max_length=6)
    year = models.IntegerField("年度")
    word = models.CharField("文号用字", max_length=8)
    last = models.IntegerField("已用到", default=0)

    class Meta:
        verbose_name = "文号"
        constraints = (models.UniqueConstraint(fields=["region", "year", "word"], name="papers_one_series"),)

    def __str__(self) -> str:
        return f"{self.region} {self.word}〔{self.year}〕{self.last}"


class Paper(models.Model):
    """`content` is the finished text (`papers.Paper`), the record; Word and PDF are drawn from it. Only its revocation
    is added later. `party_code` is the institution it goes to, `about` what it speaks of (a finding, a demand)."""

    series = models.ForeignKey(Series, verbose_name="文号", on_delete=models.PROTECT, related_name="papers")
    serial = models.IntegerField("序号")
    number = models.CharField("文号", max_length=80, unique=True)
    kind = models.CharField("类别", max_length=40)
    name = models.CharField("文书", max_length=40)
    region = models.CharField("区划", max_length=6)
    party_code = models.CharField("定点机构编号", max_length=40)
    about = models.CharField("事项", max_length=80, blank=True)
    issued_on = models.DateField("出具日期")
    content = models.JSONField("内容")
    content_hash = models.CharField("内容散列", max_length=64)
    token = models.CharField("核验码", max_length=32, unique=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="出具人", on_delete=models.PROTECT, related_name="+", null=True
    )
    issued_at = models.DateTimeField("出具时间", auto_now_add=True)
    revoked_on = models.DateField("撤销日期", null=True)
    revoked_by = models.ForeignKey(
        "self", verbose_name="撤销文书", on_delete=models.PROTECT, related_name="revokes", null=True
    )

    class Meta:
        verbose_name = "文书"
        constraints = (
            models.UniqueConstraint(fields=["series", "serial"], name="papers_one_serial"),
            models.CheckConstraint(condition=Q(serial__gt=0), name="papers_serial_from_one"),
            models.CheckConstraint(
                condition=Q(revoked_on=None, revoked_by=None) | Q(revoked_on__isnull=False, revoked_by__isnull=False),
                name="papers_revoked_by_a_paper",
            ),
        )
        indexes = (
            models.Index(fields=["region", "issued_on"], name="papers_region"),
            models.Index(fields=["party_code", "issued_on"], name="papers_party"),
            models.Index(fields=["about"], name="papers_about"),
        )

    def __str__(self) -> str:
        return self.number

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None and set(kwargs.get("update_fields") or ()) != {"revoked_on", "revoked_by"}:
            raise TypeError("文书出具后只能撤销，不能修改")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("文书不能删除")

    @property
    def text(self) -> Text:
        """The finished text as it was composed."""
        told = {name: tuple(v) if isinstance(v, list) else v for name, v in self.content.items()}
        told["tables"] = tuple(
            Table(t["title"], tuple(t["columns"]), tuple(t["numeric"]), tuple(tuple(row) for row in t["rows"]))
            for t in self.content["tables"]
        )
        return Text(**told)

    @property
    def intact(self) -> bool:
        """Whether the stored text still has the hash it was issued with."""
        return self.text.content_hash == self.content_hash
