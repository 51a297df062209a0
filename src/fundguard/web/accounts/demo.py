"""Demonstration regions and accounts, as data. Names and codes are impossible ones, of the synthetic city."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "fundguard-demo"  # noqa: S105 shown on the sign-in page of the demonstration

#: code, name, level, code of the region above
REGIONS = (
    ("990000", "示例省", "province", ""),
    ("990100", "示例市", "city", "990000"),
    ("990101", "云岭区", "county", "990100"),
    ("990102", "东湖区", "county", "990100"),
    ("990103", "安宁县", "county", "990100"),
    ("990200", "邻市", "city", "990000"),
    ("990201", "临川县", "county", "990200"),
)


@dataclass(frozen=True)
class Account:
    username: str
    name: str
    role: str
    region: str
    institution_code: str = ""


ACCOUNTS = (
    Account("review1", "测初甲", "first_reviewer", "990101"),
    Account("review2", "测初乙", "first_reviewer", "990101"),
    Account("confirm", "测复核", "confirmer", "990101"),
    Account("enforce", "测执法", "enforcer", "990101"),
    Account("chief", "测科长", "chief", "990100"),
    Account("knowledge1", "测知甲", "knowledge", "990100"),
    Account("knowledge2", "测知乙", "knowledge", "990100"),
    Account("expert", "测专家", "expert", "990100"),
    Account("hospital", "测医办", "hospital", "990101", "H99010110001"),
    Account("doctor", "测医师", "doctor", "990101", "H99010110001"),
    Account("pharmacy", "测药店", "pharmacy", "990101", "P99010140001"),
    Account("chain", "测连锁", "chain", "990100", "P99LS乙"),
    Account("admin", "测管理", "administrator", "990000"),
)

#: head office, store
AFFILIATIONS = tuple(("P99LS乙", store) for store in ("P99010140001", "P99010240001", "P99010340001"))
