"""The claims store: the truth as Parquet, one writer at a time, readers on connections of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pyarrow as pa

from fundguard.claims.store import derive, durable, keys, manifest, quarantine, versions, views
from fundguard.claims.store.arrival import Arrival, sweep
from fundguard.claims.store.identity import IdentityReader
from fundguard.claims.store.manifest import Manifest
from fundguard.claims.tables import SCHEMA_VERSION
from fundguard.errors import Refusal

_FORMAT = 1
_DESCRIPTION = "store.json"
_SHANGHAI = timezone(timedelta(hours=8))


def now() -> datetime:
    """The present in Asia/Shanghai, without zone, as all stored times."""
    return datetime.now(_SHANGHAI).replace(tzinfo=None)


class Store:
    """One store folder. Opening it reads no key; only writing and opening sealed content do."""

    def __init__(self, root: Path, fingerprint: str) -> None:
        self.root = root
        self._fingerprint = fingerprint

    @classmethod
    def create(cls, root: Path) -> Store:
        """Make a new store with new keys (or those that lie in the key folder already); refused if one is there."""
        if (root / _DESCRIPTION).exists():
            raise Refusal("该目录已是数据仓库", where=str(root), remedy="直接导入到该仓库，或换一个空目录")
        with durable.refusing_full_disk(root, "数据仓库未建立"):
            root.mkdir(parents=True, exist_ok=True)
            fingerprint = keys.create(root).fingerprint
            told = {"format": _FORMAT, "schema": SCHEMA_VERSION, "keys": fingerprint}
            durable.write(root / _DESCRIPTION, json.dumps(told).encode())
        return cls(root, fingerprint)

    @classmethod
    def open(cls, root: Path) -> Store:
        """Open an existing store; refused if there is none or if it was written by another version."""
        try:
            told = json.loads((root / _DESCRIPTION).read_bytes())
        except FileNotFoundError as error:
            raise Refusal("该目录不是数据仓库", where=str(root), remedy="核对路径；新仓库在首次导入时建立") from error
        made_by = (told["format"], told["schema"])
        if made_by != (_FORMAT, SCHEMA_VERSION):
            raise Refusal(
                "数据仓库的版本与本程序不符",
                where=str(root),
                seen=f"仓库 {made_by}，程序 {(_FORMAT, SCHEMA_VERSION)}",
                remedy="使用与仓库相同版本的程序，或按升级说明迁移",
            )
        return cls(root, told["keys"])

    @contextmanager
    def arrival(
        self,
        source: str,
        as_of: datetime | None = None,
        files: Mapping[str, str] | None = None,
        settings: str = "",
        wait: bool = False,
    ) -> Iterator[Arrival]:
        """One writing transaction; leaving the block without `commit()` changes nothing.

        `as_of` is the stamp (Asia/Shanghai, no zone) of rows without `updt_time`; `files` maps names to SHA-256
        and is read at the commit, so it may still be filled while rows are added;
        `settings` says how they were read (mapping and its version), for `knows`. A second writer is refused, or
        waits with `wait`.
        """
        secrets = self._keys()
        with (
            durable.refusing_full_disk(self.root, "本次导入未写入任何数据"),
            durable.locked(self.root / "lock", wait) as obtained,
        ):
            if not obtained:
                raise Refusal("另一个导入正在进行", where=str(self.root), remedy="等待其结束后重试")
            sweep(self.root)
            arrival = Arrival(
                self.root, secrets, self._opening(source, as_of, {} if files is None else files, settings)
            )
            try:
                yield arrival
            finally:
                arrival.close()
                sweep(self.root)

    def manifests(self) -> list[Manifest]:
        """All committed arrivals in order."""
        return manifest.read_all(self.root)

    def knows(self, file_hash: str, settings: str = "", as_of: datetime | None = None) -> bool:
        """Whether a file of this SHA-256 was committed before, read in the same way."""
        return any(
            file_hash in m.files.values() and (m.settings, m.as_of) == (settings, as_of) for m in self.manifests()
        )

    def connect(  # noqa: PLR0913 (the contract of all readers)
        self,
        *,
        known_on: date | None = None,
        origin: views.Origin = "derived",
        regions: Set[str] | None = None,
        threads: int = 2,
        memory: str = "1GB",
        build: bool = True,
    ) -> duckdb.DuckDBPyConnection:
        """A private in-memory connection where every national table, `void_*` and `source_profile` is a view.

        `known_on`: only arrivals received up to the end of that day; always answered from Parquet. `origin`
        "derived" reads the derived DuckDB file and makes it when it is absent or stale, unless `build` is False;
        "parquet" reads the truth. `regions`: codes of 医保区划 or their beginnings (`3301` is the whole city):
        relations that lead to an institution show only those with such a `fix_blng_admdvs`; an empty set shows none.
        The variable `last_arrival` is the number of the last arrival with rows that is seen in it. The caller may
        create its own tables in the connection and closes it.
        """
        connection = derive.private(self.root, threads, memory)
        try:
            from_parquet = origin == "parquet" or known_on is not None
            selects = (
                versions.latest(connection, self.root, known_on)
                if from_parquet
                else views.attached(connection, self.root, build)
            )
            views.show(connection, selects, regions)
        except BaseException:
            connection.close()
            raise
        return connection

    def identity(self) -> IdentityReader:
        """Sealed names and numbers; opened on purpose only, and the caller logs the reason."""
        return IdentityReader(self._keys(), manifest.pieces(self.root, self.manifests(), "identity"))

    def psn_key(self, psn_no: str) -> str:
        """The pseudonym under which a person's rows are stored."""
        return self._keys().psn_key(psn_no)

    def quarantine(self, arrival: int | None = None) -> pa.Table:
        """Rejected rows of one arrival or of all: where, which field, why, what was seen (masked)."""
        return quarantine.read(self._rejected(arrival))

    def quarantine_rows(self, arrival: int) -> pa.Table:
        """The same with the rows themselves as `raw`, for the authorised download; the caller logs the reason."""
        return quarantine.opened(self._rejected(arrival), self._keys())

    def _rejected(self, arrival: int | None) -> list[str]:
        wanted = [m for m in self.manifests() if arrival in (None, m.arrival)]
        return manifest.pieces(self.root, wanted, "quarantine")

    def _opening(self, source: str, as_of: datetime | None, files: Mapping[str, str], settings: str) -> Manifest:
        """The manifest before the first row; should the clock have gone back, it still comes after the last."""
        earlier = self.manifests()
        received = max([now(), *(m.received + timedelta(microseconds=1) for m in earlier[-1:])])
        number = earlier[-1].arrival + 1 if earlier else 1
        return Manifest(number, source, received, as_of, settings, files, SCHEMA_VERSION)

    def _keys(self) -> keys.Keys:
        found = keys.load(self.root)
        if found.fingerprint != self._fingerprint:
            raise Refusal(
                "密钥与数据仓库不符", where=str(keys.folder(self.root)), remedy="使用建立该仓库时的密钥，不可混用"
            )
        return found
