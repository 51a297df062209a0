"""The workbook of findings: Chinese headings, totals counted once, nothing that can execute."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from fundguard.findings import excel


def finding(**values: Any) -> dict[str, Any]:
    whole = dict.fromkeys((name for name, *_ in excel.COLUMNS), None)
    return whole | {"rule_code": "N67", "counted_fen": 0, "amount_fen": 0} | values


def written(*findings: dict[str, Any]) -> dict[str, list[list[Any]]]:
    target = io.BytesIO()
    assert excel.write_findings(findings, target, {"N67": "药品区分性别使用"}) == len(findings)
    target.seek(0)
    book = CalamineWorkbook.from_filelike(target)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_a_row_is_told_in_yuan_and_dates_and_an_unset_loss_in_words() -> None:
    row = finding(occurred_from=dt.date(2026, 5, 1), amount_fen=123456, fund_amount_fen=None, counted_fen=100)
    head, first, _ = written(row)["疑点"]
    told = dict(zip(head, first, strict=True))
    assert [
        told[name] for name in ("规则名称", "发生日期起", "涉及金额（元）", "基金损失（元）", "计入合计金额（元）")
    ] == [
        "药品区分性别使用",
        dt.date(2026, 5, 1),
        1234.56,
        "损失待核",
        1.0,
    ]


def test_totals_are_of_counted_amounts_by_rule_and_in_all() -> None:
    rows = [
        finding(amount_fen=900, counted_fen=500),
        finding(amount_fen=900, counted_fen=1),
        finding(rule_code="N25", amount_fen=900, counted_fen=99),
    ]
    sheets = written(*rows)
    column = sheets["疑点"][0].index("计入合计金额（元）")
    assert sheets["疑点"][-1][column] == 6.0
    assert [row[2:] for row in sheets["按规则汇总"][1:]] == [[1.0, 0.99], [2.0, 5.01], [3.0, 6.0]]


def test_no_text_becomes_a_formula_or_a_link() -> None:
    dangerous = ["=1+1", "+1", "@SUM(A1)", "http://x", "-2"]
    rows = written(*(finding(mdtrt_id=text) for text in dangerous))["疑点"]
    assert [row[rows[0].index("就诊ID")] for row in rows[1:-1]] == dangerous


def test_nothing_found_is_an_empty_list() -> None:
    sheets = written()
    assert [len(sheets["疑点"]), sheets["按规则汇总"][-1][2]] == [2, 0.0]


def test_a_full_sheet_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "ROWS_PER_SHEET", 2)
    sheets = written(*(finding(counted_fen=100) for _ in range(5)))
    assert [len(sheets[name]) for name in ("疑点", "疑点2", "疑点3")] == [3, 3, 3]
    assert sheets["疑点3"][-1][0] == "合计"
