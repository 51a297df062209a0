"""The identity table: sealed names, numbers, phones, addresses, one version beside the other.

A row is (kind, subject, digest, stamp, sealed, arrival). `kind` and `subject` say whose it is:

============ ==============================================
person       the pseudonym `psn_key`
practitioner the code of a physician or pharmacist
institution  the code of an institution
sale         number of a sale (its pharmacist and prescriber)
row          `table/key` of a row that names no subject
============ ==============================================

`digest` is a keyed hash of the content, so that a known content is not sealed again: when it is seen with a
later stamp, a row without `sealed` says so. A person's number is the same for ever: its digest is the pseudonym,
which is made of it, and no later stamp is noted. The latest value of a field is that of the greatest stamp.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import duckdb
import pyarrow as pa

from fundguard.claims.store.keys import Keys
from fundguard.claims.store.staging import StagedFile
from fundguard.claims.store.versions import key_text, parquet, quoted
from fundguard.claims.tables import Field, Table, tables

#: Pseudonyms kept at hand, at most some 250 MB of them: a person has rows in many chunks.
_REMEMBERED = 1_000_000
_KIND_OF_SUBJECT = {"fixmedins_code": "institution", "medins_code": "institution", "medins_prod_sel_no": "sale"}


@dataclass(frozen=True)
class _Subject:
    """The identity fields of one table that belong to one subject; `parts` maps the sealed name to the field."""

    kind: str
    column: str
    parts: tuple[tuple[str, str], ...]


@cache
def _subjects(name: str) -> tuple[_Subject, ...]:
    table = tables()[name]
    found: list[_Subject] = []
    for column in dict.fromkeys(f.subject for f in table.fields if f.is_identity):
        fields = [f for f in table.fields if f.is_identity and f.subject == column]
        if column == "psn_no":
            found.append(_Subject("person", "psn_key", tuple((f.name, f.name) for f in fields)))
        else:
            kind = _KIND_OF_SUBJECT.get(column, "practitioner")
            found.append(_Subject(kind, column, tuple((_sealed_name(kind, f), f.name) for f in fields)))
    return tuple(found)


def _sealed_name(kind: str, field: Field) -> str:
    """A practitioner has one name, whichever the role it was given in."""
    return "dr_name" if kind == "practitioner" and field.kind == "name" else field.name


class IdentityWriter:
    """Seals what is new of one arrival. Clear values live in memory only: its connection never spills."""

    def __init__(self, keys: Keys, earlier: list[str], staged: Path, background: ThreadPoolExecutor) -> None:
        self._keys = keys
        self._staged = StagedFile(staged, background)
        self._coded: dict[str, str] = {}
        self._memory = duckdb.connect(":memory:", config={"threads": 2, "temp_directory": ""})
        keys.teach(self._memory)
        self._memory.execute(
            f"CREATE TABLE known AS SELECT digest, max(stamp) AS stamp FROM {parquet(earlier)} GROUP BY digest"
            if earlier
            else "CREATE TABLE known (digest VARCHAR, stamp TIMESTAMP)"
        )

    def psn_keys(self, numbers: pa.Array) -> pa.Array:
        """Pseudonyms of distinct numbers, in their order; a number that is new is sealed."""
        told = numbers.to_pylist()
        if len(self._coded) > _REMEMBERED:
            self._coded.clear()
        if fresh := [number for number in told if number not in self._coded]:
            self._coded.update(zip(fresh, self._code(fresh), strict=True))
        return pa.array([self._coded[number] for number in told], pa.string())

    def _code(self, numbers: list[str]) -> list[str]:
        self._memory.register("chunk", pa.table({"number": pa.array(numbers, pa.string())}))
        coded = self._memory.sql("SELECT number, 'P' || keyed('psn:' || number) AS psn_key FROM chunk").to_arrow_table()
        self._memory.register("chunk", coded)
        self._seal(
            """SELECT 'person' AS kind, psn_key AS subject, psn_key AS digest, TIMESTAMP '1970-01-01' AS stamp,
                '{"psn_no": ' || to_json(number) || '}' AS content
            FROM chunk ANTI JOIN known ON psn_key = known.digest"""
        )
        pseudonyms: list[str] = coded.column("psn_key").to_pylist()
        return pseudonyms

    def add(self, table: Table, clear: dict[str, pa.Array], stored: pa.Table) -> None:
        """Seal the new identity content of a chunk; `clear` and `stored` are the same rows."""
        for subject in _subjects(table.name):
            parts = {name: clear[field] for name, field in subject.parts if field in clear}
            if parts:
                told = {name: stored.column(name) for name in {*table.key, subject.column, "stamp"}}
                self._memory.register("chunk", pa.table({**told, **{f"clear_{n}": c for n, c in parts.items()}}))
                self._seal(_unknown(table, subject, list(parts)))

    def finish(self, work: duckdb.DuckDBPyConnection, arrival: int, target: Path) -> int:
        """Write the arrival's identity file in order of subject; returns its rows, 0 if there is no file."""
        self._staged.close()
        if not self._staged.rows:
            return 0
        written = work.execute(
            f"""COPY (SELECT kind, subject, digest, max(stamp) AS stamp, any_value(sealed) AS sealed,
                    {arrival}::INTEGER AS arrival FROM {parquet([self._staged.path])}
                GROUP BY kind, subject, digest ORDER BY kind, subject, digest)
                TO {quoted(target)} (FORMAT parquet, COMPRESSION zstd)"""
        ).fetchone()
        return int(written[0]) if written else 0

    def close(self) -> None:
        """Forget all clear values."""
        self._memory.close()

    def _seal(self, unknown: str) -> None:
        """Seal the contents a SELECT gives (kind, subject, digest, stamp, content); NULL content is known already,
        but was seen with a later stamp that is to be noted."""
        fresh = self._memory.sql(unknown).to_arrow_table()
        if not fresh.num_rows:
            return
        self._memory.register("fresh", fresh)
        if fresh["content"].null_count:
            self._memory.execute("DELETE FROM known WHERE digest IN (SELECT digest FROM fresh WHERE content IS NULL)")
        self._memory.execute("INSERT INTO known SELECT digest, stamp FROM fresh")
        kinds, subjects, contents = (fresh[name].to_pylist() for name in ("kind", "subject", "content"))
        about = (f"{kind}:{subject}" for kind, subject in zip(kinds, subjects, strict=True))
        sealed = pa.array(self._keys.seal_texts(contents, about), pa.binary())
        self._staged.add(fresh.drop_columns(["content"]).append_column("sealed", sealed))


