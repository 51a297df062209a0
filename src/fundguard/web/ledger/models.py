"""One row a step: who did what to which object, when, and a hash of the row. Rows are never changed or removed."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NoReturn

from django.conf import settings
from django.db import models


class _Rows(models.QuerySet):
    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("台账只能追加，不能修改")

    def delete(self) -> NoReturn:
        raise TypeError("台账只能追加，不能删除")


class Entry(models.Model):
    """Identifiers of persons enter `object_id` and `detail` only as keyed pseudonyms."""

    at = models.DateTimeField("时间", db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="办理人", on_delete=models.PROTECT, null=True)
    act = models.CharField("事项", max_length=60, db_index=True)
    object_kind = models.CharField("对象类别", max_length=40)
    object_id = models.CharField("对象编号", max_length=160)
    region = models.CharField("区划", max_length=6, blank=True)
    detail = models.JSONField("内容", default=dict)
    own_hash = models.CharField("本行散列", max_length=64)

    objects = _Rows.as_manager()

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
        if self.pk is not None:
            raise TypeError("台账只能追加，不能修改")
        self.own_hash = self.digest()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("台账只能追加，不能删除")
