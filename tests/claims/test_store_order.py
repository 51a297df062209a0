"""Any order and any repetition of batches that carry their own time gives the same latest view."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import bring, fee

from fundguard.claims.store import Counts, Store
from fundguard.claims.store import store as store_module
from tests.depth import examples

TIMES = [datetime(2024, 1, day) for day in (1, 2, 3)]
FIRST_DAY = date(2024, 7, 1)


class Row(NamedTuple):
    key: str
    amount: int
    valid: bool
    updated: datetime | None

    def fields(self) -> dict[str, Any]:
        return fee(self.key, self.amount, vali_flag="1" if self.valid else "0", updt_time=self.updated)


class Batch(NamedTuple):
    as_of: datetime
    rows: tuple[Row, ...]

    def versions(self) -> set[tuple[datetime, Row]]:
        return {(row.updated or self.as_of, row) for row in self.rows}


rows = st.builds(Row, st.sampled_from("ABCDE"), st.integers(1, 2), st.booleans(), st.sampled_from([None, None, *TIMES]))
batches = st.builds(Batch, st.sampled_from(TIMES), st.lists(rows, min_size=1, max_size=10).map(tuple))
View = dict[str, tuple[int, datetime | None]]


def view(store: Store, known_on: date | None = None) -> tuple[View, set[str]]:
    """The latest valid rows and the void keys."""
    with store.connect(known_on=known_on, origin="parquet") as connection:
        latest = connection.execute("SELECT bkkp_sn, det_item_fee_sumamt, updt_time FROM fee_list_d").fetchall()
        void = connection.execute("SELECT bkkp_sn FROM void_fee_list_d").fetchall()
    assert len({key for key, *_ in latest}) == len(latest), "a key is shown once"
    return {key: (amount, updated) for key, amount, updated in latest}, {key for (key,) in void}


def may_be_shown(arrived: Sequence[Batch], shown: tuple[View, set[str]]) -> bool:
    """For each key one of the versions with the greatest stamp is shown: several only if their content differs."""
    versions = set().union(*(batch.versions() for batch in arrived))
    latest, void = shown
    keys = {row.key for _, row in versions}
    for key in keys:
        newest = max(stamp for stamp, row in versions if row.key == key)
        candidates = [row for stamp, row in versions if row.key == key and stamp == newest]
        if key in void:
            fits = any(not row.valid for row in candidates)
        else:
            fits = any(row.valid and latest.get(key) == (row.amount, row.updated) for row in candidates)
        if not fits:
            return False
    return keys == set(latest) | void and not set(latest) & void


def add_up(counts: Counts) -> bool:
    told = asdict(counts)
    return told.pop("read") == sum(told.values())


def imported(folder: Path, arrived: Sequence[Batch]) -> Store:
    """One batch a day; each shows a possible view, and the days before keep theirs."""
    store = Store.create(folder)
    for day, batch in enumerate(arrived):
        moment = datetime.combine(FIRST_DAY + timedelta(days=day), datetime.min.time())
        with mock.patch.object(store_module, "now", lambda moment=moment: moment):
            counts = bring(store, "fee_list_d", *(row.fields() for row in batch.rows), as_of=batch.as_of).tables
        assert add_up(counts["fee_list_d"])
        assert counts["fee_list_d"].read == len(batch.rows)
        if batch in arrived[:day] and batch.as_of == max(b.as_of for b in arrived[:day]):
            assert counts["fee_list_d"].unchanged == len(batch.rows), "the same rows again change nothing"
    return store


@settings(max_examples=examples(6), deadline=None, database=None)
@given(st.lists(batches, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_order_and_repetition_of_batches_do_not_matter(arrived: list[Batch], chance: random.Random) -> None:
    again = arrived + chance.choices(arrived, k=2)
    chance.shuffle(again)
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, FUNDGUARD_KEYS=folder + "/keys"):
        first, second = imported(Path(folder, "1"), arrived), imported(Path(folder, "2"), again)
        assert view(first) == view(second)
        assert may_be_shown(arrived, view(first))
        day = chance.randrange(len(again))
        assert may_be_shown(again[: day + 1], view(second, known_on=FIRST_DAY + timedelta(days=day)))
