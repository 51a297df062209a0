"""Marks: rows that contradict themselves or a dictionary are kept, and say so."""

from __future__ import annotations

import pyarrow as pa
import pytest

from fundguard.claims.intake.casting import cast
from fundguard.claims.intake.checks import MEANING, dictionaries, marks
from fundguard.claims.tables import tables


def marks_of(name: str, **values: str | None) -> set[str]:
    """Marks of one row of `name`, checked beside a row of nothing but NULL."""
    table = tables()[name]
    casts = {k: cast(pa.array([v, None], pa.string()), table.field(k)) for k, v in values.items()}
    return set((marks(table, casts, 2)[0].as_py() or "").split(",")) - {""}


LINE = {"cnt": "3", "pric": "0.333", "det_item_fee_sumamt": "1.00"}
SCOPE = {"fulamt_ownpay_amt": "1", "overlmt_selfpay": "0", "preselfpay_amt": "0.5", "inscp_amt": "8.5"}


@pytest.mark.parametrize(
    ("table", "values", "expected"),
    [
        ("fee_list_d", LINE, set()),
        ("fee_list_d", LINE | {"det_item_fee_sumamt": "1.01"}, {"sum:det_item_fee_sumamt"}),
        ("fee_list_d", LINE | {"cnt": "-3", "det_item_fee_sumamt": "-1.00"}, set()),
        ("fee_list_d", LINE | {"cnt": None}, {"miss:cnt"}),
        (
            "fee_list_d",
            {"cnt": "99999999", "pric": "999999999", "det_item_fee_sumamt": "1"},
            {"sum:det_item_fee_sumamt"},
        ),
        ("setl_d", SCOPE | {"medfee_sumamt": "10.00"}, set()),
        ("setl_d", SCOPE | {"medfee_sumamt": "10.01"}, set()),
        ("setl_d", SCOPE | {"medfee_sumamt": "10.02"}, {"sum:inscp_amt"}),
        ("setl_d", SCOPE | {"medfee_sumamt": "10.02", "overlmt_selfpay": None}, set()),
        ("setl_d", {"medfee_sumamt": "9", "fund_pay_sumamt": "5", "psn_pay": "3"}, {"sum:medfee_sumamt"}),
        ("setl_d", {"medfee_sumamt": "9", "fund_pay_sumamt": "5", "psn_pay": "3", "ownpay_hosp_part": "1"}, set()),
        ("mdtrt_d", {"begntime": "2026-01-02", "endtime": "2026-01-02"}, set()),
        ("mdtrt_d", {"begntime": "2026-01-02", "endtime": "2026-01-01"}, {"time:endtime"}),
        ("mdtrt_d", {"begntime": "2026-01-02", "endtime": "9999-12-31"}, {"open:endtime"}),
        ("psn_info_b", {"brdy": "2000-01-02", "die_date": "2000-01-01"}, {"time:die_date"}),
        ("setl_d", {"med_type": "21", "insutype": "310"}, set()),
        ("setl_d", {"med_type": "140104", "psn_type": "1101"}, set()),
        ("setl_d", {"med_type": "2101", "insutype": "医保"}, {"dict:med_type", "dict:insutype"}),
    ],
)
def test_marks(table: str, values: dict[str, str | None], expected: set[str]) -> None:
    assert marks_of(table, **values) == expected


def test_every_dictionary_belongs_to_a_dict_field_and_every_mark_has_a_meaning() -> None:
    declared = {f.name for t in tables().values() for f in t.fields if f.kind == "dict"}
    assert set(dictionaries()) <= declared
    assert set(MEANING) == {"dict", "miss", "sum", "time", "open"}


def test_many_marks_on_one_row_keep_their_order() -> None:
    table = tables()["setl_d"]
    dicts = [f.name for f in table.fields if f.name in dictionaries()]
    casts = {name: cast(pa.array(["?", "?"]), table.field(name)) for name in dicts}
    assert marks(table, casts, 2).to_pylist() == [",".join(f"dict:{name}" for name in dicts)] * 2
