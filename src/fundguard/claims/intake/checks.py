"""Marks: what a row that can be stored says against itself or against a national dictionary.

A mark never keeps a row out, because rules on inconsistent claims (N35, N36, N41, N42) must see it:
`dict:FIELD` a code outside the dictionary, `miss:FIELD` a required value absent, `sum:FIELD` amounts that do not
add up, `time:FIELD` an end before its begin, `open:FIELD` the year 9999 read as "no end".
A check whose values are not all known says nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from fundguard.claims.coded import is_coded, places
from fundguard.claims.intake.casting import Cast
from fundguard.claims.tables import Table

Flags = npt.NDArray[np.bool_]
Columns = Mapping[str, pa.Array]
TOLERANCE = 1  # fen
MEANING = {
    "dict": "代码不在国家字典内",
    "miss": "必填项为空",
    "sum": "金额勾稽不符",
    "time": "结束早于开始",
    "open": "终止时间为 9999 年，按无终止处理",
}


@dataclass(frozen=True)
class Sum:
    """`total` = sum of `parts` + the known ones of `extra`, within `TOLERANCE`."""

    table: str
    field: str
    total: str
    parts: tuple[str, ...]
    extra: tuple[str, ...] = ()


_SCOPE = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_amt")
_FUNDS = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "hifdm_pay", "maf_pay", "othfund_pay")
SUMS = (
    Sum("fee_list_d", "inscp_amt", "det_item_fee_sumamt", _SCOPE),
    Sum("setl_d", "inscp_amt", "medfee_sumamt", _SCOPE),
    Sum("setl_d", "fund_pay_sumamt", "fund_pay_sumamt", _FUNDS),
    Sum("setl_d", "medfee_sumamt", "medfee_sumamt", ("fund_pay_sumamt", "psn_pay"), ("ownpay_hosp_part",)),
)
#: Tables whose (quantity, unit price, amount) must agree; the mark names the amount.
PRODUCTS = {"fee_list_d": ("cnt", "pric", "det_item_fee_sumamt")}
#: (begin, end) pairs, checked in every table that has both.
SPANS = (
    ("begntime", "endtime"),
    ("begndate", "enddate"),
    ("drord_begntime", "drord_endtime"),
    ("oprn_oprt_begntime", "oprn_oprt_endtime"),
    ("anst_begntime", "anst_endtime"),
    ("scs_cutd_inpool_time", "scs_cutd_exit_time"),
    ("psn_insu_date", "paus_insu_date"),
    ("cntr_begntime", "cntr_endtime"),
    ("efft_time", "invd_time"),
    ("brdy", "die_date"),
    ("manu_date", "expy_end"),
)


@cache
def dictionaries() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Field → (its codes, those that have longer local codes below them). A field without codes is not checked."""
    text = resources.files("fundguard.claims").joinpath("dictionaries.csv").read_text("utf-8")
    found: dict[str, tuple[set[str], set[str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        codes, parents = found.setdefault(row["field"], (set(), set()))
        codes.add(row["code"])
        if row["children"]:
            parents.add(row["code"])
    return {name: (frozenset(codes), frozenset(parents)) for name, (codes, parents) in found.items()}


def marks(table: Table, casts: Mapping[str, Cast], rows: int) -> pa.Array:
    """Comma-separated marks of each row, NULL where there is none. `casts`: the table's typed columns, `rows` long."""
    columns = {name: cast.values for name, cast in casts.items()}
    patterns = [""]
    pattern = np.zeros(rows, dtype=np.int64)
    for mark, flags in [*_values(table, casts), *_sums(table, columns), *_products(table, columns), *_spans(columns)]:
        if not flags.any():
            continue
        # Each distinct set of marks gets a number, so that text is built once a set and not once a row.
        distinct, pattern = np.unique(pattern * 2 + flags, return_inverse=True)
        patterns = [_joined(patterns[code // 2], mark if code % 2 else "") for code in distinct.tolist()]
    return pa.array([p or None for p in patterns], pa.string()).take(pa.array(pattern))


def _joined(marks: str, mark: str) -> str:
    return ",".join(m for m in (marks, mark) if m)


def _values(table: Table, casts: Mapping[str, Cast]) -> Iterator[tuple[str, Flags]]:
    for field in table.fields:
        if field.name not in casts:
            continue
        cast = casts[field.name]
        if field.kind == "dict" and field.name in dictionaries():
            yield f"dict:{field.name}", _outside(cast.values, *dictionaries()[field.name])
        if field.required and cast.values.null_count:
            yield f"miss:{field.name}", _flags(pc.is_null(cast.values))
        if cast.open_end is not None:
            yield f"open:{field.name}", _flags(cast.open_end)


def _outside(values: pa.Array, codes: frozenset[str], parents: frozenset[str]) -> Flags:
    if is_coded(values):
        return np.append(_outside(values.dictionary, codes, parents), False)[places(values)]
    known = pc.is_in(values, value_set=pa.array(sorted(codes)))
    if parents:
        head = pc.utf8_slice_codeunits(values, 0, len(next(iter(parents))))
        known = pc.or_(known, pc.is_in(head, value_set=pa.array(sorted(parents))))
    return _flags(pc.and_(pc.is_valid(values), pc.invert(known)))


def _sums(table: Table, columns: Columns) -> Iterator[tuple[str, Flags]]:
    for check in SUMS:
        if check.table == table.name and {check.total, *check.parts} <= columns.keys():
            difference = columns[check.total]
            for part in check.parts:
                difference = pc.subtract(difference, columns[part])
            for part in check.extra:
                if part in columns:
                    difference = pc.subtract(difference, pc.fill_null(columns[part], 0))
            yield f"sum:{check.field}", _flags(pc.greater(pc.abs(difference), TOLERANCE))


def _products(table: Table, columns: Columns) -> Iterator[tuple[str, Flags]]:
    """10⁻⁴ × 10⁻⁶ yuan = 10⁻¹⁰ yuan; a fen is 10⁸ of that. Decimals, because the product passes 64 bits."""
    names = PRODUCTS.get(table.name, ())
    if not names or not set(names) <= columns.keys():
        return
    cnt, pric, amount = (_decimal(columns[name]) for name in names)
    fen = pa.scalar(10**8, pa.decimal128(10, 0))
    difference = pc.abs(pc.subtract(pc.multiply(cnt, pric), pc.multiply(amount, fen)))
    yield f"sum:{names[2]}", _flags(pc.greater(difference, pa.scalar(TOLERANCE * 10**8, pa.decimal128(38, 0))))


def _decimal(scaled: pa.Array) -> pa.Array:
    """Typed numbers have at most 18 digits, so their product fits a decimal of 37."""
    plain = pa.decimal64(18, 0)
    exact = pa.Array.from_buffers(plain, len(scaled), scaled.buffers(), scaled.null_count, scaled.offset)
    return exact.cast(pa.decimal128(18, 0))


def _spans(columns: Columns) -> Iterator[tuple[str, Flags]]:
    for begin, end in SPANS:
        if begin in columns and end in columns:
            yield f"time:{end}", _flags(pc.less(columns[end], columns[begin]))


def _flags(values: pa.Array) -> Flags:
    return np.asarray(pc.fill_null(values, False), dtype=bool)
