"""One row a step: who did what to which object, when, a hash of the row; seals chain the rows. Nothing ever changes."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NoReturn

from django.conf import settings
from django.db import models

#: Hexadecimal digits of a row's hash that its seal keeps, so that a changed row can be named.
MARK = 8
BEGINNING = "0" * 64


class _Rows(models.QuerySet):
    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("台账只能追加，不能修改")

    def delete(self) -> NoReturn:
        raise TypeError("台账只能追加，不能删除")


class _AppendOnly(models.Model):
    objects = _Rows.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("台账只能追加，不能修改")
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("台账只能追加，不能删除")


class Entry(_AppendOnly):
    """Identifiers of persons enter `object_id` and `detail` only as keyed pseudonyms (`ledger.identifiers`)."""

    at = models.DateTimeField("时间", db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="办理人", on_delete=models.PROTECT, null=True)
    act = models.CharField("事项", max_length=60, db_index=True)
    object_kind = models.CharField("对象类别", max_length=40)
    object_id = models.CharField("对象编号", max_length=160)
    region = models.CharField("区划", max_length=6, blank=True)
    detail = models.JSONField("内容", default=dict)
    own_hash = models.CharField("本行散列", max_length=64)

    class Meta:
        verbose_name = "台账"
        indexes = (models.Index(fields=["object_kind", "object_id"], name="ledger_object"),)

    def digest(self) -> str:
        """SHA-256 over every field but the hash itself."""
        content = [
            self.at.isoformat(),
            self.actor_id,
            self.act,
            self.object_kind,
            self.object_id,
            self.region,
            self.detail,
        ]
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            self.own_hash = self.digest()
        super().save(*args, **kwargs)


class Seal(_AppendOnly):
    """A link of the chain: which rows it holds and a hash over the link before, these facts and the rows' hashes.

    `rows` and `missing` are spans of row numbers ("1-9,11-40"): the rows sealed here, and all numbers so far that were
    passed over because no such row could be seen (rolled back, or in a transaction still open: a later seal takes it).
    `marks` are the first eight digits of each row's hash, in the order of the numbers. `total` counts all rows so far.
    """

    number = models.BigIntegerField("存证序号", primary_key=True)
    at = models.DateTimeField("存证时间", db_index=True)
    previous = models.CharField("上一链头", max_length=64)
    rows = models.TextField("行号")
    missing = models.TextField("空缺行号", blank=True)
    last = models.BigIntegerField("最大行号")
    count = models.IntegerField("行数")
    total = models.BigIntegerField("累计行数")
    marks = models.TextField("各行散列首段")
    head = models.CharField("链头", max_length=64)

    class Meta:
        verbose_name = "台账存证"

    def digest(self, hashes: list[str]) -> str:
        """SHA-256 over the seal's own facts and the whole hashes of its rows, in the order of their numbers."""
        facts = [
            self.number,
            self.at.isoformat(),
            self.previous,
            self.rows,
            self.missing,
            self.last,
            self.count,
            self.total,
            self.marks,
        ]
        return hashlib.sha256(json.dumps([*facts, *hashes], ensure_ascii=False).encode()).hexdigest()
