"""The closed list of functions a mapping may name. Columns of text in, one column of text out; nothing else runs.

A value that a function cannot read passes through unchanged, so that typing refuses the row with its own value
and place, instead of the function guessing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fundguard.claims.intake.casting import cast
from fundguard.claims.tables import Field

Columns = list[pa.Array]
_DAY = Field("", "", "day", 0, False, "", (), "")
_AMOUNT = Field("", "", "pric", 0, False, "", (), "")


@dataclass(frozen=True)
class Function:
    """`run(columns, argument)`; `argument` is the type its argument must have; `several`: takes several columns."""

    run: Callable[[Columns, Any], pa.Array]
    argument: type
    several: bool = False


def _date(columns: Columns, form: str) -> pa.Array:
    """A day or time written as strptime's `form`, as ISO text."""
    read = pc.strptime(columns[0], format=form, unit="s", error_is_null=True)
    return pc.coalesce(pc.strftime(read, format="%Y-%m-%d %H:%M:%S"), columns[0])


def _shift_days(columns: Columns, days: int) -> pa.Array:
    """The day, `days` later; the time of day is dropped."""
    read = cast(columns[0], _DAY).values
    shifted = pc.add(read.cast(pa.int32()), pa.scalar(days, pa.int32())).cast(pa.date32())
    return pc.coalesce(shifted.cast(pa.string()), columns[0])


def _concat(columns: Columns, separator: str) -> pa.Array:
    """The values that are there, joined; none is empty text."""
    # pyarrow 26 leaves a row out of the answer where every value is null.
    first = pc.if_else(pc.is_valid(pc.coalesce(*columns)), columns[0], "")
    columns = [first, *columns[1:]]
    return pc.binary_join_element_wise(*columns, separator, null_handling="skip")


def _first_non_empty(columns: Columns, _: bool) -> pa.Array:
    return pc.coalesce(*columns)


def _sum(columns: Columns, _: bool) -> pa.Array:
    """Exact sum of amounts; absent ones count nothing, all absent is absent; one that is no amount passes through."""
    casts = [cast(column, _AMOUNT) for column in columns]
    total = casts[0].values.cast(pa.decimal128(20, 0)).fill_null(0)
    for one in casts[1:]:
        total = pc.add(total, one.values.cast(pa.decimal128(20, 0)).fill_null(0)).cast(pa.decimal128(20, 0))
    millionth = pa.scalar(10**6, pa.decimal128(7, 0))
    text = pc.divide(total.cast(pa.decimal128(26, 6)), millionth).cast(pa.decimal128(30, 6)).cast(pa.string())
    unread = [pc.if_else(one.bad, column, None) for one, column in zip(casts, columns, strict=True) if one.bad]
    known = pc.is_valid(pc.coalesce(*columns))
    return pc.coalesce(*unread, pc.if_else(known, text, pa.scalar(None, pa.string())))


def _prefix(columns: Columns, prefix: str) -> pa.Array:
    return pc.binary_join_element_wise(pa.scalar(prefix), columns[0], "")


def _codes(columns: Columns, codes: dict[str, str]) -> pa.Array:
    """Code map; a code not listed becomes that of `*`, and without `*` stays as it is (and is marked later)."""
    listed = {key: value for key, value in codes.items() if key != "*"}
    place = pc.index_in(columns[0], value_set=pa.array(list(listed), pa.string()))
    mapped = pa.array(list(listed.values()), pa.string()).take(place)
    other = pa.scalar(codes["*"]) if "*" in codes else columns[0]
    return pc.if_else(pc.is_null(columns[0]), columns[0], pc.coalesce(mapped, other))


FUNCTIONS = {
    "date": Function(_date, str),
    "shift_days": Function(_shift_days, int),
    "concat": Function(_concat, str, several=True),
    "first_non_empty": Function(_first_non_empty, bool, several=True),
    "sum": Function(_sum, bool, several=True),
    "prefix": Function(_prefix, str),
    "codes": Function(_codes, dict),
}
