"""Users and the region tree (province → city → county)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
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

    `institutions` holds institution codes separated by blanks (a chain's head office has several). `staff_no` is the
    same in all accounts of a person: incompatible posts are told by it. An account that the bureau's own sign-in
    brought (`source`) has no role, and so no rights, until an administrator assigns a post.
    """

    class Source(models.TextChoices):
        LOCAL = "local", "平台账号"
        OIDC = "oidc", "单位统一登录"
        LDAP = "ldap", "单位目录（LDAP）"

    display_name = models.CharField("姓名", max_length=60)
    role = models.CharField("角色", max_length=40, choices=[(r.code, r.name) for r in ROLES.values()])
    region = models.ForeignKey(Region, verbose_name="区划", on_delete=models.PROTECT, null=True, blank=True)
    institutions = models.TextField("定点医药机构编号", blank=True, default="")
    practitioner = models.CharField("医师代码", max_length=60, blank=True, default="")
    staff_no = models.CharField("人员编号", max_length=40, blank=True, default="", db_index=True)
    source = models.CharField("来源", max_length=8, choices=Source.choices, default=Source.LOCAL)
    must_change_password = models.BooleanField("下次登录须修改密码", default=False)
    password_set_at = models.DateTimeField("密码设置时间", default=timezone.now)
    session_round = models.PositiveIntegerField("登录轮次", default=0)
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name", "role"]

    class Meta(AbstractUser.Meta):
        verbose_name = "账号"

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def local(self) -> bool:
        return self.source == self.Source.LOCAL

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """A session holds as long as the password and the round are the same: a new round ends all sessions."""
        told = f"{self.password}|{self.session_round}"
        return salted_hmac("fundguard.session", told, secret=secret, algorithm="sha256").hexdigest()
