"""A killed import, two imports at once, a full disk: the old state or the new one, never a mixture."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from store_samples import bring, fee, seen, typed

from fundguard.claims.store import Store, arrival, durable
from fundguard.errors import Refusal

KILLED = Path(__file__).with_name("store_killed.py")
TOTALS = "SELECT count(*), sum(det_item_fee_sumamt) FROM fee_list_d"
OLD, NEW = (1, 1000), (6000, 12_000_000)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store.create(tmp_path / "store")
    bring(made, "fee_list_d", fee("F0", psn_no="990"), as_of=datetime(2024, 1, 1))
    return made


def start(store: Store, steps: int) -> subprocess.Popen[bytes]:
    """An importing process; returns when it is about to begin."""
    path = os.pathsep.join(sys.path)
    command = [sys.executable, str(KILLED), str(store.root), str(steps)]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    return process


def end(process: subprocess.Popen[bytes]) -> int:
    with process:
        return process.wait(60)


def whole(store: Store) -> bool:
    """Old or new state, and exactly the files that belong to it once the next import has begun; says whether new."""
    store = Store.open(store.root)
    [totals] = seen(store, TOTALS)
    committed = {name for m in store.manifests() for name in m.pieces}
    assert totals == (NEW if len(store.manifests()) == 2 else OLD)
    with store.arrival("next"):
        found = {str(p.relative_to(store.root)) for p in store.root.rglob("*.parquet")}
        assert found == committed
    return totals == NEW


@pytest.mark.kill
def test_killed_at_every_step_onto_the_disk(store: Store) -> None:
    outcomes = []
    while not outcomes or not outcomes[-1]:
        end(start(store, steps := len(outcomes) + 1))
        outcomes.append(whole(store))
    assert steps > 8, "rows, identity and manifest each reach the disk in several steps"
    bring(store, "fee_list_d", fee("F1", 7), as_of=datetime(2030, 1, 1))
    assert seen(store, TOTALS) == [(6000, 12_000_000 - 2000 + 7)]


@pytest.mark.kill
def test_killed_at_any_moment(store: Store) -> None:
    chance = random.Random(2024)
    for _ in range(5):
        process = start(store, 0)
        time.sleep(chance.uniform(0, 0.8))
        process.kill()
        end(process)
        if whole(store):
            return


def test_a_second_writer_is_refused_or_waits(store: Store) -> None:
    done: list[int] = []

    def second() -> None:
        with store.arrival("second", wait=True) as waiting:
            done.append(len(store.manifests()))
            waiting.commit()

    with store.arrival("first") as first:
        with pytest.raises(Refusal, match="另一个导入正在进行"), store.arrival("second"):
            pass
        waiter = threading.Thread(target=second)
        waiter.start()
        first.add("fee_list_d", typed("fee_list_d", fee("F9")))
        first.commit()
        assert not done
    waiter.join(30)
    assert done == [2]
    assert [m.arrival for m in store.manifests()] == [1, 2, 3]


def test_leaving_the_block_without_commit_changes_nothing(store: Store) -> None:
    with store.arrival("given up") as given_up:
        given_up.add("fee_list_d", typed("fee_list_d", fee("F9")))
    with pytest.raises(KeyError, match="no_such_table"), store.arrival("broken off") as broken:
        broken.add("no_such_table", typed("fee_list_d", fee("F9")))
    assert not (store.root / "staging").exists()
    assert whole(store) is False


def raising(kind: type[Exception], *told: Any) -> Callable[..., Any]:
    def fault(*_: Any, **__: Any) -> Any:
        raise kind(*told)

    return fault


@pytest.mark.parametrize(
    ("owner", "name", "fault"),
    [
        (pq.ParquetWriter, "write_table", raising(OSError, errno.ENOSPC, "No space left on device")),
        (durable, "sync", raising(OSError, errno.ENOSPC, "No space left on device")),
        (arrival, "classify", raising(duckdb.IOException, 'Could not write file "x": No space left on device')),
    ],
    ids=["while staging", "while committing", "while comparing"],
)
def test_a_full_disk_is_refused_and_leaves_the_old_state(
    store: Store, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, fault: Any
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, fault)
        with pytest.raises(Refusal, match="磁盘空间不足") as refusal:
            bring(store, "fee_list_d", fee("F9"))
        assert refusal.value.remedy
    assert whole(store) is False
    bring(store, "fee_list_d", fee("F9"))
    assert seen(store, TOTALS) == [(2, 2000)]


def test_other_faults_of_the_disk_are_not_called_a_full_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "sync", raising(OSError, errno.EIO, "Input/output error"))
    with pytest.raises(OSError, match="Input/output"):
        bring(store, "fee_list_d", fee("F9"))
