"""One writing transaction: rows are staged as they come, compared at the end, and exist once the manifest does."""

from __future__ import annotations

import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from fundguard.claims.store import durable, manifest, quarantine
from fundguard.claims.store.classify import classify, notes_of
from fundguard.claims.store.identity import IdentityWriter
from fundguard.claims.store.keys import Keys
from fundguard.claims.store.manifest import Counts, Manifest
from fundguard.claims.store.rows import clear_columns, stored_rows
from fundguard.claims.store.staging import StagedFile
from fundguard.claims.store.versions import files_of
from fundguard.claims.tables import tables

_STAGING = "staging"
_COMPARING = "700MB"  # beyond it keys and hashes are spilled to disk


class Arrival:
    """Created by `Store.arrival`; the store's lock is held as long as it lives."""

    def __init__(self, root: Path, keys: Keys, opening: Manifest) -> None:
        """`opening` is the manifest as far as it is known before the first row."""
        self._root = root
        self._keys = keys
        self._manifest = opening
        self._earlier = manifest.read_all(root)
        self._folder = root / _STAGING
        self._background = ThreadPoolExecutor(max_workers=1)
        self._staged: dict[str, StagedFile] = {}
        self._rejected: Counter[str] = Counter()
        self._quarantine: StagedFile | None = None
        self._folder.mkdir()
        known = manifest.pieces(root, self._earlier, "identity")
        self._identity = IdentityWriter(keys, known, self._folder / "sealed.parquet", self._background)

    def add(self, table: str, rows: pa.Table) -> None:
        """Stage rows of one national table, typed as declared, person and identity fields still clear, with
        `record`, `source_file` and, where there are any, `marks`; fields the source lacks may be missing.

        Call it as often as needed, best with some 100,000 rows. ValueError if the rows break this contract.
        """
        if not rows.num_rows:
            return
        declared = tables()[table]
        clear = clear_columns(declared, rows)
        opening = self._manifest
        stored = stored_rows(
            declared, clear, self._identity.psn_keys, opening.arrival, opening.as_of or opening.received
        )
        self._identity.add(declared, clear, stored)
        if table not in self._staged:
            path = self._folder / f"{table}.parquet"
            self._staged[table] = StagedFile(path, self._background)
        self._staged[table].add(stored)

    def reject(self, rows: pa.Table) -> None:
        """Quarantine rows: record, physical_line, source_file, table_name, field, reason, seen (masked), raw (clear).

        A record with several faults has a row for each, given in one call.
        """
        if not rows.num_rows:
            return
        if self._quarantine is None:
            path = self._folder / "quarantine.parquet"
            self._quarantine = StagedFile(path, self._background)
        self._rejected += quarantine.records(rows)
        self._quarantine.add(quarantine.sealed(rows, self._keys, self._manifest.arrival))

    def commit(self) -> Manifest:
        """Make the arrival exist: compare, move the files to their places, write the manifest last."""
        counts: dict[str, Counts] = {}
        finished: dict[Path, tuple[str, int]] = {}
        number = f"{self._manifest.arrival:06d}"
        with self._work() as work:
            for table, staged in self._staged.items():
                staged.close()
                declared = tables()[table]
                earlier = files_of(declared, self._root, self._earlier)
                outcome = classify(work, declared, staged.path, earlier, self._manifest.arrival)
                counts[table] = outcome.counts
                finished[staged.path] = (f"tables/{table}/{number}.parquet", outcome.rows)
                finished[notes_of(staged.path)] = (f"tables/{table}/{number}.repeated.parquet", outcome.notes)
            identity = self._folder / "identity.parquet"
            sealed = self._identity.finish(work, self._manifest.arrival, identity)
            finished[identity] = (f"identity/{number}.parquet", sealed)
        if self._quarantine:
            self._quarantine.close()
            finished[self._quarantine.path] = (f"quarantine/{number}.parquet", self._quarantine.rows)
        for table, rejected in self._rejected.items():
            before = counts.get(table, Counts())
            counts[table] = replace(before, read=before.read + rejected, quarantined=rejected)
        pieces = {name: rows for name, rows in finished.values() if rows}
        for path, (name, rows) in finished.items():
            if rows:
                durable.move(path, self._root / name)
        done = replace(self._manifest, files=dict(self._manifest.files), tables=counts, pieces=pieces)
        done.write(self._root)
        return done

    def close(self) -> None:
        """Free the memory and end the background writer; what was not committed is swept by the store."""
        self._background.shutdown()
        self._identity.close()

    def _work(self) -> duckdb.DuckDBPyConnection:
        spill = str(self._folder / "spill")
        pa.default_memory_pool().release_unused()  # what reading held is not needed beside it
        return duckdb.connect(":memory:", config={"threads": 2, "memory_limit": _COMPARING, "temp_directory": spill})


def sweep(root: Path) -> None:
    """Remove what a dead or abandoned arrival left behind; only under the lock."""
    shutil.rmtree(root / _STAGING, ignore_errors=True)
    named = {root / name for m in manifest.read_all(root) for name in m.pieces}
    for folder in (*(root / "tables").glob("*"), root / "identity", root / "quarantine"):
        for path in folder.glob("*"):
            if path not in named:
                path.unlink()
