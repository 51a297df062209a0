"""Hash of a row's content, 63 bits, the same on every machine and with every version of every library.

A row's hash is the sum of one mixed 64-bit number per filled field, seeded by the field's name. So an
empty field and a field that the source does not have count alike, and the order of columns does not matter.
It decides whether two versions of one key differ; it is no secret and no signature.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from fundguard.claims.coded import is_coded, places

Words = npt.NDArray[np.uint64]

_FIRST = np.uint64(0xFF51AFD7ED558CCD)  # odd constants of a well-known 64-bit finaliser
_SECOND = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT = np.uint64(33)
_TAIL = np.array([(1 << (8 * n)) - 1 for n in range(8)] + [2**64 - 1], np.uint64)  # keeps the first n bytes


def row_hashes(columns: Mapping[str, pa.Array], rows: int) -> pa.Array:
    """Content hash of each row, int64 and never negative.

    `columns` are arrays of `rows` values by field name: text (plain or coded), 64-bit integers, dates or microsecond
    times.
    """
    total = np.zeros(rows, np.uint64)
    for name, column in columns.items():
        if column.null_count < rows:
            total += _hashed(column, _seed(name))
    return pa.array((_mix(total) >> np.uint64(1)).view(np.int64))


def _hashed(column: pa.Array, seed: np.uint64) -> Words:
    """The mixed number of each value, 0 for NULL. A text that repeats is hashed once."""
    if is_coded(column):
        distinct = _mix(_words(column.dictionary) ^ seed)
        return np.append(distinct, np.uint64(0))[places(column)]
    hashed = _mix(_words(column) ^ seed)
    if column.null_count:
        hashed *= np.asarray(column.is_valid(), dtype=np.uint64)
    return hashed


def _words(column: pa.Array) -> Words:
    """One 64-bit number per value; what it is for a NULL does not matter."""
    if pa.types.is_string(column.type):
        return _text_words(column)
    if pa.types.is_date32(column.type):
        column = column.cast(pa.int32())
    whole: npt.NDArray[np.int64] = np.asarray(column.cast(pa.int64()).fill_null(0), dtype=np.int64)
    return whole.view(np.uint64)


def _text_words(column: pa.Array) -> Words:
    """Eight bytes at a time, as long as a value has bytes: the length of its neighbours never matters."""
    if not len(column):
        return np.zeros(0, np.uint64)
    _, offset_buffer, data = column.buffers()
    offsets = np.frombuffer(offset_buffer, "<i4")[column.offset : column.offset + len(column) + 1].astype(np.int64)
    first, last = offsets[0], offsets[-1]
    padded = np.zeros(last - first + 8, np.uint8)
    if last > first:
        padded[:-8] = np.frombuffer(data, np.uint8)[first:last]
    words: Words = np.ndarray(len(padded) - 7, "<u8", padded, strides=(1,))  # the eight bytes from each position on
    starts, lengths = offsets[:-1] - first, np.diff(offsets)
    hashed = lengths.astype(np.uint64)
    done = 0
    while done + 8 <= lengths.min():
        hashed = _mix(hashed ^ words[starts + done])
        done += 8
    active = np.arange(len(column))
    while len(active := active[lengths[active] > done]):
        kept = _TAIL[np.minimum(lengths[active] - done, 8)]
        hashed[active] = _mix(hashed[active] ^ (words[starts[active] + done] & kept))
        done += 8
    return hashed


def _mix(words: Words) -> Words:
    mixed = words ^ (words >> _SHIFT)
    mixed *= _FIRST
    mixed ^= mixed >> _SHIFT
    mixed *= _SECOND
    mixed ^= mixed >> _SHIFT
    return mixed


@cache
def _seed(name: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little"))
