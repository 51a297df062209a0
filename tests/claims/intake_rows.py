"""Small tables in source form for the import tests. All names and numbers are impossible."""

from __future__ import annotations

import csv
import io
from pathlib import Path

FEE = [
    "bkkp_sn",
    "mdtrt_id",
    "setl_id",
    "psn_no",
    "fixmedins_code",
    "fee_ocur_time",
    "cnt",
    "pric",
    "det_item_fee_sumamt",
    "fulamt_ownpay_amt",
    "overlmt_selfpay",
    "preselfpay_amt",
    "inscp_amt",
    "med_type",
    "med_list_codg",
    "bilg_dept_name",
    "updt_time",
]
NAME, NUMBER = "测甲〇〇一", "990000190001010000"


def fee(number: int, **changes: str) -> dict[str, str]:
    """A fee line of 2 × 3.50 yuan that contradicts nothing."""
    row = dict(
        zip(
            FEE,
            f"F{number:04d} M{number // 3:03d} S{number // 3:03d} P{number // 6:03d} H99000000001 "
            "2026-01-05|10:11:12 2 3.5 7.00 0 0 0 7.00 11 XA01AAA00 内科 2026-01-06|00:00:00".split(),
            strict=True,
        )
    )
    return {name: value.replace("|", " ") for name, value in row.items()} | changes


def csv_bytes(rows: list[dict[str, str]], encoding: str = "utf-8", delimiter: str = ",", end: str = "\n") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def write_csv(path: Path, rows: list[dict[str, str]], **how: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(csv_bytes(rows, **how))
    return path
