"""Fold the rows of one key, from all files of a mapped source, into one row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import duckdb
import numpy as np
import pyarrow as pa

from fundguard.claims.intake.chunk import Chunk, Integers, Source, Unreadable, csv_line, ready
from fundguard.claims.intake.mapped import text_columns
from fundguard.claims.intake.mapping import MappedSource
from fundguard.claims.intake.naming import plain
from fundguard.errors import Refusal

#: Folding needs all rows at hand, and nothing personal may be spilled to disk in clear: so it stays in memory.
MEMORY = "2GB"
ROWS = 100_000


def folded(name: str, rule: MappedSource, sources: Sequence[Source]) -> Source:
    """One source with one row a key: the first row in the rule's order, its gaps filled from the rows after it.

    Rows without a key are kept as they are. Raises `Refusal` where a column of the rule is missing, and while
    reading where the files are too large to be folded at once.
    """
    names = tuple(dict.fromkeys(plain(c) for s in sources for c in s.columns))
    for key in (*rule.one_row_per, *(o.removeprefix("-") for o in rule.order)):
        if plain(key) not in (*names, "file"):
            raise Refusal(
                "映射所需的列不存在",
                where=f"映射来源 {name}",
                seen=f"缺少列 {key}",
                remedy="请检查文件版本，或修改映射文件中的列名",
            )

    def chunks() -> Iterator[tuple[int, Callable[[], Chunk]]]:
        with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": "", "threads": 2}) as connection:
            try:
                yield from _folded_chunks(connection, names, rule, sources)
            except duckdb.OutOfMemoryException:
                raise Refusal(
                    "需要汇总的文件过大",
                    where=f"映射来源 {name}",
                    seen=f"超过内存上限 {MEMORY}",
                    remedy="请按年或按地区分开导入",
                ) from None

    return Source(name, names, sum(s.size for s in sources), chunks)


def _folded_chunks(
    connection: duckdb.DuckDBPyConnection, names: tuple[str, ...], rule: MappedSource, sources: Sequence[Source]
) -> Iterator[tuple[int, Callable[[], Chunk]]]:
    cells = ", ".join(f"c{i} VARCHAR" for i in range(len(names)))
    connection.execute(f"CREATE TABLE given (seq BIGINT, file VARCHAR, record BIGINT, line BIGINT, {cells})")
    unreadable: list[Unreadable] = []
    before = rows = 0
    for source in sources:
        records = 0
        for done, read in source.chunks():
            chunk = read()
            _insert(connection, _given(chunk, source, names, records, rows))
            rows += chunk.rows.num_rows
            unreadable += (
                Unreadable(u.record + records, u.line, u.reason, u.raw, source.name) for u in chunk.unreadable
            )
            records += chunk.records
            yield before + done, ready(_chunk(None, names, ()))
        before += source.size
    result = connection.sql(_fold_sql(names, rule)).to_arrow_reader(ROWS)
    for batch in result:
        yield before, ready(_chunk(pa.Table.from_batches([batch]), names, tuple(unreadable)))
        unreadable = []
    if unreadable:
        yield before, ready(_chunk(None, names, tuple(unreadable)))


def _given(chunk: Chunk, source: Source, names: tuple[str, ...], records: int, before: int) -> pa.Table:
    rows = chunk.rows.num_rows
    cells = text_columns(chunk, source.columns)
    return pa.table(
        {
            "seq": pa.array(np.arange(before, before + rows)),
            "file": pa.repeat(pa.scalar(source.name), rows),
            "record": pa.array(chunk.record + records),
            "line": pa.array([line for line, _ in chunk.places(np.arange(rows))], pa.int64()),
            **{f"c{i}": cells.get(name, pa.nulls(rows, pa.string())) for i, name in enumerate(names)},
        }
    )


def _insert(connection: duckdb.DuckDBPyConnection, piece: pa.Table) -> None:
    connection.register("piece", piece)
    connection.execute("INSERT INTO given SELECT * FROM piece")
    connection.unregister("piece")


def _fold_sql(names: tuple[str, ...], rule: MappedSource) -> str:
    """`arg_min` passes over NULL, so each column is taken from the first row that has it."""
    place = {"file": "file"} | {name: f"c{i}" for i, name in enumerate(names)}
    keys = [place[plain(key)] for key in rule.one_row_per]
    order = [
        f"{way(place[plain(o.removeprefix('-'))])} {'DESC' if o.startswith('-') else 'ASC'} NULLS LAST"
        for o in rule.order
        for way in (lambda c: f"try_cast({c} AS DOUBLE)", str)
    ]
    columns = ["file", "record", "line", *(f"c{i}" for i in range(len(names)))]
    taken = ", ".join(f"arg_min({c}, ord) AS {c}" for c in columns)
    # A row without its whole key is a group of its own: folding strangers together would lose records.
    alone = f"CASE WHEN {' OR '.join(f'{k} IS NULL' for k in keys)} THEN seq END"
    return (
        f"SELECT {taken} FROM (SELECT *, row_number() OVER (ORDER BY {', '.join([*order, 'seq'])}) AS ord FROM given) "
        f"GROUP BY {', '.join(keys)}, {alone} ORDER BY min(seq)"
    )


def _chunk(rows: pa.Table | None, names: tuple[str, ...], unreadable: tuple[Unreadable, ...]) -> Chunk:
    """Folded rows with their own file and absolute record number: `records` is 0, nothing is to be added to it."""
    if rows is None:
        cells = {f"c{i}": pa.array([], pa.string()) for i in range(len(names))}
        rows = pa.table({"file": pa.array([], pa.string()), "record": [], "line": []} | cells)
    cells_only = rows.select([f"c{i}" for i in range(len(names))])

    def places(indices: Integers) -> list[tuple[int | None, str]]:
        picked = rows.take(pa.array(indices))
        raw = [csv_line(list(row.values())) for row in cells_only.take(pa.array(indices)).to_pylist()]
        return list(zip(picked["line"].to_pylist(), raw, strict=True))

    record = np.asarray(rows["record"].cast(pa.int64()).combine_chunks(), dtype=np.int64)
    return Chunk(cells_only, record, 0, unreadable, places, rows["file"].combine_chunks())
