"""The demonstration's regions and accounts: impossible names, divisions with numbers that no real place has."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "fundguard-demo"  # noqa: S105 shown on the sign-in page of the demonstration
#: code, name, parent
REGIONS = (
    ("990000", "示例省", None),
    ("990100", "示例市", "990000"),
    ("990101", "云岭区", "990100"),
    ("990102", "东湖区", "990100"),
    ("990103", "安宁县", "990100"),
    ("990200", "邻市", "990000"),
    ("990201", "临川县", "990200"),
    ("990900", "公开数据演示区", None),
)


@dataclass(frozen=True)
class DemoAccount:
    username: str
    display_name: str
    role: str
    region: str
    title: str


ACCOUNTS = (
    DemoAccount("reviewer1", "测一初", "first_reviewer", "990101", "云岭区经办初审员"),
    DemoAccount("reviewer2", "测二初", "first_reviewer", "990101", "云岭区经办初审员"),
    DemoAccount("confirmer", "测三复", "confirmer", "990101", "云岭区经办复核员"),
    DemoAccount("sampler", "测肆审", "sample_reviewer", "990101", "云岭区经办复审员"),
    DemoAccount("agreement", "测伍协", "agreement_officer", "990101", "云岭区经办协议管理员"),
    DemoAccount("verifier", "测陆稽", "verifier", "990101", "云岭区经办稽核员"),
    DemoAccount("settlement1", "测肆结", "fund_clerk", "990101", "云岭区经办结算员"),
    DemoAccount("settlement2", "测伍结", "fund_clerk", "990101", "云岭区经办结算员"),
    DemoAccount("officer", "测四执", "enforcement_officer", "990101", "云岭区医保局执法员"),
    DemoAccount("legal", "测柒法", "legal_reviewer", "990101", "云岭区医保局法制审核员"),
    DemoAccount("head", "测捌长", "bureau_head", "990101", "云岭区医保局负责人"),
    DemoAccount("recall", "测玖撤", "recall_officer", "990101", "云岭区医保局撤回审批员"),
    DemoAccount("chief", "测五科", "division_chief", "990100", "示例市局科长"),
    DemoAccount("knowledge1", "测六知", "knowledge_reviewer", "990100", "知识审核员"),
    DemoAccount("knowledge2", "测七知", "knowledge_reviewer", "990100", "知识审核员"),
    DemoAccount("expert", "测八专", "expert", "990100", "评审专家"),
    DemoAccount("hospital", "测九院", "hospital_office", "990101", "医院医保办"),
    DemoAccount("doctor", "测十医", "doctor", "990101", "医师"),
    DemoAccount("pharmacy", "测壹药", "pharmacy", "990101", "零售药店"),
    DemoAccount("chain", "测贰连", "chain_head_office", "990100", "连锁总部"),
    DemoAccount("admin", "测叁管", "administrator", "990000", "系统管理员"),
)
