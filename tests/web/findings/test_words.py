"""Limits of each kind in words that an auditor reads."""

from __future__ import annotations

import pytest

from fundguard.web.rulebook.words import limits

SAID = [
    ("pair", {"code_a": "甲", "code_b": "乙"}, "“甲”已含“乙”，同日不再另收"),
    ("quantity", {"unit": "hour", "cap_e4": 240_000}, "每日至多 24（按小时计）"),
    ("limit", {"sex": "2", "age_to_years": 14, "allow_outpatient": 0}, "限女性，未满 14 周岁，门诊不支付"),
    ("code_set", {"mode": "require", "codes": "E10-E14|R73"}, "限编码：E10-E14、R73"),
    ("code_set", {"mode": "forbid", "codes": "Z33"}, "禁用于编码：Z33"),
    ("record_code", {"source": "diagnosis", "codes": "C61", "sex": "1"}, "诊断 C61：限男性"),
    ("record_code", {"source": "operation", "codes": "72-75", "sex": "2"}, "手术操作 72-75：限女性"),
    ("record_code", {"source": "diagnosis", "codes": "O", "age_from_years": 9}, "诊断 O：满 9 周岁起"),
]


@pytest.mark.parametrize(("table", "row", "said"), SAID)
def test_a_limit_is_said_in_words(table: str, row: dict[str, object], said: str) -> None:
    assert limits(table, row, lambda code: f"“{code}”") == said
