"""Sums of a table by place, kept by triggers of the database, so that a million rows are counted in a moment.

Each statement that changes rows appends the differences that it makes, in its own transaction and without touching a
row of anybody else's: nobody waits for another, and the sum of the differences is what is there at that moment. `fold`
adds them up now and then. A table of sums has the columns of the place, and `number` and `fen`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import connection, models, transaction

FOLD_AT = 20_000  # differences; below it their sum is told in a few milliseconds


def triggers(vendor: str, source: str, target: str, place: Mapping[str, str], fen: str) -> list[str]:
    """Statements that fill `target` from what `source` has and keep it up; for migrations, which rely on the names.

    `place`: column of `target` → what stands there of a row of `source`, as SQL with `{row}` before its columns.
    """
    columns = ", ".join([*place, "number", "fen"])

    def told(row: str, sign: str) -> str:
        return ", ".join([*(value.format(row=row) for value in place.values()), f"{sign}1", f"{sign}{row}.{fen}"])

    def summed(*sets: tuple[str, str]) -> str:
        names = ", ".join(place)
        rows = " UNION ALL ".join(f"SELECT {told(table, sign)} FROM {table}" for table, sign in sets)
        return (
            f"INSERT INTO {target} ({columns}) SELECT {names}, sum(number), sum(fen) FROM (WITH told ({columns}) AS "
            f"({rows}) SELECT * FROM told) AS told GROUP BY {names} HAVING sum(number) <> 0 OR sum(fen) <> 0"
        )

    first = summed((source, ""))
    if vendor == "sqlite":
        out = f"INSERT INTO {target} ({columns}) VALUES ({told('OLD', '-')});"
        into = f"INSERT INTO {target} ({columns}) VALUES ({told('NEW', '')});"
        moved = f"({told('OLD', '')}) IS NOT ({told('NEW', '')})"
        bodies = {"INSERT": f"BEGIN {into}", "DELETE": f"BEGIN {out}", "UPDATE": f"WHEN {moved} BEGIN {out} {into}"}
        acts = ((f"{target}_{act.lower()}", act, part) for act, part in bodies.items())
        return [first, *(f"CREATE TRIGGER {name} AFTER {act} ON {source} {part} END" for name, act, part in acts)]
    sets = {"INSERT": (("fresh", ""),), "DELETE": (("former", "-"),), "UPDATE": (("fresh", ""), ("former", "-"))}
    tables = {"INSERT": "NEW TABLE AS fresh", "DELETE": "OLD TABLE AS former"}
    tables["UPDATE"] = f"{tables['DELETE']} {tables['INSERT']}"
    made = [first]
    for act, parts in sets.items():
        name = f"{target}_{act.lower()}"
        body = f"BEGIN {summed(*parts)}; RETURN NULL; END"
        each = f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        made += [
            f"CREATE FUNCTION {name}() RETURNS trigger AS $$ {body} $$ LANGUAGE plpgsql",
            f"CREATE TRIGGER {name} AFTER {act} ON {source} REFERENCING {tables[act]} {each}",
        ]
    return made


def keep_statistics(table: type[models.Model]) -> None:
    """Let SQLite know how the table is filled, by which it chooses the index: a list of a million rows is else sorted
    for every page. PostgreSQL looks by itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {table._meta.db_table}")


def fold(sums: type[models.Model], at: int = FOLD_AT) -> int:
    """Add up the differences of the same place where there are at least `at`; how many rows are left."""
    if sums._default_manager.count() < at:
        return 0
    columns = [field.column for field in sums._meta.concrete_fields if not field.primary_key]
    found: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {sums._meta.db_table} RETURNING {', '.join(columns)}")
        for *place, number, fen in cursor.fetchall():
            both = found[tuple(place)]
            both[0] += number
            both[1] += fen
        kept = [sums(**dict(zip(columns, (*place, *both), strict=True))) for place, both in found.items() if any(both)]
        sums._default_manager.bulk_create(kept, batch_size=1000)
    return len(kept)
