"""The import itself: plan every source, then read, type and store it in one arrival that is committed or not at all."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as Dict
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fundguard.claims.intake.chunk import Chunk, Source
from fundguard.claims.intake.fold import folded
from fundguard.claims.intake.mapped import check_columns, mapped_fields, text_columns
from fundguard.claims.intake.mapping import MappedTable, Mapping, load_mapping
from fundguard.claims.intake.naming import Columns, columns_of, table_of
from fundguard.claims.intake.prepare import Prepared, prepare
from fundguard.claims.intake.sources import Found, files_of, name_of, open_sources
from fundguard.claims.store import Arrival, Counts, Store
from fundguard.claims.tables import Table, tables
from fundguard.errors import Refusal

#: (bytes read, bytes in all, rows read); raising from it cancels the import and leaves nothing behind.
Progress = Callable[[int, int, int], None]
AHEAD = 3  # chunks parsed before the first of them is stored: bounds memory


@dataclass(frozen=True)
class Job:
    """One source and where it goes: one table by its own columns, or the targets of a mapping."""

    source: Source
    table: Table | None = None
    columns: Columns | None = None
    targets: tuple[MappedTable, ...] = ()


@dataclass
class FileTotals:
    """What became of one source in one table: `read` = `accepted` + `quarantined` rows."""

    source: str
    table: str
    read: int = 0
    accepted: int = 0
    quarantined: int = 0
    ignored_columns: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class ImportResult:
    """`tables` has per table the counts of the manifest: read = new + changed + unchanged + withdrawn + quarantined.

    `reasons` counts the faults of quarantined rows, `marked` accepted rows by mark; `unrecognised` names the sources
    that no table and no mapping claims.
    """

    arrival: int
    files: list[FileTotals]
    tables: dict[str, Counts]
    reasons: dict[str, int]
    marked: dict[str, int]
    unrecognised: list[str]


@dataclass
class _Totals:
    files: dict[tuple[str, str], FileTotals] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    marked: Counter[str] = field(default_factory=Counter)
    read: int = 0
    quarantined: int = 0


@dataclass(frozen=True)
class _Terms:
    """How an import is to be done; see `import_path`."""

    label: str
    mapping: Mapping | None
    as_of: datetime | None
    max_bad: float
    progress: Progress | None


def import_path(  # noqa: PLR0913 (the options a user has)
    path: Path,
    store_root: Path,
    *,
    mapping: str | Path | None = None,
    as_of: datetime | None = None,
    max_bad: float = 0.5,
    encoding: str | None = None,
    progress: Progress | None = None,
) -> ImportResult:
    """Import a file or folder into the store at `store_root`, which is created if it is not there.

    `as_of` is the moment the data were true, for rows without `updt_time`; `max_bad` the largest share of
    quarantined rows. Raises `Refusal` where nothing can or may be imported: then nothing was changed.
    """
    terms = _Terms(path.name, load_mapping(mapping) if mapping else None, as_of, max_bad, progress)
    with open_sources(path, encoding) as found:
        return _import(found, store_root, terms, {name_of(file, path): file for file in files_of(path)})


def import_database(  # noqa: PLR0913 (the options a user has)
    url: str,
    store_root: Path,
    *,
    mapping: str | Path | None = None,
    as_of: datetime | None = None,
    max_bad: float = 0.5,
    progress: Progress | None = None,
) -> ImportResult:
    """Import the tables of a database, as `import_path`. `url` has no password: see `database_sources`."""
    from fundguard.claims.intake.database import database_sources  # loads SQLAlchemy, which no other import needs

    label = url.partition("://")[0]
    terms = _Terms(label, load_mapping(mapping) if mapping else None, as_of, max_bad, progress)
    with database_sources(url) as sources:
        return _import(Found(sources), store_root, terms, {})


def _import(found: Found, root: Path, terms: _Terms, files: Dict[str, Path]) -> ImportResult:
    jobs, unrecognised = plan_jobs(found.sources, terms.mapping)
    unrecognised += found.other
    if not jobs:
        raise Refusal(
            "没有可以识别的文件",
            where=terms.label,
            seen="、".join((unrecognised + found.empty)[:5]) or "没有文件",
            remedy="文件名应为国家标准表名（如 fee_list_d.csv）；其他格式请用 --mapping 指定映射文件",
        )
    store = Store.open(root) if (root / "store.json").exists() else Store.create(root)
    settings = f"mapping={terms.mapping.name}" if terms.mapping else ""
    hashes: dict[str, str] = {}
    with (
        ThreadPoolExecutor(1, thread_name_prefix="hashing") as hashing,
        store.arrival(terms.label, terms.as_of, hashes, settings) as arrival,
    ):
        hashed = hashing.map(_sha256, files.values())
        totals = load(jobs, arrival, terms.progress)
        _refuse_unusable(totals, terms.max_bad, terms.label)
        hashes.update(zip(files, hashed, strict=True))
        manifest = arrival.commit()
    told = list(totals.files.values())
    told += [FileTotals(source, table, note="没有数据行") for source, table in _idle(jobs, told)]
    told += [FileTotals(name, "", note="空文件") for name in found.empty]
    return ImportResult(
        manifest.arrival, told, manifest.tables, dict(totals.reasons), dict(totals.marked), unrecognised
    )


def plan_jobs(sources: Sequence[Source], mapping: Mapping | None) -> tuple[list[Job], list[str]]:
    """Jobs in order, and the sources nobody claims. Raises `Refusal` for missing columns before any reading."""
    jobs: list[Job] = []
    left = list(sources)
    for name, rule in mapping.sources.items() if mapping else ():
        taken = [s for s in sources if rule.takes(s.name)]
        left = [s for s in left if s not in taken]
        if taken and mapping:
            inputs = [folded(name, rule, taken)] if rule.one_row_per else taken
            jobs += [_mapped_job(source, mapping.targets(name)) for source in inputs]
    unrecognised = []
    for source in left:
        table = table_of(source.name)
        if table is None:
            unrecognised.append(source.name)
        else:
            jobs.append(Job(source, table, columns_of(table, source.columns, source.name)))
    return jobs, unrecognised


def _mapped_job(source: Source, targets: Sequence[MappedTable]) -> Job:
    for target in targets:
        check_columns(target, source.columns, source.name)
    return Job(source, targets=tuple(targets))


def load(jobs: Sequence[Job], arrival: Arrival, progress: Progress | None) -> _Totals:
    """Read all jobs into `arrival` (add, reject): read in one thread, parsed and typed in two, stored in this one."""
    totals = _Totals()
    size = sum(job.source.size for job in jobs)
    before = 0
    with (
        ThreadPoolExecutor(1, thread_name_prefix="reading") as reader,
        ThreadPoolExecutor(2, thread_name_prefix="intake") as pool,
    ):
        for job in jobs:
            records = 0
            for done, prepared in _ahead(reader, pool, job):
                for part in prepared:
                    _store(arrival, job, part, records, totals)
                records += prepared[0].records
                if progress:
                    progress(min(size, before + done), size, totals.read)
            before += job.source.size
    return totals


def _ahead(reader: Executor, pool: Executor, job: Job) -> Iterator[tuple[int, list[Prepared]]]:
    waiting: deque[tuple[int, Future[list[Prepared]]]] = deque()
    steps = job.source.chunks()
    step = reader.submit(next, steps, None)
    while found := step.result():
        step = reader.submit(next, steps, None)
        done, read = found
        waiting.append((done, pool.submit(_prepare, read, job)))
        if len(waiting) == AHEAD:
            yield _result(*waiting.popleft())
    while waiting:
        yield _result(*waiting.popleft())


def _result(done: int, future: Future[list[Prepared]]) -> tuple[int, list[Prepared]]:
    return done, future.result()


def _prepare(read: Callable[[], Chunk], job: Job) -> list[Prepared]:
    chunk = read()
    source = job.source
    if job.table and job.columns:
        columns = {name: chunk.rows.column(i) for name, i in job.columns.positions.items()}
        return [prepare(chunk, columns, np.arange(chunk.rows.num_rows), job.table, source.name)]
    columns = text_columns(chunk, source.columns)
    prepared = []
    for target in job.targets:
        fields, origin = mapped_fields(target, columns, chunk.rows.num_rows)
        prepared.append(prepare(chunk, fields, origin, tables()[target.table], source.name))
        # An unreadable record is one record, however many tables it would have gone to.
        chunk = replace(chunk, unreadable=())
    return prepared


def _store(arrival: Arrival, job: Job, part: Prepared, records: int, totals: _Totals) -> None:
    if part.rows.num_rows:
        arrival.add(part.table, _shifted(part.rows, records))
    if part.rejected.num_rows:
        arrival.reject(_shifted(part.rejected, records))
    if not part.rows.num_rows + part.refused:
        return
    key = (job.source.name, part.table)
    if key not in totals.files:
        totals.files[key] = FileTotals(*key, ignored_columns=job.columns.unknown if job.columns else ())
    file = totals.files[key]
    file.read += part.rows.num_rows + part.refused
    file.accepted += part.rows.num_rows
    file.quarantined += part.refused
    totals.read += part.rows.num_rows + part.refused
    totals.quarantined += part.refused
    totals.reasons.update(part.reasons)
    for counted in pc.value_counts(part.rows["marks"].drop_null()).to_pylist():
        totals.marked.update(dict.fromkeys(counted["values"].split(","), counted["counts"]))


def _shifted(rows: pa.Table, records: int) -> pa.Table:
    """Record numbers of a chunk become those of its source."""
    place = rows.schema.get_field_index("record")
    return rows.set_column(place, "record", pc.add(rows["record"], records)) if records else rows


def _refuse_unusable(totals: _Totals, max_bad: float, label: str) -> None:
    if not totals.read:
        raise Refusal("没有可导入的数据行", where=label, seen="文件为空或只有表头", remedy="请核对导出条件后重新导出")
    if totals.quarantined > max_bad * totals.read:
        reasons = "，".join(f"{reason} {count} 处" for reason, count in totals.reasons.most_common(3))
        raise Refusal(
            "不能入库的行过多，本次未导入任何数据",
            where=label,
            seen=f"共 {totals.read} 行，不能入库 {totals.quarantined} 行：{reasons}",
            remedy="请按原因修正后重新导出；确需导入的，请调高 --max-bad",
        )


def _idle(jobs: Iterable[Job], files: Sequence[FileTotals]) -> list[tuple[str, str]]:
    """Sources that gave no row, with the table they would have gone to."""
    seen = {file.source for file in files if file.read}
    return [(job.source.name, job.table.name if job.table else "") for job in jobs if job.source.name not in seen]


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
