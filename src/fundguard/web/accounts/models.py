"""Who works here and where: the tree of regions, accounts, and which institution answers for which."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from treebeard.mp_tree import MP_Node

from fundguard.web.accounts.roles import ROLES, Role


class Region(MP_Node):
    """An administrative division; `path` is the jurisdiction (a prefix sees all that begins with it)."""

    class Level(models.TextChoices):
        PROVINCE = "province", "省"
        CITY = "city", "市"
        COUNTY = "county", "县（区）"

    code = models.CharField("区划代码", max_length=6, unique=True)
    name = models.CharField("名称", max_length=60)
    level = models.CharField("级别", max_length=8, choices=Level)

    class Meta:
        verbose_name = verbose_name_plural = "行政区划"

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """An account. Its permissions come from its role alone; Django's own groups and permissions are not used."""

    name = models.CharField("姓名", max_length=40)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="所属区划")
    role = models.CharField("岗位", max_length=20, choices=[(role.code, role.name) for role in ROLES.values()])
    institution_code = models.CharField("机构编码", max_length=30, blank=True)

    REQUIRED_FIELDS = ["name", "region", "role"]

    class Meta:
        verbose_name = verbose_name_plural = "账号"
        constraints = [
            models.CheckConstraint(
                name="institutional_account_names_its_institution",
                condition=~models.Q(role__in=[r.code for r in ROLES.values() if r.institutional])
                | ~models.Q(institution_code=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.duty.name}）"

    @property
    def duty(self) -> Role:
        """The role as data."""
        return ROLES[self.role]


class Affiliation(models.Model):
    """`member` is an institution for which the head office `head` answers (a chain and its stores)."""

    head = models.CharField("总部机构编码", max_length=30)
    member = models.CharField("所属机构编码", max_length=30)

    class Meta:
        verbose_name = verbose_name_plural = "机构隶属关系"
        constraints = [models.UniqueConstraint(fields=["head", "member"], name="affiliation_once")]
