"""Users and the region tree (province → city → county)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from treebeard.mp_tree import MP_Node

from fundguard.web.accounts.roles import ROLES


class Region(MP_Node):
    """A division. Its path prefix is its jurisdiction."""

    code = models.CharField("区划代码", max_length=6, unique=True)
    name = models.CharField("名称", max_length=60)
    node_order_by: ClassVar[list[str]] = ["code"]

    class Meta:
        verbose_name = "区划"

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """An account: one person, one role, one region; institutions for those who see only their own.

    `institutions` holds institution codes separated by blanks (a chain's head office has several).
    """

    display_name = models.CharField("姓名", max_length=60)
    role = models.CharField("角色", max_length=40, choices=[(r.code, r.name) for r in ROLES.values()])
    region = models.ForeignKey(Region, verbose_name="区划", on_delete=models.PROTECT, null=True, blank=True)
    institutions = models.TextField("定点医药机构编号", blank=True, default="")
    practitioner = models.CharField("医师代码", max_length=60, blank=True, default="")
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name", "role"]

    class Meta(AbstractUser.Meta):
        verbose_name = "账号"

    def __str__(self) -> str:
        return self.display_name or self.username
