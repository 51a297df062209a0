"""Connections for reading: every national table by its name, the latest valid version of each key, nothing else."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path
from typing import Literal

import duckdb

from fundguard.claims.store import derive, profile, versions
from fundguard.claims.tables import tables

Origin = Literal["derived", "parquet"]
#: How a row without an institution of its own finds it, in this order.
_WAYS = (
    ("fixmedins_code", "SELECT fixmedins_code FROM allowed_institution"),
    (
        "mdtrt_id",
        "SELECT mdtrt_id FROM ({mdtrt_d}) m WHERE fixmedins_code IN (SELECT fixmedins_code FROM allowed_institution)",
    ),
    (
        "setl_id",
        "SELECT setl_id FROM ({setl_d}) s WHERE fixmedins_code IN (SELECT fixmedins_code FROM allowed_institution)",
    ),
)


def attached(connection: duckdb.DuckDBPyConnection, root: Path, build: bool) -> dict[str, str]:
    """Attach the derived file; a SELECT per relation over it."""
    path = derive.current(root, build)
    try:
        connection.execute(f"ATTACH {versions.quoted(path)} AS derived (READ_ONLY)")
    except duckdb.IOException:  # renewed and removed between the look at the pointer and here
        path = derive.current(root, build)
        connection.execute(f"ATTACH {versions.quoted(path)} AS derived (READ_ONLY)")
    connection.execute(f"SET VARIABLE last_arrival = {int(path.stem)}")
    return derive.selects(connection, "derived")


def show(connection: duckdb.DuckDBPyConnection, selects: dict[str, str], regions: Set[str] | None) -> None:
    """Make the relations views of the connection, narrowed to regions; a profile that is not stored is computed."""
    if regions is not None:
        selects = _restricted(connection, selects, regions)
    for name, select in selects.items():
        connection.execute(f"CREATE VIEW {name} AS {select}")
    if "source_profile" not in selects:
        connection.execute(f"CREATE VIEW source_profile AS {profile.profile_sql()}")


def _restricted(connection: duckdb.DuckDBPyConnection, selects: dict[str, str], regions: Set[str]) -> dict[str, str]:
    """Narrow every relation that leads to an institution to the institutions of these regions."""
    connection.execute("CREATE TABLE allowed_region (code VARCHAR)")
    if regions:
        connection.executemany("INSERT INTO allowed_region VALUES (?)", [[code] for code in sorted(regions)])
    connection.execute(
        f"""CREATE TABLE allowed_institution AS SELECT DISTINCT fixmedins_code FROM ({selects["fixmedins_b"]}) f
        WHERE EXISTS (SELECT 1 FROM allowed_region r WHERE starts_with(f.fix_blng_admdvs, r.code))"""
    )
    return {name: _narrowed(name, select, selects) for name, select in selects.items()}


def _narrowed(name: str, select: str, selects: dict[str, str]) -> str:
    """One part for each way: a part whose rows do not exist, which the statistics of the stored table know, is dropped
    with all that it would read."""
    columns = tables()[name].stored() if name in tables() else ("fixmedins_code",)
    missing = ""
    ways = []
    for column, allowed in _WAYS:
        if column in columns:
            ways.append(f"SELECT * FROM ({select}) t WHERE {missing}{column} IN ({allowed.format(**selects)})")
            missing += f"{column} IS NULL AND "
    return " UNION ALL ".join(ways) or select
