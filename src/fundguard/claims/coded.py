"""Text that repeats, kept as its distinct values and an index a row.

Codes, names and persons repeat within any chunk, so what is done with a value (typing, checking, hashing, writing) is
done once for each distinct one. Such a column is an Arrow dictionary of type `CODED`; it means the same as the
plain text, and everything that takes a column of text takes it too.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

CODED = pa.dictionary(pa.int32(), pa.string())
_SAMPLE = 4096


def coded(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The column in one piece, coded if it is text and its first values repeat; any other column as it is."""
    if pa.types.is_string(column.type):
        sample = column.slice(0, _SAMPLE)
        if 2 * len(sample.unique()) <= len(sample):
            column = column.dictionary_encode()
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    return _plain(column) if pa.types.is_dictionary(column.type) and not _useful(column) else column


def _useful(column: pa.Array) -> bool:
    """Dictionaries that others made may have other types, empty values, or more values than there are rows."""
    distinct = column.dictionary
    return column.type == CODED and not distinct.null_count and len(distinct) <= len(column)


def _plain(column: pa.Array) -> pa.Array:
    return column.dictionary.take(column.indices)


def constant(text: str, rows: int) -> pa.Array:
    """One text in every row."""
    return pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), [text])


def is_coded(column: pa.Array) -> bool:
    return bool(pa.types.is_dictionary(column.type))


def recoded(column: pa.Array, values: pa.Array) -> pa.Array:
    """The coded column with other text for its distinct values, which may have become equal or NULL."""
    distinct = values.dictionary_encode()
    return pa.DictionaryArray.from_arrays(distinct.indices.take(column.indices), distinct.dictionary)


def places(column: pa.Array) -> npt.NDArray[np.int32]:
    """Index of each row among the distinct values of a coded column; NULL has the index after the last."""
    indices = column.indices
    return np.asarray(indices.fill_null(len(column.dictionary)) if indices.null_count else indices)
