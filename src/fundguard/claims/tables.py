"""The national tables as data: every field of `tables.csv`, its kind, its key, its other spellings.

`tables.csv` follows the national field names one to one (../docs/reference/tables.md is generated from it).
A *kind* says how a source value becomes a stored one:

======== ============================================== =====================================
kind     source value                                   stored as
======== ============================================== =====================================
code     text, full-width normalised, empty is NULL     VARCHAR
dict     as code, checked against a dictionary (marked) VARCHAR
text     free text                                      VARCHAR
int      whole number                                   BIGINT
fen      yuan with at most two decimals                 BIGINT, fen
pric     yuan with at most six decimals                 BIGINT, 10^-6 yuan
cnt      number with at most four decimals              BIGINT, 10^-4
ratio    number with at most four decimals              BIGINT, 10^-4
tenth    number with at most one decimal                BIGINT, 10^-1
day      date                                           DATE and `<field>_day` INTEGER
time     timestamp, Asia/Shanghai, no zone stored       TIMESTAMP, `<field>_day`, `<field>_min`
person   a person's number                              `psn_key` VARCHAR, a keyed pseudonym
name number phone address                               not stored here: sealed in the identity table
======== ============================================== =====================================

`<field>_day` counts days and `<field>_min` whole minutes since 1970-01-01 00:00.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

SCHEMA_VERSION = 1
SCALE = {"fen": 2, "pric": 6, "cnt": 4, "ratio": 4, "tenth": 1, "int": 0}
IDENTITY_KINDS = frozenset({"name", "number", "phone", "address"})
#: Columns the store adds to every row: number of the arrival (batch), record number in its source file,
#: the version's own time, content hash, comma-separated marks (a row that contradicts itself or a dictionary).
HOUSEKEEPING = {
    "arrival": "INTEGER",
    "source_file": "VARCHAR",
    "record": "BIGINT",
    "stamp": "TIMESTAMP",
    "row_hash": "BIGINT",
    "marks": "VARCHAR",
}


@dataclass(frozen=True)
class Field:
    """One declared field. `subject` names the field that identifies whose name or number an identity field is."""

    table: str
    name: str
    kind: str
    key: int  # 1-based position in the natural key, 0 if not part of it
    required: bool
    subject: str
    aliases: tuple[str, ...]
    meaning: str

    @property
    def is_identity(self) -> bool:
        return self.kind in IDENTITY_KINDS

    def stored(self) -> dict[str, str]:
        """Columns of the stored row and their DuckDB types; empty for identity fields."""
        if self.is_identity:
            return {}
        if self.kind == "person":
            return {"psn_key": "VARCHAR"}
        if self.kind in SCALE:
            return {self.name: "BIGINT"}
        if self.kind == "day":
            return {self.name: "DATE", f"{self.name}_day": "INTEGER"}
        if self.kind == "time":
            return {self.name: "TIMESTAMP", f"{self.name}_day": "INTEGER", f"{self.name}_min": "INTEGER"}
        return {self.name: "VARCHAR"}


@dataclass(frozen=True)
class Table:
    """One national table: its fields in order."""

    name: str
    fields: tuple[Field, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """Natural key as *stored* columns, in key order (`psn_no` is stored as `psn_key`)."""
        parts = sorted((f for f in self.fields if f.key), key=lambda f: f.key)
        return tuple("psn_key" if f.kind == "person" else f.name for f in parts)

    def field(self, name: str) -> Field:
        return next(f for f in self.fields if f.name == name)

    def stored(self) -> dict[str, str]:
        """All stored columns and their DuckDB types, housekeeping last."""
        columns: dict[str, str] = {}
        for f in self.fields:
            columns |= f.stored()
        return columns | HOUSEKEEPING


@cache
def tables() -> dict[str, Table]:
    """All declared tables by name, in declared order."""
    text = resources.files("fundguard.claims").joinpath("tables.csv").read_text("utf-8")
    found: dict[str, list[Field]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["table"], []).append(_field(row))
    return {name: Table(name, tuple(fields)) for name, fields in found.items()}


def _field(row: dict[str, str]) -> Field:
    required = row["required"]
    return Field(
        table=row["table"],
        name=row["field"],
        kind=row["kind"],
        key=int(required[1:]) if required.startswith("K") else 0,
        required=bool(required),
        subject=row["subject"],
        aliases=tuple(a for a in row["aliases"].split("|") if a),
        meaning=row["meaning"],
    )
