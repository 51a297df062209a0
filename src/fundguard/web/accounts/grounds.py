"""Why an account is refused: permanent codes, each with its article; `docs/reference/permissions.md` lists them."""

from __future__ import annotations

from dataclasses import dataclass

from fundguard.errors import Refusal


@dataclass(frozen=True)
class Ground:
    """`article` is a reference of `law.articles`, empty where the reason is the platform's own."""

    code: str
    what: str
    remedy: str
    article: str = ""


class AccessRefusal(Refusal):
    """A refusal because of who asks; a page answers with status 403."""

    def __init__(self, ground: Ground, *, where: str, seen: str) -> None:
        super().__init__(f"{ground.what}（{ground.code}）", where=where, seen=seen, remedy=ground.remedy)
        self.code = ground.code


_APPLY = "请确认登录账号；确需办理的，请向系统管理员申请相应权限。"
_ASK = "请联系系统管理员。"
GROUNDS = {
    ground.code: ground
    for ground in (
        Ground("A01", "您的账号没有办理此事项的权限。", _APPLY, "条例:46"),
        Ground("A02", "您的账号还没有分派岗位。", "请联系系统管理员分派岗位和区划，之后重新进入。"),
        Ground(
            "A03",
            "同一人不能担任不相容的岗位。",
            "请换一人担任，或先停用该人员的另一账号。",
            "条例:10",
        ),
        Ground("A04", "不能办理本人的账号。", "请由另一名系统管理员办理。"),
        Ground("A05", "区划或机构不在您的管辖范围内。", "请选择管辖范围内的区划和机构，或由上级系统管理员办理。"),
        Ground("A06", "单位统一登录没有成功。", f"请重新登录；仍不成功的，{_ASK}"),
        Ground("A07", "账号已停用。", _ASK),
        Ground("A08", "您的岗位必须使用二次验证，不能停用。", "换设备时请用备用码登录后重新设置，或请系统管理员解除。"),
        Ground(
            "A09",
            "重置密码与解除二次验证须由两名系统管理员分别办理。",
            "请由另一名系统管理员办理，或等该账号的本人重新登录之后再办理。",
        ),
    )
}


def no_access(code: str, *, where: str = "", seen: str = "") -> AccessRefusal:
    return AccessRefusal(GROUNDS[code], where=where, seen=seen)
