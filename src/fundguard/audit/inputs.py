"""What a run stands on, told so that equal inputs give an equal run: the same id, the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import duckdb

import fundguard
from fundguard import law
from fundguard.claims.store.manifest import Manifest
from fundguard.claims.tables import tables
from fundguard.rules.rule import Rule

#: Rooms whose text decides what a run finds.
_ROOMS = ("claims", "rules", "engines", "findings", "audit")


def inputs(
    connection: duckdb.DuckDBPyConnection, manifests: Iterable[Manifest], *, law_day: date, knowledge: Sequence[str]
) -> dict[str, Any]:
    """What a run reads: arrivals and file hashes, rows, hashes of knowledge, law and code, the engine."""
    return {
        "arrivals": [_arrival(manifest) for manifest in manifests],
        "rows": {name: _count(connection, name) for name in tables()},
        "law_day": law_day.isoformat(),
        "law": law.version(),
        "knowledge": "+".join(knowledge),
        "code": {"version": fundguard.__version__, "hash": code_hash()},
        "engine": {"duckdb": duckdb.__version__},
    }


def run_id(told: dict[str, Any], rules: Iterable[Rule], regions: Iterable[str]) -> str:
    """128 bits in hex: of the inputs, the rules that run and the places whose findings are written."""
    ran = sorted((rule.code, rule.version, rule.content_hash) for rule in rules)
    text = json.dumps([told, ran, sorted(regions)], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _arrival(manifest: Manifest) -> dict[str, Any]:
    return {
        "arrival": manifest.arrival,
        "as_of": manifest.as_of.isoformat() if manifest.as_of else None,
        "settings": manifest.settings,
        "files": sorted(manifest.files.values()),
        "read": {name: counts.read for name, counts in sorted(manifest.tables.items())},
    }


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


@cache
def code_hash() -> str:
    """Hash of the code that decides what a run finds, 128 bits in hex."""
    digest = hashlib.sha256()
    root = resources.files("fundguard")
    for room in _ROOMS:
        for path, content in sorted(_sources(root.joinpath(room), room)):
            digest.update(path.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()[:32]


def _sources(folder: Traversable, path: str) -> Iterable[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _sources(entry, f"{path}/{entry.name}")
        elif entry.name.endswith((".py", ".sql")):
            yield f"{path}/{entry.name}", entry.read_bytes()
