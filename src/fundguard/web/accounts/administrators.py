"""Writes: the first administrator of an installation, who creates all other accounts."""

from __future__ import annotations

import re

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from fundguard.errors import Refusal
from fundguard.web.accounts.models import Region, User
from fundguard.web.ledger.services import record

ROLE = "administrator"


@transaction.atomic
def create_first(username: str, name: str, region: str, region_name: str, password: str) -> User:
    """The administrator of this division, which becomes a root of the tree where it is not there yet.

    Refuses where there is an administrator already, a name that is taken, a weak password, a division that is none.
    """
    if User.objects.filter(role=ROLE, is_active=True).exists():
        raise Refusal("已有系统管理员", remedy="其他账号由系统管理员在网站上建立。")
    if User.objects.filter(username=username).exists():
        raise Refusal("账号已被使用", where="账号", seen=username, remedy="请换一个账号名。")
    if not username.strip() or not name.strip():
        raise Refusal("账号和姓名不能为空", remedy="请写明账号和 --name。", exit_code=2)
    user = User(username=username, display_name=name, role=ROLE, region=_region(region, region_name))
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise Refusal("口令不合要求", where="口令", remedy="；".join(weak.messages)) from weak
    user.set_password(password)
    user.save()
    record(None, "建立首个系统管理员", "账号", username, region=region)
    return user


def _region(code: str, name: str) -> Region:
    if known := Region.objects.filter(code=code).first():
        return known
    if not re.fullmatch(r"[0-9]{6}", code) or not name.strip():
        raise Refusal(
            "区划还没有登记", where="区划", seen=code, remedy="请用 --region 写六位代码，并用 --region-name 写名称。"
        )
    return Region.objects.add_root({"code": code, "name": name})
