"""Build a city: the stage first, then blocks of ordinary people until there are enough fee lines."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from fundguard.claims.city import (
    diagnosis_cases,
    gate_cases,
    line_cases,
    peer_cases,
    person_cases,
    problem_cases,
    record_cases,
    together_cases,
    window_cases,
)
from fundguard.claims.city.background import block, numbered_batch
from fundguard.claims.city.calendar import CORRECTED, FIRST, LAST, MINUTES
from fundguard.claims.city.claims import Ready, Sources, claim_tables
from fundguard.claims.city.frames import NONE, Ints
from fundguard.claims.city.journal import KIND, Batch
from fundguard.claims.city.people import crowd, people_tables
from fundguard.claims.city.person_cases import FIRST_NUMBER
from fundguard.claims.city.places import DOCTORS_PER_DEPARTMENT, Places, build_places, place_tables
from fundguard.claims.city.stage import Stage
from fundguard.claims.city.stock import Ledger, sale_tables, stock_tables
from fundguard.claims.city.truth import truth_table
from fundguard.claims.city.writing import Delivery, Form
from fundguard.errors import Refusal

LEAST_LINES = 20_000
_BLOCK = 12_000  # persons drawn at a time: about 300,000 lines
_STAMP = CORRECTED * MINUTES + 120
_FIRST_STAMP = (LAST + 1) * MINUTES


@dataclass(frozen=True)
class CitySummary:
    """What was built: rows of each table in either delivery; planted violations, traps and gate cases by rule.

    `lines` are fee lines; `rows` are the rows of all tables in both deliveries, and so the measure of the work.
    """

    lines: int
    rows: int
    seed: int
    form: str
    persons: int
    encounters: int
    first: dict[str, int]
    corrections: dict[str, int]
    violations: dict[str, int]
    hard_negatives: dict[str, int]
    gated: dict[str, int]
    seconds: float
    lines_per_second: int
    rows_per_second: int


_TIMES = ("seconds", "lines_per_second", "rows_per_second")


def build_city(
    lines: int,
    seed: int,
    out: Path,
    *,
    form: Form = "parquet",
    progress: Callable[[int, int], None] | None = None,
) -> CitySummary:
    """Write a synthetic city of about `lines` fee lines (never more) into the new or empty folder `out`.

    `out` gets one file a national table, `corrections/` the second delivery, `truth.parquet` the planted rows and
    `city.json` the counts. The same `lines`, `seed` and `form` give the same bytes. `progress(done, lines)` is
    called after every block. Raises `Refusal` for too few lines or a folder that is not empty.
    """
    if lines < LEAST_LINES:
        raise Refusal(
            "合成城市的费用明细行数太少",
            where="lines",
            seen=str(lines),
            remedy=f"请至少生成 {LEAST_LINES} 行。",
            exit_code=2,
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Refusal("输出文件夹不是空的", where=out.name, remedy="请指定一个新的或空的文件夹，已有文件不会被覆盖。")
    begun = time.monotonic()
    places = build_places(lines)
    stage, plants = _stage(lines, seed, places)
    with Delivery(out, form) as first, Delivery(out / "corrections", form) as second:
        city = _City(places, first, second, np.random.default_rng([seed, 3]))
        first.add(place_tables(places, (FIRST - 273) * MINUTES, _FIRST_STAMP))
        played = city.play(stage)
        while city.lines < lines and not city.full:
            city.live(lines, seed)
            if progress:
                progress(city.lines, lines)
        stocks, cases = stock_tables(city.ledger, plants, np.random.default_rng([seed, 4]), _FIRST_STAMP)
        first.add(stocks)
        truth = truth_table(stage, played, cases, places)
    pq.write_table(truth, out / "truth.parquet", compression="snappy", store_schema=False)
    seconds = time.monotonic() - begun
    rows = sum(first.rows.values()) + sum(second.rows.values())
    summary = CitySummary(
        city.lines,
        rows,
        seed,
        form,
        city.persons,
        city.encounters,
        dict(sorted(first.rows.items())),
        dict(sorted(second.rows.items())),
        _by_rule(truth, "violation"),
        _by_rule(truth, "hard_negative"),
        _by_rule(truth, "gated"),
        round(seconds, 1),
        round(city.lines / seconds),
        round(rows / seconds),
    )
    content = {k: v for k, v in asdict(summary).items() if k not in _TIMES}
    (out / "city.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return summary


def _stage(lines: int, seed: int, places: Places) -> tuple[Stage, int]:
    plants = max(5, lines // 60_000)
    traps = max(1, plants // 4)
    stage = Stage(places, np.random.default_rng([seed, 1]))
    line_cases.play_plants(stage, plants)
    line_cases.play_traps(stage, traps)
    window_cases.play(stage, plants, traps)
    person_cases.play(stage, plants, traps)
    diagnosis_cases.play(stage, plants, traps)
    together_cases.play(stage, plants, traps)
    problem_cases.play(stage, plants, traps)
    gate_cases.play(stage, traps)
    record_cases.play(stage, plants, traps)
    peer_cases.play(stage, lines)
    return stage, plants


def _by_rule(truth: pa.Table, kind: str) -> dict[str, int]:
    rows = truth.select(["rule_code", "kind", "plant_id"]).to_pylist()
    plants = {(row["rule_code"], row["plant_id"]) for row in rows if row["kind"] == kind}
    rules = sorted({rule for rule, _ in plants})
    return {rule: sum(1 for r, _ in plants if r == rule) for rule in rules}


class _City:
    """Numbers already given, and where the rows go."""

    def __init__(self, places: Places, first: Delivery, second: Delivery, rng: np.random.Generator) -> None:
        self.places, self.first, self.second, self.rng = places, first, second, rng
        self.ledger = Ledger(places)
        self.persons = self.lines = self.encounters = self.blocks = 0
        self.full = False

    def play(self, stage: Stage) -> Ready:
        """Deliver the stage's cases; returns their first state."""
        people = stage.people()
        sources = Sources(people, 0, self.places)
        whole, again, sent = stage.batches(FIRST_NUMBER, FIRST_NUMBER)
        ready = claim_tables(whole, sources)
        late = np.array(sorted(stage.late), np.int64) + FIRST_NUMBER
        self.first.add(ready.tables | {"fee_list_d": _rows(ready, ~np.isin(whole.lines.number, late))})
        self._sell(ready, sources)
        self.first.add(people_tables(people, 0, _FIRST_STAMP))
        later = claim_tables(again, sources, _STAMP)
        self.second.add(later.tables | {"fee_list_d": _rows(later, np.isin(again.lines.number, sent))})
        self._count(whole, len(people))
        return ready

    def live(self, lines: int, seed: int) -> None:
        """Deliver one block of ordinary people, cut at the person with whom the lines are enough."""
        self.blocks += 1
        rng = np.random.default_rng([seed, 2, self.blocks])
        people = crowd(_BLOCK, rng)
        encounters, rows = block(people, self.persons, self.places, rng)
        batch = numbered_batch(encounters, rows, self.encounters + FIRST_NUMBER, self.lines + FIRST_NUMBER)
        per_person = np.bincount(encounters.person[rows.encounter] - self.persons, minlength=len(people))
        enough = np.cumsum(per_person) + self.lines <= lines
        if not enough.all():
            self.full = True
            people = people.slice(0, int(enough.sum()))
            kept = np.flatnonzero(encounters.person < self.persons + len(people))
            batch = batch.keep(kept)
            batch.encounters.number = self.encounters + FIRST_NUMBER + np.arange(len(kept))
            batch.lines.number = self.lines + FIRST_NUMBER + np.arange(len(batch.lines))
        sources = Sources(people, self.persons, self.places)
        self.first.add(people_tables(people, self.persons, _FIRST_STAMP))
        self._deliver(batch, sources)
        self._count(batch, len(people))

    def _deliver(self, batch: Batch, sources: Sources) -> None:
        """Ordinary corrections: visits delivered late, withdrawn, or with another doctor; none of them moves stock."""
        e = batch.encounters
        quiet = (e.kind < KIND["stay"]) & (e.settled != NONE)
        quiet[batch.lines.encounter[self.ledger.rows(batch)]] = False
        draw = self.rng.random(len(e))
        late = quiet & (draw < 0.004)
        withdrawn = quiet & (draw >= 0.004) & (draw < 0.006)
        changed = quiet & (draw >= 0.006) & (draw < 0.012)
        on_time = batch.keep(np.flatnonzero(~late))
        ready = claim_tables(on_time, sources)
        self.first.add(ready.tables)
        self._sell(ready, sources)
        again = batch.keep(np.flatnonzero(late | withdrawn | changed))
        kept = np.flatnonzero(late | withdrawn | changed)
        again.encounters.valid = np.where(withdrawn[kept], 0, 1)
        again.encounters.seat = (again.encounters.seat + changed[kept]) % DOCTORS_PER_DEPARTMENT
        later = claim_tables(again, sources, _STAMP)
        self.second.add(later.tables | {"fee_list_d": _rows(later, ~withdrawn[kept][again.lines.encounter])})

    def _sell(self, ready: Ready, sources: Sources) -> None:
        rows = self.ledger.rows(ready.batch)
        self.ledger.enter(ready.batch, rows, ready.funded[rows])
        self.first.add(sale_tables(ready.batch, rows, sources, 0))

    def _count(self, batch: Batch, people: int) -> None:
        self.persons += people
        self.lines += len(batch.lines)
        self.encounters += len(batch.encounters)


def _rows(ready: Ready, chosen: npt.NDArray[np.bool_] | Ints) -> pa.Table:
    """The fee lines of this mask."""
    return ready.tables["fee_list_d"].filter(pa.array(chosen))
