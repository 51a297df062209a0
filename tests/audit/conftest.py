"""A store with a handful of rows: what one drug for women, charged to men and women, lets a run say."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from fundguard.claims.store import Store
from fundguard.claims.tables import SCALE, tables

FOR_WOMEN = "ZD03AAA0043010100166"
HOSPITAL, ELSEWHERE = "H99010100001", "H98010100001"
WHEN = dt.datetime(2026, 5, 10, 9)


def rows(table: str, given: list[dict[str, Any]]) -> pa.Table:
    """Rows as an import hands them over: typed as declared, identity still clear."""
    columns = {}
    for field in tables()[table].fields:
        if any(field.name in row for row in given):
            kind = {"day": pa.date32(), "time": pa.timestamp("us")}.get(field.kind)
            kind = kind or (pa.int64() if field.kind in SCALE else pa.string())
            columns[field.name] = pa.array([row.get(field.name) for row in given], kind)
    numbers = pa.array(range(1, len(given) + 1), pa.int64())
    return pa.table(columns | {"record": numbers, "source_file": pa.array(["synthetic.csv"] * len(given))})


def bring(store: Store, as_of: dt.datetime = WHEN, **given: list[dict[str, Any]]) -> None:
    with store.arrival("synthetic", as_of=as_of, files={f"{as_of}": f"{as_of:%d}" * 32}) as arrival:
        for table, some in given.items():
            arrival.add(table, rows(table, some))
        arrival.commit()


def visit(
    name: str, *, sex: str = "1", institution: str = HOSPITAL, item: str = FOR_WOMEN
) -> dict[str, list[dict[str, Any]]]:
    """One paid outpatient visit of one person with one charge of 100 yuan."""
    person, encounter, settlement = f"psn-{name}", f"M-{name}", f"S-{name}"
    common = {"psn_no": person, "fixmedins_code": institution, "med_type": "11", "vali_flag": "1"}
    region = "990101" if institution == HOSPITAL else "980101"
    return {
        "fixmedins_b": [
            {
                "fixmedins_code": institution,
                "fix_blng_admdvs": region,
                "fixmedins_type": "1",
                "fixmedins_name": "示例医院",
                "vali_flag": "1",
            }
        ],
        "psn_info_b": [{"psn_no": person, "gend": sex, "brdy": dt.date(1980, 1, 1), "vali_flag": "1"}],
        "mdtrt_d": [{"mdtrt_id": encounter, "begntime": WHEN, "endtime": WHEN, "insutype": "310", **common}],
        "setl_d": [
            {
                "setl_id": settlement,
                "mdtrt_id": encounter,
                "insutype": "310",
                "setl_time": WHEN,
                "psn_setlway": "01",
                "medfee_sumamt": 10000,
                "inscp_amt": 10000,
                "fund_pay_sumamt": 7000,
                "refd_setl_flag": "0",
                "fix_blng_admdvs": region,
                **common,
            }
        ],
        "fee_list_d": [
            {
                "bkkp_sn": f"L-{name}",
                "mdtrt_id": encounter,
                "setl_id": settlement,
                "fee_ocur_time": WHEN,
                "cnt": 10000,
                "pric": 100_000_000,
                "det_item_fee_sumamt": 10000,
                "inscp_amt": 10000,
                "med_list_codg": item,
                **common,
            }
        ],
    }


def together(*visits: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {table: [row for one in visits for row in one[table]] for table in visits[0]}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store.create(tmp_path / "store")
    bring(made, **together(visit("man"), visit("woman", sex="2"), visit("unknown", sex="0")))
    return made
