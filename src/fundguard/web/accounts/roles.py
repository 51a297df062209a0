"""Roles and what each may do, as data. A permission unknown here is refused when the code is loaded."""

from __future__ import annotations

from dataclasses import dataclass

PERMISSIONS = {
    "overview.view": "查看运行总览",
    "jobs.view": "查看后台任务",
    "intake.view": "查看数据接入",
    "intake.import": "导入数据",
    "runs.view": "查看审核批次",
    "runs.start": "发起审核",
    "findings.view": "查看疑点",
    "findings.export": "导出疑点",
    "rulebook.view": "查看规则与知识",
    "rulebook.edit": "维护规则与知识",
    "identity.open": "查看个人信息明文",
    "ledger.view": "查看审计日志",
}


@dataclass(frozen=True)
class Role:
    """`institutional` roles see only their own institutions; the others see their whole region."""

    code: str
    name: str
    institutional: bool
    permissions: frozenset[str]


_AUDIT = "overview.view jobs.view intake.view runs.view findings.view findings.export rulebook.view identity.open"
_INSTITUTION = "overview.view findings.view rulebook.view"

_ROLES = (
    ("first_reviewer", "县经办初审员", False, f"{_AUDIT} intake.import runs.start"),
    ("confirmer", "县经办复核员", False, _AUDIT),
    ("enforcer", "县医保局执法员", False, _AUDIT),
    ("chief", "市局科长", False, f"{_AUDIT} runs.start ledger.view"),
    ("knowledge", "知识审核员", False, "overview.view jobs.view rulebook.view rulebook.edit"),
    ("expert", "专家", False, "overview.view rulebook.view"),
    ("hospital", "医院医保办", True, f"{_INSTITUTION} findings.export"),
    ("doctor", "医师", True, "overview.view rulebook.view"),
    ("pharmacy", "药店", True, _INSTITUTION),
    ("chain", "连锁总部", True, f"{_INSTITUTION} findings.export"),
    ("administrator", "系统管理员", False, "overview.view jobs.view ledger.view"),
)


def _role(code: str, name: str, institutional: bool, permissions: str) -> Role:
    granted = frozenset(permissions.split())
    if unknown := granted - PERMISSIONS.keys():
        raise ValueError(f"{code}: unknown permissions {sorted(unknown)}")
    return Role(code, name, institutional, granted)


ROLES: dict[str, Role] = {row[0]: _role(*row) for row in _ROLES}
