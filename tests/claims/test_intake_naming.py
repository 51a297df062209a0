"""Which table a file is, and which column is which field."""

from __future__ import annotations

import pytest

from fundguard.claims.intake.naming import columns_of, table_of
from fundguard.claims.tables import tables
from fundguard.errors import Refusal


@pytest.mark.parametrize(
    ("source", "table"),
    [
        ("fee_list_d.csv", "fee_list_d"),
        ("STG_SD_YT_FEE_LIST_D.csv", "fee_list_d"),
        ("fee_list_d_202501.parquet", "fee_list_d"),
        ("FEE_LIST_D-2025-01-03.csv", "fee_list_d"),
        ("fee_list_d_part-00001.csv", "fee_list_d"),
        ("fee_list_d/part-0.parquet", "fee_list_d"),
        ("2025/fee_list_d/anything.csv", "fee_list_d"),
        ("data.zip/ods_setl_d(2).csv", "setl_d"),
        ("book.xlsx#MDTRT_D", "mdtrt_d"),
        ("mdtrt_d.xlsx#Sheet1", "mdtrt_d"),
        ("setlcent_db.setl_d", "setl_d"),
        ("ＳＥＴＬ＿Ｄ.csv", "setl_d"),
        ("purchase_3503_2025.csv", "purchase_3503"),
        ("bak_fee_list_d.csv", None),
        ("void_setl_d.csv", None),
        ("fee_list_d_old.csv", None),
        ("setl_diag_list_d.csv", "setl_diag_list_d"),
        ("费用.csv", None),
    ],
)
def test_table_of(source: str, table: str | None) -> None:
    found = table_of(source)
    assert (found.name if found else None) == table


REQUIRED = ["BKKP_SN", "mdtrt_id", "psn_no", "fixmedins_code", "fee_ocur_time", "cnt", "pric", "det_item_fee_sumamt"]


def test_spellings_of_columns() -> None:
    names = [*REQUIRED, "T.Bilg_Dr_Codg", "inscp_scp_amt", "med_list_code", "\ufeff 备注", "hilist_codg"]
    columns = columns_of(tables()["fee_list_d"], names, "f.csv")
    assert columns.positions["bkkp_sn"] == 0
    assert columns.unknown == ("\ufeff 备注",)
    found = {name for name, place in columns.positions.items() if place >= len(REQUIRED)}
    assert found == {"bilg_dr_code", "inscp_amt", "med_list_codg", "hilist_code"}


def test_a_missing_required_column_is_named() -> None:
    with pytest.raises(Refusal) as refused:
        columns_of(tables()["fee_list_d"], [n for n in REQUIRED if n != "psn_no"], "f.csv")
    assert "psn_no" in refused.value.seen
    assert "f.csv" in refused.value.where
    assert "--mapping" in refused.value.remedy


def test_two_columns_for_one_field_are_refused() -> None:
    with pytest.raises(Refusal, match="同一个字段"):
        columns_of(tables()["fee_list_d"], [*REQUIRED, "feedetl_sn"], "f.csv")