def _unknown(table: Table, subject: _Subject, parts: list[str]) -> str:
    """SELECT of what `IdentityWriter._seal` wants from the registered chunk. Content is JSON without empty parts."""
    told = "".join(f", chr(31) || '{name}=' || clear_{name}" for name in parts)
    clear = ", ".join(f"clear_{name}" for name in parts)
    members = ", ".join(f"'\"{name}\": ' || to_json(clear_{name})" for name in parts)
    return f"""WITH given AS (
            SELECT CASE WHEN "{subject.column}" IS NULL THEN 'row' ELSE '{subject.kind}' END AS kind,
                coalesce("{subject.column}", '{table.name}/' || {key_text(table)}) AS subject, {clear},
                max(stamp) AS stamp
            FROM chunk WHERE coalesce({clear}) IS NOT NULL GROUP BY ALL),
        digested AS (SELECT *, keyed(concat('identity:', kind, chr(31), subject{told})) AS digest FROM given)
        SELECT kind, subject, digest, d.stamp,
            CASE WHEN k.digest IS NULL THEN '{{' || concat_ws(', ', {members}) || '}}' END AS content
        FROM digested d LEFT JOIN known k USING (digest) WHERE k.digest IS NULL OR d.stamp > k.stamp"""


class IdentityReader:
    """Opens sealed identities, on purpose only: the caller asks for the reason and logs it."""

    def __init__(self, keys: Keys, files: list[str]) -> None:
        self._keys = keys
        self._files = files

    def of(self, kind: str, key: str) -> dict[str, str]:
        """The latest value of every identity field of one subject by national name; empty if nothing is known."""
        if not self._files:
            return {}
        with duckdb.connect(":memory:", config={"threads": 1, "temp_directory": ""}) as connection:
            versions = connection.execute(
                f"""SELECT any_value(sealed) FROM {parquet(self._files)} WHERE kind = ? AND subject = ?
                GROUP BY digest ORDER BY max(stamp), digest""",
                [kind, key],
            ).fetchall()
        latest: dict[str, str] = {}
        for (sealed,) in versions:
            latest |= cast(dict[str, str], self._keys.open(sealed, f"{kind}:{key}"))
        return latest
