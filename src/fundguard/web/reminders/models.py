"""What one person is told, until it is read."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from fundguard.web.reminders.kinds import KINDS, Kind


class Reminder(models.Model):
    """`source` is what it came from (a step, a bulk step, a day): what comes from it again adds to `count`.

    `object_id` is the object where it is one; `words` what the kind does not say, never a participant.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField("类别", max_length=16)
    source = models.CharField("来源", max_length=80)
    object_id = models.CharField("对象编号", max_length=32, blank=True)
    count = models.IntegerField("条数", default=1)
    words = models.CharField("说明", max_length=200, blank=True)
    made_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读时间", null=True)

    class Meta:
        verbose_name = "提醒"
        ordering = ("-made_at", "-pk")
        constraints = (models.UniqueConstraint(fields=["person", "kind", "source"], name="reminder_once"),)
        indexes = (
            models.Index(fields=["person", "-made_at"], name="reminder_list"),
            models.Index(fields=["person"], condition=models.Q(read_at=None), name="reminder_unread"),
        )

    def __str__(self) -> str:
        told = self.declared.one if self.count == 1 else self.declared.many.format(count=self.count)
        return f"{told}：{self.words}" if self.words else told

    @property
    def declared(self) -> Kind:
        return KINDS[self.kind]
