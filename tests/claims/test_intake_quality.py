"""The data-quality report on a small upload whose faults are known."""

from __future__ import annotations

from pathlib import Path

import pytest
from intake_rows import fee, write_csv
from python_calamine import CalamineWorkbook

from fundguard.claims.intake import QualityReport, import_path, quality, write_excel
from fundguard.claims.store import Store

A, B = "H99000000001", "=H99000000002"


def setl(number: int, amount: str, **changes: str) -> dict[str, str]:
    return {
        "setl_id": f"S{number:03d}",
        "mdtrt_id": f"M{number:03d}",
        "psn_no": "P000",
        "fixmedins_code": A,
        "insutype": "310",
        "med_type": "11",
        "setl_time": "2026-01-05 12:00:00",
        "medfee_sumamt": amount,
        "fund_pay_sumamt": "0",
        "setl_type": "2",
        "insu_admdvs": "990101",
        "fix_blng_admdvs": "990101",
    } | changes


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> QualityReport:
    """S000 adds up, S001 does not, S002 has no lines; one line of institution B has no settlement."""
    folder = tmp_path_factory.mktemp("quality")
    lines = [fee(n, crte_time="2026-01-06 00:00:00") for n in range(6)]
    lines[5] |= {"crte_time": "2026-02-05 00:00:00", "bilg_dept_name": "", "med_type": "99"}
    late = "2026-03-01 00:00:00"
    lines.append(fee(99, fixmedins_code=B, setl_id="", fee_ocur_time=late, crte_time=late))
    write_csv(folder / "in" / "fee_list_d.csv", lines)
    other_city = {"setl_type": "1", "insu_admdvs": "990201", "setl_time": "2026-01-07 00:00:00"}
    write_csv(folder / "in" / "setl_d.csv", [setl(0, "21.00"), setl(1, "20.00"), setl(2, "9.00", **other_city)])
    import_path(folder / "in", folder / "store")
    with Store.open(folder / "store").connect(origin="parquet") as connection:
        return quality(connection)


def rows(report: QualityReport, section: str, **where: object) -> list[dict[str, object]]:
    given = report.sections[section].rows.to_pylist()
    return [r for r in given if all(r[name] == value for name, value in where.items())]


def test_totals_and_accuracy(report: QualityReport) -> None:
    (fees,) = rows(report, "totals", table_name="fee_list_d", fixmedins_code=A, month="202601")
    assert (fees["lines"], fees["marked"], fees["share"]) == (6, 1, 0.8333)
    (problem,) = rows(report, "accuracy", table_name="fee_list_d")
    assert (problem["problem"], problem["field"], problem["lines"]) == ("代码不在国家字典内", "med_type", 1)


def test_completeness_lists_what_is_missing(report: QualityReport) -> None:
    missing = {r["field"]: (r["missing"], r["share"]) for r in rows(report, "completeness", fixmedins_code=B)}
    assert missing["setl_id"] == (1, 0.0)
    assert "med_list_codg" not in missing
    assert "bkkp_sn" not in missing


def test_lateness_in_days(report: QualityReport) -> None:
    (fees,) = rows(report, "lateness", table_name="fee_list_d", fixmedins_code=A)
    assert (fees["lines"], fees["median"], fees["p95"], fees["late"], fees["share"]) == (6, 1, 31, 1, 0.1667)


def test_settlements_against_their_lines(report: QualityReport) -> None:
    (own,) = rows(report, "settlements", fixmedins_code=A)
    assert own == {
        "fixmedins_code": A,
        "month": "202601",
        "settlements": 3,
        "online": 2,
        "cross_region": 1,
        "without_lines": 1,
        "different": 1,
        "settled_fen": 5000,
        "lines_fen": 4200,
        "share": 0.84,
        "unsettled_lines": 0,
        "unsettled_fen": 0,
    }
    (other,) = rows(report, "settlements", fixmedins_code=B)
    assert (other["settlements"], other["unsettled_lines"], other["unsettled_fen"]) == (None, 1, 700)


def test_months_without_any_upload(report: QualityReport) -> None:
    (gap,) = rows(report, "gaps")
    assert (gap["fixmedins_code"], gap["missing"], gap["months"]) == (A, 2, "202602、202603")


def test_the_workbook_has_chinese_headers_yuan_and_no_formula(report: QualityReport, tmp_path: Path) -> None:
    path = tmp_path / "q.xlsx"
    write_excel(report, path)
    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names == [s.title for s in report.sections.values()]
    head, *lines = book.get_sheet_by_name("与结算总额核对").to_python()
    assert head[:2] == ["定点医药机构编号", "月份"]
    assert (head[7], [line[7] for line in lines if line[0] == A]) == ("结算总额（元）", [50.0])
    assert B in [line[0] for line in lines], "text that looks like a formula stays text"
