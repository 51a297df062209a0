"""Roles as data. A permission is `place.act`; `see.*` opens pages, `do.*` takes steps."""

from __future__ import annotations

from dataclasses import dataclass

from fundguard.workflows.posts import INCOMPATIBLE

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
    "see.rulebase": "查看规则库和规则试算",
    "do.rulebase": "起草规则，试算、回放，提请试运行、发布、停用，接收规则包",
    "approve.rulebase": "审批他人起草、提请的规则变更，确认规则包公钥",
    "see.knowledge": "查看知识库版本和目录",
    "do.knowledge": "提出和发布知识库版本，导入目录",
    "sign.knowledge": "签署、退回知识库版本，答复知识点异议",
    "do.dispute": "对知识点提出异议",
    "see.ledger": "查看台账",
    "see.desk": "查看办理工作台",
    "do.steps": "办理疑点",
    "do.assign": "分派疑点、登记请假代办",
    "do.bulk": "批量办理疑点",
    "do.answer": "答复疑点：认可、申诉、补充材料、提交整改报告",
    "do.state": "填写院内情况说明",
    "see.campaigns": "查看问题清单、自查工作和自查报告",
    "do.campaigns": "发布问题清单、组织自查和抽查",
    "do.spot_check": "核查抽中的自查结果",
    "see.units": "查看由谁代为答复",
    "do.units": "登记由谁代为答复",
    "see.foreign": "查看外来疑点清单",
    "do.foreign": "接收外来疑点清单，出具反馈",
    "do.foreign_match": "确认外来疑点的匹配",
    "do.sample": "组织随机复审",
    "do.sample_review": "随机复审疑点",
    "see.scorecard": "查看规则记分",
    "do.narrowing": "审核规则收窄建议",
    "see.reminders": "查看本人的提醒",
    "share.filters": "共享常用筛选",
    "see.team": "查看本辖区人员的工作量",
    "see.papers": "查看和下载文书",
    "see.evidence": "查看和下载佐证材料",
    "do.evidence": "上传、收回、登记佐证材料",
    "do.comments": "填写内部备注",
    "see.fund": "查看资金追回",
    "export.fund": "导出追回清单、对账单和清算文件",
    "do.fund": "登记退回和拒付，提出核销、分期和冲正",
    "approve.fund": "审批他人提出的核销、分期、冲正和基金账户说明",
    "see.allocations": "查看基金账户说明",
    "do.allocate": "填写基金账户说明",
    "propose.close": "提请月度关账",
    "do.close": "月度关账",
    "see.recall": "查看规则、知识点的撤回",
    "do.recall": "提出撤回规则、知识点",
    "confirm.recall": "确认他人提出的撤回",
    "do.accounts": "管理账号",
}
DESK = ("see.desk", "do.steps", "see.reminders", "see.evidence", "do.evidence", "do.comments")
FUND = ("see.fund", "export.fund")
REVIEW = (
    "see.overview",
    "see.intake",
    "see.runs",
    "see.findings",
    "export.findings",
    "open.identity",
    "see.rulebook",
    "see.papers",
    "see.foreign",
    "see.scorecard",
    "see.knowledge",
    "do.dispute",
)
INSTITUTION = (
    "see.findings",
    "export.findings",
    "do.answer",
    "see.reminders",
    "see.rulebook",
    "do.dispute",
    "see.papers",
    "see.units",
    "see.evidence",
    "do.evidence",
    *FUND,
)


@dataclass(frozen=True)
class Role:
    """`own_institution`: the holder sees the institution(s) of the account only, whatever the region.

    `second_factor`: the holder administers or determines, and signs in with a code besides the password.
    """

    code: str
    name: str
    permissions: tuple[str, ...]
    own_institution: bool = False
    second_factor: bool = False


