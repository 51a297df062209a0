"""A filter that was given a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SavedFilter(models.Model):
    """`page` is a key of `services.LISTS`, `query` the query string as that page reads it, without page numbers.

    `region` is the owner's when it was saved: what is shared is seen there and below. `standard`: used where the page
    is opened without a filter; at most one for each owner and page.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    page = models.CharField("页面", max_length=12)
    name = models.CharField("名称", max_length=20)
    query = models.TextField("条件")
    region = models.CharField("区划", max_length=6, blank=True)
    shared = models.BooleanField("共享", default=False)
    standard = models.BooleanField("默认", default=False)

    class Meta:
        verbose_name = "常用筛选"
        ordering = ("page", "name")
        constraints = (
            models.UniqueConstraint(fields=["owner", "page", "name"], name="filter_name"),
            models.UniqueConstraint(
                fields=["owner", "page"], condition=models.Q(standard=True), name="filter_standard"
            ),
        )
        indexes = (models.Index(fields=["region", "page"], condition=models.Q(shared=True), name="filter_shared"),)

    def __str__(self) -> str:
        return self.name
