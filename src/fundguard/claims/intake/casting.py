"""A column of source values becomes a column of stored kind; what cannot be read is told apart, value by value.

Numbers are read as exact decimals, never as floats. A column is cast whole, and only if that fails are its
unusual spellings looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fundguard.claims.coded import coded, is_coded, recoded
from fundguard.claims.tables import SCALE, Field

#: What systems write for "no value".
EMPTY = pa.array(["", "NULL", "null", "Null", "\\N", "(null)", "<null>"])
TIME = pa.timestamp("us")
#: 9999-12-31 stands for "without end"; whole minutes since 1970 fit 32 bits only up to the year 6053.
FIRST_YEAR, LAST_YEAR, OPEN_YEAR = 1800, 6000, 9999
DAMAGED = r"^[0-9](?:\.[0-9]+)?[Ee]\+[0-9]+$"
UNREADABLE = {
    "int": "不是整数",
    "fen": "不是金额，或小数超过两位",
    "pric": "不是单价，或小数超过六位",
    "cnt": "不是数量，或小数超过四位",
    "ratio": "不是比例，或小数超过四位",
    "tenth": "不是数值，或小数超过一位",
    "day": "日期无法识别",
    "time": "时间无法识别",
    "code": "编码已被电子表格改成科学计数法",
}
#: Rewritings, in order, that turn the usual Chinese spellings of a moment into the one form the parser reads.
_TIME = (
    (r"^(\d{4})(\d{2})(\d{2})", r"\1-\2-\3"),
    (r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", r"\1-0\2-0\3"),
    (r"^(\d{4})-0?(\d{2})-0?(\d{2})", r"\1-\2-\3"),
    (r"^(\d{4}-\d{2}-\d{2})[T ]*(\d{2})(\d{2})(\d{2})$", r"\1 \2:\3:\4"),
    (r"^(\d{4}-\d{2}-\d{2})[T ]*(\d):", r"\1 0\2:"),
    (r"^(\d{4}-\d{2}-\d{2})(\d)", r"\1 \2"),
    (r" *\+08:?00$", ""),
)


@dataclass(frozen=True)
class Cast:
    """A typed column; `bad` marks values that were there but could not be read (None if there is none)."""

    values: pa.Array
    bad: pa.Array | None = None
    open_end: pa.Array | None = None


def cast(values: pa.Array | pa.ChunkedArray, field: Field) -> Cast:
    """Cast text or typed values to what the store takes for `field.kind`.

    Numbers come back as int64 scaled by `SCALE[kind]`, days as date32, times as timestamp[us] without zone,
    everything else as text, coded where it repeats. Empty text and NULL are null.
    """
    values = coded(values)
    return _each_once(values, field) if is_coded(values) else _cast(values, field)


def _cast(values: pa.Array, field: Field) -> Cast:
    if field.kind in SCALE:
        return _number(values, SCALE[field.kind])
    if field.kind in ("day", "time"):
        return _moment(values, field.kind)
    text = clean(as_text(values), wide=field.kind not in ("text", "address", "name"))
    return _undamaged(text) if field.kind in ("code", "person") else Cast(text)


def _each_once(values: pa.Array, field: Field) -> Cast:
    """A column whose values repeat is cast once for each of them."""
    distinct = values.dictionary
    once = _cast(distinct, field)
    indices = values.indices
    if not pa.types.is_string(once.values.type):
        typed = once.values.take(indices)
    else:
        typed = values if once.values is distinct else recoded(values, once.values)
    return Cast(typed, _spread(once.bad, indices), _spread(once.open_end, indices))


def _spread(flags: pa.Array | None, indices: pa.Array) -> pa.Array | None:
    """Flags of the distinct values as flags of the rows; None if no row has one."""
    spread = None if flags is None else pc.fill_null(flags.take(indices), False)
    return None if spread is None or not pc.any(spread).as_py() else spread


def as_text(values: pa.Array) -> pa.Array:
    """Any column as text. A whole float (what a nullable integer column became) loses its `.0`."""
    kind = values.type
    if pa.types.is_string(kind):
        return values
    if pa.types.is_dictionary(kind):
        return as_text(values.cast(kind.value_type))
    if pa.types.is_floating(kind):
        return pc.replace_substring_regex(values.cast(pa.string()), r"\.0$", "")
    if pa.types.is_boolean(kind):
        return values.cast(pa.int8()).cast(pa.string())
    try:
        return values.cast(pa.string())
    except pa.ArrowException:
        return pa.nulls(len(values), pa.string())


def clean(text: pa.Array, *, wide: bool) -> pa.Array:
    """Trimmed text, empty as null; `wide`: full-width characters become their usual forms.

    Most columns need none of it: a look at the bytes of the whole column tells.
    """
    held = _bytes(text)
    if not held.isascii():
        text = _normalised(text) if wide else pc.utf8_trim_whitespace(text)
    if any(space in held for space in b" \t\r\n"):
        text = pc.ascii_trim_whitespace(text)
    if any(letter in held for letter in b"Nn\\") or pc.min(pc.binary_length(text)).as_py() == 0:
        text = pc.if_else(pc.is_in(text, value_set=EMPTY), pa.scalar(None, pa.string()), text)
    return text


def _bytes(text: pa.Array) -> bytes:
    """All characters of the column on end (and those of a larger column it is a part of)."""
    data = text.buffers()[2]
    return b"" if data is None else data.to_pybytes()


def _normalised(text: pa.Array) -> pa.Array:
    """NFKC, done once for each distinct value: names of departments and hospitals repeat."""
    encoded = text.dictionary_encode()
    distinct = pc.utf8_trim_whitespace(pc.utf8_normalize(encoded.dictionary, "NFKC"))
    return distinct.take(encoded.indices)


def _undamaged(text: pa.Array) -> Cast:
    """A spreadsheet that rounds long codes makes different encounters one: such a row is refused, not guessed."""
    if b"+" not in _bytes(text):
        return Cast(text)
    damaged = pc.match_substring_regex(text, DAMAGED)
    return Cast(text, damaged if pc.any(damaged).as_py() else None)


def _number(values: pa.Array, scale: int) -> Cast:
    if pa.types.is_floating(values.type):
        return _from_float(values, scale)
    if not (pa.types.is_decimal(values.type) or pa.types.is_integer(values.type)):
        values = as_text(values)
    return _stepwise(values, lambda v: _scaled(_without_exponent(v), scale), lambda v: _scaled_text(v, scale))


def _scaled(values: pa.Array, scale: int) -> pa.Array:
    """Exact decimals of at most 18 digits as scaled integers; raises if one does not fit."""
    exact = values.cast(pa.decimal64(18, scale))
    return pa.Array.from_buffers(pa.int64(), len(exact), exact.buffers(), exact.null_count, exact.offset)


def _without_exponent(values: pa.Array) -> pa.Array:
    if pa.types.is_string(values.type) and any(exponent in _bytes(values) for exponent in b"Ee"):
        raise pa.ArrowInvalid("a number with an exponent was rounded by a spreadsheet")
    return values


def _scaled_text(text: pa.Array, scale: int) -> pa.Array:
    """As `_scaled`, but what is no plain number becomes null. Digits beyond the scale may only be zeros."""
    whole = 18 - scale
    fraction = rf"(?:\.[0-9]{{0,{scale}}}0*)?"
    usual = pc.match_substring_regex(text, rf"^[+-]?(?:0*[0-9]{{1,{whole}}}{fraction}|\.[0-9]{{1,{scale or 1}}}0*)$")
    return _scaled(pc.if_else(usual, text, pa.scalar(None, pa.string())), scale)


def _from_float(values: pa.Array, scale: int) -> Cast:
    """Binary floats hold fifteen digits: a value that near to a stored step is that step, others are bad."""
    given = np.asarray(values.cast(pa.float64()).fill_null(0.0)) * 10.0**scale
    nearest = np.rint(given)
    with np.errstate(invalid="ignore"):
        held = (np.abs(given) < 1e15) & (np.abs(given - nearest) <= np.maximum(np.abs(given), 1.0) * 1e-14)
    present = np.asarray(values.is_valid()) & ~np.isnan(given)
    steps = pa.array(np.where(held, nearest, 0).astype(np.int64), mask=~(held & present))
    bad = present & ~held
    return Cast(steps, pa.array(bad) if bad.any() else None)


def _moment(values: pa.Array, kind: str) -> Cast:
    if pa.types.is_timestamp(values.type) and values.type.tz:
        values = pc.local_timestamp(values.cast(pa.timestamp("us", tz="Asia/Shanghai")))
    if pa.types.is_temporal(values.type) and not pa.types.is_time(values.type):
        moments = Cast(values.cast(TIME, safe=False))
    else:
        moments = _stepwise(as_text(values), lambda v: v.cast(TIME), _spelled)
    return _bounded(moments, kind)


def _spelled(text: pa.Array) -> pa.Array:
    """The usual Chinese spellings: 2025/1/2, 20250102, 20250102101112, 2025年1月2日 10:11, 2025-1-2T1:02:03.0."""
    for pattern, replacement in _TIME:
        text = pc.replace_substring_regex(text, pattern, replacement)
    text = pc.ascii_trim_whitespace(text)
    try:
        return text.cast(TIME)
    except pa.ArrowInvalid:
        return pa.array([_one_moment(t) for t in text.to_pylist()], TIME)


def _one_moment(text: str | None) -> object:
    try:
        return None if text is None else pa.scalar(text).cast(TIME).as_py()
    except (pa.ArrowInvalid, ValueError, OverflowError):
        return None


def _bounded(cast: Cast, kind: str) -> Cast:
    """Years outside any claim are unreadable, except 9999 in a time: that is an open end and stored as none."""
    year = pc.year(cast.values)
    if kind == "day":
        outside = pc.or_(pc.less(year, FIRST_YEAR), pc.greater(year, OPEN_YEAR))
        values, open_end = cast.values.cast(pa.date32(), safe=False), None
    else:
        open_end = pc.fill_null(pc.greater_equal(year, OPEN_YEAR), False)
        outside = pc.or_(pc.less(year, FIRST_YEAR), pc.and_(pc.greater(year, LAST_YEAR), pc.invert(open_end)))
        values = cast.values
    outside = pc.fill_null(outside, False)
    if pc.any(outside).as_py():
        cast = Cast(values, outside if cast.bad is None else pc.or_(cast.bad, outside))
    if open_end is not None and pc.any(open_end).as_py():
        return Cast(pc.if_else(open_end, pa.scalar(None, TIME), values), cast.bad, open_end)
    return Cast(values, cast.bad)


def _stepwise(values: pa.Array, quick: Callable[[pa.Array], pa.Array], patient: Callable[[pa.Array], pa.Array]) -> Cast:
    """The quick way if it reads every value, else the patient way over cleaned text; what neither reads is bad."""
    try:
        return Cast(quick(values))
    except pa.ArrowInvalid:
        text = clean(as_text(values), wide=True)
        read = patient(text)
        bad = pc.and_(pc.is_valid(text), pc.is_null(read))
        return Cast(read, bad if pc.any(bad).as_py() else None)