ROLES = {
    role.code: role
    for role in (
        Role("first_reviewer", "经办初审员", (*REVIEW, *DESK, "do.bulk", "do.foreign_match")),
        Role(
            "confirmer",
            "经办复核员",
            (
                *REVIEW,
                *DESK,
                "see.fund",
                "do.run",
                "do.assign",
                "do.bulk",
                "share.filters",
                "see.team",
                "do.foreign_match",
            ),
        ),
        Role("sample_reviewer", "经办复审员", (*REVIEW, *DESK, "do.sample_review")),
        Role(
            "agreement_officer",
            "经办协议管理员",
            (*REVIEW, *DESK, "see.fund", "see.units", "do.units", "do.foreign", "see.allocations", "do.allocate"),
            second_factor=True,
        ),
        Role("verifier", "经办稽核员", (*REVIEW, *DESK, "do.foreign_match", "see.campaigns", "do.spot_check")),
        Role(
            "fund_clerk",
            "经办结算员",
            ("see.findings", "see.papers", *DESK, *FUND, "do.fund", "approve.fund", "see.allocations", "propose.close"),
        ),
        Role("enforcement_officer", "医保局执法员", (*REVIEW, *DESK, "see.fund", "see.ledger"), second_factor=True),
        Role("legal_reviewer", "医保局法制审核员", (*REVIEW, *DESK)),
        Role(
            "bureau_head",
            "医保局负责人",
            (*REVIEW, *DESK, "see.fund", "see.ledger", "see.team", "see.recall", "see.rulebase"),
            second_factor=True,
        ),
        Role(
            "recall_officer",
            "医保局撤回审批员",
            (*REVIEW, *DESK, "see.fund", "see.recall", "confirm.recall"),
            second_factor=True,
        ),
        Role(
            "division_chief",
            "市局科长",
            (
                *REVIEW,
                *FUND,
                "see.desk",
                "see.evidence",
                "do.comments",
                "see.reminders",
                "approve.fund",
                "see.allocations",
                "do.close",
                "see.rulebase",
                "approve.rulebase",
                "see.recall",
                "do.recall",
                "do.knowledge",
                "do.import",
                "see.quarantine",
                "do.run",
                "see.ledger",
                "do.assign",
                "share.filters",
                "see.team",
                "do.sample",
                "see.campaigns",
                "do.campaigns",
                "see.units",
                "do.units",
                "do.foreign",
                "do.foreign_match",
            ),
            second_factor=True,
        ),
        Role(
            "knowledge_reviewer",
            "知识审核员",
            (
                "see.overview",
                "see.rulebook",
                "see.knowledge",
                "do.knowledge",
                "sign.knowledge",
                "do.dispute",
                "see.runs",
                "see.scorecard",
                "do.narrowing",
                "see.recall",
                "do.recall",
                "see.rulebase",
                "do.rulebase",
                "approve.rulebase",
            ),
        ),
        Role("expert", "评审专家", ("see.findings", "see.rulebook", *DESK)),
        Role("hospital_office", "医院医保办", INSTITUTION, own_institution=True),
        Role("doctor", "医师", ("do.state", "see.rulebook"), own_institution=True),
        Role("pharmacy", "零售药店", INSTITUTION, own_institution=True),
        Role("chain_head_office", "连锁总部", INSTITUTION, own_institution=True),
        Role(
            "administrator",
            "系统管理员",
            ("see.overview", "see.intake", "do.import", "see.runs", "see.ledger", "do.accounts"),
            second_factor=True,
        ),
    )
}
#: Role → the posts of `fundguard.workflows.posts` that its holder takes steps in.
POSTS_HELD = {
    "first_reviewer": frozenset({"first_reviewer"}),
    "confirmer": frozenset({"confirmer"}),
    "sample_reviewer": frozenset({"sample_reviewer"}),
    "agreement_officer": frozenset({"agreement_officer"}),
    "verifier": frozenset({"verifier"}),
    "fund_clerk": frozenset({"fund_clerk"}),
    "enforcement_officer": frozenset({"enforcement_officer", "card_holder"}),
    "legal_reviewer": frozenset({"legal_reviewer"}),
    "bureau_head": frozenset({"bureau_head"}),
    "recall_officer": frozenset({"recall_officer"}),
    "expert": frozenset({"expert"}),
    "hospital_office": frozenset({"hospital_office"}),
    "pharmacy": frozenset({"pharmacy"}),
    "chain_head_office": frozenset({"chain_head_office"}),
}


@dataclass(frozen=True)
class Separation:
    """No person holds a post of `one` and a post of `other` at the same time."""

    one: frozenset[str]
    other: frozenset[str]
    reason: str


_AGENCY = frozenset({"first_reviewer", "confirmer", "sample_reviewer", "verifier", "agreement_officer", "fund_clerk"})
_BUREAU = frozenset({"enforcement_officer", "legal_reviewer", "bureau_head", "recall_officer", "division_chief"})
_INSTITUTION = frozenset(role.code for role in ROLES.values() if role.own_institution)
_KNOWLEDGE = frozenset({"knowledge_reviewer"})
#: What the workflows do not say themselves (`workflows.posts.INCOMPATIBLE`), because these roles take no step there.
SEPARATIONS = (
    Separation(frozenset({"division_chief"}), _AGENCY, "经办审核与行政监督分离"),
    Separation(frozenset({"division_chief"}) | _KNOWLEDGE, frozenset({"recall_officer"}), "撤回的提出与确认分离"),
    Separation(_AGENCY | _BUREAU | _KNOWLEDGE, _INSTITUTION, "监管方与被监管方分离"),
    Separation(frozenset({"administrator"}), _AGENCY | _BUREAU | _KNOWLEDGE | _INSTITUTION, "系统管理与业务办理分离"),
)
_IN_WORKFLOWS = frozenset(pair.posts for pair in INCOMPATIBLE)


def incompatible(one: str, other: str) -> str:
    """Why one person may not hold both roles; empty where the person may."""
    if frozenset((one, other)) in _IN_WORKFLOWS:
        return "办理流程规定的不相容岗位"
    for rule in SEPARATIONS:
        if (one in rule.one and other in rule.other) or (other in rule.one and one in rule.other):
            return rule.reason
    return ""
