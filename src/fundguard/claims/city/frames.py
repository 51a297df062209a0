"""Columns without a Python loop: numbered ids, coded words, decimals and times straight from integer arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from fundguard.claims.tables import SCALE, Field, tables

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.integer]
#: Stands for NULL in an integer array.
NONE = int(np.iinfo(np.int64).min)
CHINESE_DIGITS = "〇一二三四五六七八九"
_PRECISION = {"ratio": 5, "tenth": 4}


@dataclass(frozen=True)
class Coded:
    """A text column as positions in a short list of words; position -1 is NULL."""

    words: pa.Array
    codes: Codes


Column: TypeAlias = "Ints | Coded | pa.Array | str"


def words(values: Sequence[str | None]) -> pa.Array:
    return pa.array(values, pa.string())


def coded(values: Sequence[str | None], codes: Codes) -> Coded:
    """A text column by position in `values`; both position -1 and an absent value are NULL."""
    distinct = list(dict.fromkeys(value for value in values if value))
    number = {value: position for position, value in enumerate(distinct)}
    place = np.array([number.get(value or "", -1) for value in values] + [-1], np.int64)
    return Coded(words(distinct), place[codes])


def numbered(numbers: Ints, width: int, prefix: str = "", alphabet: str = "0123456789") -> pa.Array:
    """Texts `prefix` + the number in `width` digits of `alphabet` (any script, each sign equally long in UTF-8).

    Each text is a record of the prefix and groups of four digits, so that a group is one copy out of a table.
    """
    head, top = prefix.encode(), width % 4
    groups = [_digits(alphabet, digits) for digits in ([top] if top else []) + [4] * (width // 4)]
    fields = [(f"group{place}", table.dtype) for place, table in enumerate(groups)]
    out = np.empty(len(numbers), [("head", f"V{len(head)}"), *fields] if head else fields)
    if head:
        out["head"] = np.void(head)
    rest = numbers.astype(np.uint32) if not len(numbers) or numbers.max() < 2**32 else numbers.astype(np.uint64)
    for place in range(len(groups) - 1, -1, -1):
        over = rest // rest.dtype.type(len(groups[place]))
        out[f"group{place}"] = groups[place][rest - over * rest.dtype.type(len(groups[place]))]
        rest = over
    return texts(out.view(np.uint8).reshape(len(out), out.dtype.itemsize))


@cache
def _digits(alphabet: str, count: int) -> npt.NDArray[np.generic]:
    """All numbers of `count` digits as fixed-length bytes; four bytes as one integer, which is copied faster."""
    signs = np.array([list(sign.encode()) for sign in alphabet], np.uint8)
    numbers = np.arange(10**count)
    places = np.stack([numbers // 10**place % 10 for place in range(count - 1, -1, -1)], axis=1)
    rows = signs[places].reshape(len(numbers), count * signs.shape[1])
    table: npt.NDArray[np.generic] = rows.view("<u4" if rows.shape[1] == 4 else f"V{rows.shape[1]}").ravel()
    return table


def texts(matrix: npt.NDArray[np.uint8]) -> pa.Array:
    """A matrix of UTF-8 bytes, one text a row."""
    rows, width = matrix.shape
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int64) if width else np.zeros(rows + 1, np.int64)
    buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(np.ascontiguousarray(matrix))]
    return pa.StringArray.from_buffers(rows, buffers[1], buffers[2])


def minutes(values: Ints) -> Ints:
    """Whole minutes since 1970-01-01 as seconds; NULL stays NULL."""
    return np.where(values == NONE, NONE, values * 60)


def to_table(name: str, columns: Mapping[str, Column]) -> pa.Table:
    """The source form of table `name`: text, yuan as decimals, dates, timestamps.

    Integer arrays hold fen, 10^-6 yuan, 10^-4, days or *minutes* according to the declared kind; a bare text
    is a constant. Fields follow the declared order; fields not given are left out.
    """
    rows = next(len(c.codes) if isinstance(c, Coded) else len(c) for c in columns.values() if not isinstance(c, str))
    arrays = {f.name: _array(f, columns[f.name], rows) for f in tables()[name].fields if f.name in columns}
    unknown = set(columns) - set(arrays)
    if unknown:
        raise KeyError(f"{name}: {sorted(unknown)}")
    return pa.table(arrays)


@cache
def _type(kind: str) -> pa.DataType:
    if kind in SCALE and kind != "int":
        return pa.decimal64(_PRECISION.get(kind, 16), SCALE[kind])
    return {"int": pa.int64(), "day": pa.date32(), "time": pa.timestamp("s")}.get(kind, pa.string())


def _array(field: Field, column: Column, rows: int) -> pa.Array:
    kind = _type(field.kind)
    if isinstance(column, str):
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), words([column]))
    if isinstance(column, Coded):
        return _coded(column)
    if isinstance(column, pa.Array | pa.ChunkedArray):
        return column
    missing = column == NONE
    mask = missing if missing.any() else None
    if pa.types.is_decimal(kind):
        return _decimal(column, mask, kind)
    if field.kind == "time":
        column = minutes(column)
    if field.kind == "day":
        return pa.array(np.where(missing, 0, column).astype(np.int32), pa.int32(), mask=mask).cast(kind)
    return pa.array(column, pa.int64(), mask=mask).cast(kind)


def _coded(column: Coded) -> pa.Array:
    codes = column.codes
    small = codes.astype(np.int32, copy=False)
    absent = small < 0
    return pa.DictionaryArray.from_arrays(pa.array(small, mask=absent if absent.any() else None), column.words)


def _decimal(values: Ints, mask: npt.NDArray[np.bool_] | None, kind: pa.DataType) -> pa.Array:
    validity = None if mask is None else pa.array(~mask).buffers()[1]
    return pa.Array.from_buffers(kind, len(values), [validity, pa.py_buffer(np.ascontiguousarray(values))])
