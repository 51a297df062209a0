"""Roles as data. A permission is `place.act`; `see.*` opens pages, `do.*` takes steps."""

from __future__ import annotations

from dataclasses import dataclass

PERMISSIONS = {
    "see.overview": "查看总览",
    "see.intake": "查看数据导入",
    "do.import": "导入数据",
    "see.quarantine": "下载被隔离的原始行",
    "see.runs": "查看核查运行",
    "do.run": "发起核查",
    "see.findings": "查看疑点",
    "export.findings": "导出疑点",
    "open.identity": "查看明文身份（须填写理由）",
    "see.rulebook": "查看规则与知识库",
    "see.ledger": "查看台账",
    "see.desk": "查看办理工作台",
    "do.steps": "办理疑点",
    "do.assign": "分派疑点、登记请假代办",
    "do.bulk": "批量办理疑点",
    "do.sample": "组织随机复审",
    "do.sample_review": "随机复审疑点",
}
DESK = ("see.desk", "do.steps")
REVIEW = ("see.overview", "see.intake", "see.runs", "see.findings", "export.findings", "open.identity", "see.rulebook")


@dataclass(frozen=True)
class Role:
    """`own_institution`: the holder sees the institution(s) of the account only, whatever the region."""

    code: str
    name: str
    permissions: tuple[str, ...]
    own_institution: bool = False


ROLES = {
    role.code: role
    for role in (
        Role("first_reviewer", "经办初审员", (*REVIEW, *DESK, "do.bulk")),
        Role("confirmer", "经办复核员", (*REVIEW, *DESK, "do.run", "do.assign", "do.bulk")),
        Role("sample_reviewer", "经办复审员", (*REVIEW, *DESK, "do.sample_review")),
        Role("agreement_officer", "经办协议管理员", (*REVIEW, *DESK)),
        Role("enforcement_officer", "医保局执法员", (*REVIEW, *DESK, "see.ledger")),
        Role(
            "division_chief",
            "市局科长",
            (*REVIEW, "see.desk", "do.import", "see.quarantine", "do.run", "see.ledger", "do.assign", "do.sample"),
        ),
        Role("knowledge_reviewer", "知识审核员", ("see.overview", "see.rulebook", "see.runs")),
        Role("expert", "评审专家", ("see.findings", "see.rulebook")),
        Role(
            "hospital_office", "医院医保办", ("see.findings", "export.findings", "see.rulebook"), own_institution=True
        ),
        Role("doctor", "医师", ("see.findings", "see.rulebook"), own_institution=True),
        Role("pharmacy", "零售药店", ("see.findings", "export.findings", "see.rulebook"), own_institution=True),
        Role(
            "chain_head_office", "连锁总部", ("see.findings", "export.findings", "see.rulebook"), own_institution=True
        ),
        Role("administrator", "系统管理员", ("see.overview", "see.intake", "do.import", "see.runs", "see.ledger")),
    )
}
#: Role → the posts of `fundguard.workflows.posts` that its holder takes steps in.
POSTS_HELD = {
    "first_reviewer": frozenset({"first_reviewer"}),
    "confirmer": frozenset({"confirmer"}),
    "sample_reviewer": frozenset({"sample_reviewer"}),
    "agreement_officer": frozenset({"agreement_officer"}),
    "enforcement_officer": frozenset({"enforcement_officer", "card_holder"}),
    "expert": frozenset({"expert"}),
    "hospital_office": frozenset({"hospital_office"}),
    "pharmacy": frozenset({"pharmacy"}),
    "chain_head_office": frozenset({"chain_head_office"}),
}
