"""Rows for tests of the store, as the import hands them over. All persons are impossible ones."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa

from fundguard.claims.store import Manifest, Store
from fundguard.claims.tables import tables

TYPES = {"day": pa.date32(), "time": pa.timestamp("us")} | dict.fromkeys(
    ("fen", "pric", "cnt", "ratio", "int", "tenth"), pa.int64()
)


def typed(table: str, *rows: dict[str, Any]) -> pa.Table:
    """Only the fields that some row names, as an import of a narrow file gives them."""
    columns = {
        f.name: pa.array([row.get(f.name) for row in rows], TYPES.get(f.kind, pa.string()))
        for f in tables()[table].fields
        if any(f.name in row for row in rows)
    }
    columns["record"] = pa.array(range(1, len(rows) + 1), pa.int64())
    columns["source_file"] = pa.array(["sample.csv"] * len(rows))
    return pa.table(columns)


def fee(sn: str, amount: int = 1000, **fields: Any) -> dict[str, Any]:
    return {
        "bkkp_sn": sn,
        "mdtrt_id": "M1",
        "psn_no": "9900000001",
        "fixmedins_code": "H33010600001",
        "fee_ocur_time": datetime(2024, 3, 5, 10, 30),
        "cnt": 10_000,
        "det_item_fee_sumamt": amount,
        "inscp_amt": amount,
        "vali_flag": "1",
        **fields,
    }


def bring(store: Store, table: str, *rows: dict[str, Any], as_of: datetime | None = None) -> Manifest:
    """One committed arrival of one table."""
    with store.arrival("test", as_of=as_of) as arrival:
        arrival.add(table, typed(table, *rows))
        return arrival.commit()


def seen(store: Store, query: str, **how: Any) -> list[tuple[Any, ...]]:
    with store.connect(**{"origin": "parquet", **how}) as connection:
        return connection.execute(query).fetchall()
