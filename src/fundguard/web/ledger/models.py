"""The ledger: one row an act, written with the act, never changed."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NoReturn

from django.conf import settings
from django.db import models

from fundguard.web.ledger.acts import ACTS, OBJECTS


class Immutable(RuntimeError):
    """A ledger row cannot be changed or removed; the database refuses it as well."""


class _Rows(models.QuerySet):
    def update(self, **kwargs: Any) -> NoReturn:
        raise Immutable("ledger rows are not updated")

    def delete(self) -> NoReturn:
        raise Immutable("ledger rows are not deleted")

    bulk_update = update


class Entry(models.Model):
    """`object_key` is a keyed HMAC of the object's identifier; `digest` covers every other column but `seq`."""

    seq = models.BigAutoField(primary_key=True)
    at = models.DateTimeField("时间", db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="操作人", related_name="+"
    )
    role = models.CharField("岗位", max_length=20, blank=True)
    act = models.CharField("事项", max_length=40, db_index=True)
    object_kind = models.CharField("对象", max_length=20)
    object_key = models.CharField("对象标识", max_length=64, db_index=True)
    region = models.CharField("区划", max_length=6, db_index=True)
    detail = models.JSONField("内容")
    digest = models.CharField("校验值", max_length=64)

    objects = _Rows.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审计日志"

    @property
    def act_name(self) -> str:
        return ACTS.get(self.act, self.act)

    @property
    def object_name(self) -> str:
        return OBJECTS.get(self.object_kind, self.object_kind)

    def computed_digest(self) -> str:
        """SHA-256 over the content as canonical JSON, time in UTC."""
        content = [
            self.at.timestamp(),
            self.actor_id,
            self.role,
            self.act,
            self.object_kind,
            self.object_key,
            self.region,
            self.detail,
        ]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def save(self, **kwargs: Any) -> None:
        if self.seq is not None:
            raise Immutable("ledger rows are not updated")
        super().save(force_insert=True, **kwargs)

    def delete(self, **kwargs: Any) -> NoReturn:
        raise Immutable("ledger rows are not deleted")
