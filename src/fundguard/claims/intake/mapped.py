"""Apply a mapping to a chunk: unpivot columns into rows, compute fields."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fundguard.claims.intake.casting import as_text, clean
from fundguard.claims.intake.chunk import Chunk, Integers
from fundguard.claims.intake.functions import FUNCTIONS
from fundguard.claims.intake.mapping import MappedField, MappedTable, Unpivot
from fundguard.claims.intake.naming import plain
from fundguard.errors import Refusal

Columns = dict[str, pa.Array]


def text_columns(chunk: Chunk, names: Sequence[str]) -> Columns:
    """The chunk's columns as cleaned text, by plain name."""
    arrays = (chunk.rows.column(i).combine_chunks() for i in range(len(names)))
    return {plain(name): clean(as_text(array), wide=False) for name, array in zip(names, arrays, strict=True)}


def check_columns(target: MappedTable, names: Sequence[str], source: str) -> None:
    """Raise `Refusal` if `target` needs a column that the source does not carry."""
    made = {target.unpivot.value, target.unpivot.number} if target.unpivot else set()
    needed = [c for field in target.fields.values() for c in field.columns if c not in made]
    needed += target.unpivot.columns if target.unpivot else ()
    held = {plain(name) for name in names}
    if missing := sorted({c for c in needed if plain(c) not in held}):
        raise Refusal(
            "映射所需的列不存在",
            where=f"文件 {source}（{target.table}）",
            seen=f"缺少列 {'、'.join(missing)}",
            remedy="请检查文件版本，或修改映射文件中的列名",
        )


def mapped_fields(target: MappedTable, columns: Columns, rows: int) -> tuple[Columns, Integers]:
    """Values of each field of `target`, and for each new row the row of the chunk it comes from."""
    origin = np.arange(rows, dtype=np.int64)
    if target.unpivot:
        columns, origin = _unpivoted(target.unpivot, columns, rows)
    return {name: _field(field, columns, len(origin)) for name, field in target.fields.items()}, origin


def _unpivoted(rule: Unpivot, columns: Columns, rows: int) -> tuple[Columns, Integers]:
    """One row for each filled column; a record's rows stay together, in the order of its columns."""
    stacked = pa.concat_arrays([columns[plain(c)] for c in rule.columns])
    filled = np.flatnonzero(np.asarray(pc.is_valid(stacked)))
    number, origin = np.divmod(filled, max(rows, 1))
    order = np.lexsort((number, origin))
    filled, number, origin = filled[order], number[order], origin[order]
    turned = {name: values.take(pa.array(origin)) for name, values in columns.items()}
    turned[plain(rule.value)] = stacked.take(pa.array(filled))
    turned[plain(rule.number)] = pa.array(number + 1).cast(pa.string())
    return turned, origin


def _field(field: MappedField, columns: Columns, rows: int) -> pa.Array:
    if field.value is not None:
        return pa.repeat(pa.scalar(field.value), rows)
    values = [columns[plain(c)] for c in field.columns]
    for name, argument in field.steps:
        values = [FUNCTIONS[name].run(values, argument)]
    return values[0]
