"""What a source value becomes for each kind, and what is refused rather than guessed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from fundguard.claims.intake.casting import cast
from fundguard.claims.intake.tabular import text_table
from fundguard.claims.tables import Field

BAD = object()


def field(kind: str) -> Field:
    return Field("table", "name", kind, 0, False, "", (), "")


def read(kind: str, values: list[Any]) -> list[Any]:
    typed = cast(pa.array(values), field(kind))
    bad = typed.bad.to_pylist() if typed.bad is not None else [False] * len(values)
    return [BAD if b else v for v, b in zip(typed.values.to_pylist(), bad, strict=True)]


TEXT = [
    ("fen", "12.5", 1250),
    ("fen", "-0.01", -1),
    ("fen", "12.500", 1250),
    ("fen", "12.505", BAD),
    ("fen", ".5", 50),
    ("fen", "5.", 500),
    ("fen", " １２．５０ ", 1250),
    ("fen", "", None),
    ("fen", "NULL", None),
    ("fen", "1,200.00", BAD),
    ("fen", "1e2", BAD),
    ("fen", "1.2E+05", BAD),
    ("fen", "9" * 17, BAD),
    ("fen", "十元", BAD),
    ("fen", "1_000", BAD),
    ("pric", "0.123456", 123456),
    ("pric", "0.1234567", BAD),
    ("cnt", "1.2345", 12345),
    ("cnt", "1.23456", BAD),
    ("ratio", "0.7", 7000),
    ("tenth", "0.1", 1),
    ("int", "7.0", 7),
    ("int", "7.5", BAD),
    ("day", "2026-01-02", date(2026, 1, 2)),
    ("day", "2026/1/2", date(2026, 1, 2)),
    ("day", "20260102", date(2026, 1, 2)),
    ("day", "2026年1月2日", date(2026, 1, 2)),
    ("day", "2026.1.2", date(2026, 1, 2)),
    ("day", "2026-01-02 13:00:00", date(2026, 1, 2)),
    ("day", "9999-12-31", date(9999, 12, 31)),
    ("day", "2026-02-30", BAD),
    ("day", "01/02/2026", BAD),
    ("day", "0001-01-01", BAD),
    ("time", "2026-1-2 3:04:05", datetime(2026, 1, 2, 3, 4, 5)),
    ("time", "20260102030405", datetime(2026, 1, 2, 3, 4, 5)),
    ("time", "2026-01-02T03:04:05.5", datetime(2026, 1, 2, 3, 4, 5, 500000)),
    ("time", "2026-01-02 03:04:05+08:00", datetime(2026, 1, 2, 3, 4, 5)),
    ("time", "2026年1月2日 3:04", datetime(2026, 1, 2, 3, 4)),
    ("time", "2026-01-02 25:00:00", BAD),
    ("code", "ＡＢ１２　", "AB12"),
    ("code", "\t 21 ", "21"),
    ("code", "(null)", None),
    ("code", "=1+1", "=1+1"),
    ("code", "1.23E+18", BAD),
    ("person", "1.23457e+17", BAD),
    ("text", "1.23E+18", "1.23E+18"),
    ("text", " 阿莫西林（０．２５g） ", "阿莫西林（０．２５g）"),
    ("person", "Ｐ００１", "P001"),
]


@pytest.mark.parametrize(("kind", "value", "expected"), TEXT)
def test_a_value_alone_and_beside_others(kind: str, value: str, expected: object) -> None:
    assert read(kind, [value]) == [expected]
    plain = {"day": "2026-01-02", "time": "2026-01-02 00:00:00"}.get(kind, "1")
    assert read(kind, [plain, value, None])[1:] == [expected, None], "a neighbour must not change the reading"
    repeated = [plain, value, None] * 3
    assert read(kind, repeated) == [*read(kind, [plain]), expected, None] * 3, "nor repetition"


def test_spellings_that_become_equal_or_empty_are_one_value_or_none() -> None:
    typed = cast(pa.chunked_array([["A1", "Ａ１"] * 2, [" A1 ", "NULL", None, "B"] * 2]), field("code"))
    assert typed.values.to_pylist() == ["A1"] * 4 + ["A1", None, None, "B"] * 2
    assert typed.values.null_count == 4
    assert typed.values.dictionary.to_pylist() == ["A1", "B"]


def test_a_foreign_dictionary_may_hold_empty_and_unused_values() -> None:
    foreign = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0, None], pa.int8()), ["7", None, "unused"])
    assert cast(foreign, field("code")).values.to_pylist() == ["7", None, "7", None]
    assert cast(foreign, field("int")).bad is None


def test_the_year_9999_is_an_open_end_in_a_time() -> None:
    typed = cast(pa.array(["9999-12-31 23:59:59", "2026-01-02"]), field("time"))
    assert typed.values.to_pylist() == [None, datetime(2026, 1, 2)]
    assert typed.open_end.to_pylist() == [True, False]
    assert typed.bad is None


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("fen", pa.array([Decimal("12.30"), None]), [1230, None]),
        ("fen", pa.array([Decimal("12.3000"), Decimal("0.0001")]), [1230, BAD]),
        ("fen", pa.array([0.1 + 0.2, 1234567.89, 0.005, float("nan"), None]), [30, 123456789, BAD, None, None]),
        ("cnt", pa.array([3, None]), [30000, None]),
        ("code", pa.array([21.0, None]), ["21", None]),
        ("code", pa.array([310, 390]), ["310", "390"]),
        ("code", pa.array(["a", "b"]).dictionary_encode(), ["a", "b"]),
        ("day", pa.array([date(2026, 1, 2)]), [date(2026, 1, 2)]),
        ("day", pa.array([datetime(2026, 1, 2, 3)]), [date(2026, 1, 2)]),
        ("time", pa.array([datetime(2026, 1, 1, 16)], pa.timestamp("us", "UTC")), [datetime(2026, 1, 2)]),
        ("time", pa.array([date(2026, 1, 2)]), [datetime(2026, 1, 2)]),
    ],
)
def test_typed_columns(kind: str, values: pa.Array, expected: list[object]) -> None:
    typed = cast(values, field(kind))
    bad = typed.bad.to_pylist() if typed.bad is not None else [False] * len(values)
    assert [BAD if b else v for v, b in zip(typed.values.to_pylist(), bad, strict=True)] == expected


def test_cells_of_spreadsheets_and_databases_become_text() -> None:
    cells = [None, "", "=1", 12.5, 3.0, 0.1 + 0.2, 1e20, 7, True, Decimal("1.50"), datetime(2026, 1, 2), b"x"]
    expected = [
        None,
        None,
        "=1",
        "12.5",
        "3",
        "0.3",
        "1.00000000000000E+20",
        "7",
        "1",
        "1.50",
        "2026-01-02 00:00:00",
        None,
    ]
    assert text_table(("a",), [[cell] for cell in cells])["0"].to_pylist() == expected
