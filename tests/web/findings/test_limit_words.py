"""What a knowledge point limits, told in words: one row of each limit table."""

from __future__ import annotations

import pytest

from fundguard import knowledge
from fundguard.web.rulebook.words import limits

PAIR = {"code_a": "A", "code_b": "B", "window": "day", "keep": "a", "unless": None}
QUANTITY = {"cap_e4": 15_000, "unit": "day", "window": "day", "per": None}
OPERATION = {"from_operation": "53.0", "to_operation": "53.3"}
DIAGNOSIS = {"from_diagnosis": "C16", "to_diagnosis": "C17"}
AMOUNT = {"cap_fen": 100_000, "window": "year", "parts": None}


@pytest.mark.parametrize(
    ("table", "row", "said"),
    [
        ("pair", PAIR, "甲A已含甲B，同日不再另收"),
        ("pair", PAIR | {"keep": "dear", "window": "prescription"}, "甲A与甲B同一处方不得同时收费"),
        ("pair", PAIR | {"window": "session", "unless": "C"}, "甲A已含甲B，同次就诊同日不再另收（当日另有甲C的除外）"),
        ("quantity", QUANTITY, "每日至多 1.5（按日计）"),
        (
            "quantity",
            QUANTITY | {"unit": "piece", "window": "encounter", "per": "O"},
            "每次就诊（每一甲O）至多 1.5（按件计）",
        ),
        ("need", {"needs": "F", "window": "before", "days": 90}, "此前 90 天内须有甲F"),
        ("need", {"needs": "F", "window": "encounter", "days": None}, "同次就诊须有甲F"),
        ("amount", AMOUNT, "每年合计至多 1000 元"),
        ("amount", AMOUNT | {"cap_fen": 6050, "window": "day", "parts": 3}, "3 种同时收费时，每日合计至多 60.50 元"),
        (
            "price",
            {"level_1_fen": None, "level_2_fen": 3000, "level_3_fen": 3605},
            "二级机构至多 30 元，三级机构至多 36.05 元",
        ),
        ("evidence", {"from_code": "I21", "to_code": "I22"}, "编码 I21（含）至 I22（不含） 须有此收费"),
        ("mismatch", OPERATION | DIAGNOSIS, "手术 53.0（含）至 53.3（不含） 与主要诊断 C16（含）至 C17（不含） 不符"),
        ("prophylaxis", OPERATION | {"days": 1}, "手术 53.0（含）至 53.3（不含） 预防使用至多 1 天"),
        ("prophylaxis", OPERATION | {"days": 0}, "手术 53.0（含）至 53.3（不含） 不作预防使用"),
        ("drug_grade", {"grade": "special"}, "特殊使用级抗菌药物"),
        ("item_group", {"group_name": "示例组"}, "同组：示例组"),
        ("limit", {"sex": "2", "age_to_years": 14, "allow_outpatient": 0}, "限女性，未满 14 周岁，门诊不支付"),
        ("code_set", {"mode": "require", "codes": "E10-E14|R73"}, "限编码：E10-E14、R73"),
        ("code_set", {"mode": "forbid", "codes": "Z33"}, "禁用于编码：Z33"),
        ("record_code", {"source": "diagnosis", "codes": "C61", "sex": "1"}, "诊断 C61：限男性"),
        ("record_code", {"source": "operation", "codes": "72-75", "sex": "2"}, "手术操作 72-75：限女性"),
        ("record_code", {"source": "diagnosis", "codes": "O", "age_from_years": 9}, "诊断 O：满 9 周岁起"),
    ],
)
def test_a_limit_in_words(table: str, row: dict[str, object], said: str) -> None:
    assert limits(table, row, lambda code: f"甲{code}") == said


def test_every_limit_of_the_synthetic_region_has_words() -> None:
    tables = knowledge.of_region("990101").tables
    own = [(name, row) for name, table in tables.items() for row in table.to_pylist() if row["point_id"][-4:] > "9000"]
    assert own
    assert [row for name, row in own if not limits(name, row, str)] == []
