"""A published run, followed: new findings enter the workflow, changed evidence moves them, those gone are withdrawn.

Compares what the findings say with what the state rows hold, so a second pass changes nothing, and one cut short
goes on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from fundguard.web.core import sums
from fundguard.web.desk import items, order, services
from fundguard.web.desk.models import StateCount, StateRow
from fundguard.web.findings import selectors as findings
from fundguard.web.ledger.services import append
from fundguard.workflows.history import SYSTEM, Item
from fundguard.workflows.kernel import may
from fundguard.workflows.regions import workflow_for

FLOW = "finding"
BATCH = 500
GONE = "数据已更正"
LATE = "办结或者撤回后证据变更"
#: What may be done with other evidence, by what the item's state allows.
AGAIN = "come_again"  # what a recall withdrew and a corrected rule or point raises anew
EVIDENCE_STEPS = ("take_new_evidence", "return_to_review", "open_correction")
_ACCUSED = """
SELECT n.finding_id, list(e.ref_key ORDER BY e.ref_key) FILTER (e.ref_table = 'fee_list_d'),
  list(e.amount_fen ORDER BY e.ref_key) FILTER (e.ref_table = 'fee_list_d'), list_sort(list_distinct(list(e.point)))
FROM needed AS n LEFT JOIN read_parquet($evidence) AS e ON e.finding_id = n.finding_id AND e.role = 'accused'
GROUP BY n.finding_id ORDER BY n.finding_id
"""


def follow_run(run_dir: Path) -> dict[str, int]:
    """After a run was taken over (`run_dir` says which): how many items entered, moved, were withdrawn."""
    columns = ("object_id", "evidence_id", "state", "told")
    held = {key: rest for key, *rest in StateRow.objects.filter(workflow=FLOW).values_list(*columns)}
    fresh: dict[str, list[dict[str, Any]]] = defaultdict(list)
    changed: dict[str, list[dict[str, Any]]] = defaultdict(list)
    gone = []
    for one in findings.stated():
        seen, state, told = held.get(one["finding_key"], ("", "", ""))
        if one["state"] == "withdrawn":
            if state not in ("", "withdrawn"):
                gone.append(one)
        elif not state:
            fresh[one["run__folder"]].append(one)
        elif seen != one["finding_id"] or (state == "withdrawn" and told != LATE):
            changed[one["run__folder"]].append(one)
    tallies = tallied()
    for folder, listed in fresh.items():
        for batch in _with_lines(folder, listed):
            _enter(batch, tallies)
    for folder, listed in changed.items():
        for batch in _with_lines(folder, listed):
            _move(batch, tallies)
    for batch in _batches(gone):
        _withdraw(batch)
    rescore(tallies)
    sums.fold(StateCount)
    sums.keep_statistics(StateRow)
    return {"新增": sum(map(len, fresh.values())), "变更": sum(map(len, changed.values())), "撤回": len(gone)}


def corrected() -> Callable[[Mapping[str, str]], set[str]]:
    """What `web/wiring.py` names; imported late, because it brings in every application."""
    from fundguard.web import wiring

    return wiring.CORRECTED


def tallied() -> dict[str, order.Tally]:
    """Rule → what the reviews so far said of it."""
    open_ = ("found", "awaiting_papers", "withdrawn", "correcting")
    reviewed = StateRow.objects.filter(workflow=FLOW).exclude(state__in=open_)
    told = reviewed.values_list("rule_code").annotate(
        upheld=Count("pk", filter=~Q(state__in=("dismissed", "cleared"))), all=Count("pk")
    )
    return {rule: order.Tally(upheld, count) for rule, upheld, count in told.order_by()}


def rescore(tallies: Mapping[str, order.Tally]) -> None:
    """Scores of what waits for first review: one statement for each kind of finding."""
    waiting = StateRow.objects.filter(workflow=FLOW, state="found", rule_code__in=tallies)
    for rule, verdict, kind in waiting.values_list("rule_code", "verdict", "subject_kind").distinct().order_by():
        factor = order.share_e4(verdict, tallies[rule]) * 60
        same = waiting.filter(rule_code=rule, verdict=verdict, subject_kind=kind)
        same.update(score=F("counted_fen") * factor / (order.MINUTES[kind] * 10_000))


@transaction.atomic
def _enter(batch: list[dict[str, Any]], tallies: Mapping[str, order.Tally]) -> None:
    at = timezone.now()
    rows, entries = [], []
    for one in batch:
        flow = workflow_for(FLOW, one["region"])
        row = StateRow(workflow=FLOW, variant=flow.region, object_id=one["finding_key"], state="", entered_at=at)
        _take_evidence(row, one, tallies)
        row.lot = order.lot(row.object_id)
        item = Item(flow, "", row.region, row.fixmedins_code, row.amount_fen, frozenset(row.lines))
        answer = may(item, flow.first.verb, SYSTEM, at, papers={})
        if not answer.allowed:
            raise services.Barred(answer.bars)
        entries.append(services.stepped(row, item, flow.first, answer, brought={}, at=at))
        rows.append(row)
    append(entries)
    StateRow.objects.bulk_create(rows)


@transaction.atomic
def _move(batch: list[dict[str, Any]], tallies: Mapping[str, order.Tally]) -> None:
    """Other evidence: the step that leads on from the item's state; a closed item keeps its state and says so."""
    again = corrected()({one["finding_key"]: one["point"] for one in batch})
    rows, told = _locked(batch)
    wanted: dict[str, list[StateRow]] = defaultdict(list)
    for row in rows:
        one = told[row.object_id]
        leaving = {step.verb for step in row.flow.leaving(row.state)}
        verb = next((verb for verb in EVIDENCE_STEPS if verb in leaving), "")
        if row.object_id in again:
            verb = AGAIN
        if verb:
            _take_evidence(row, one, tallies)
            row.save()
            wanted[verb].append(row)
        else:
            StateRow.objects.filter(pk=row.pk).update(evidence_id=one["finding_id"], told=LATE)
    for verb, moving in wanted.items():
        known = items.items(moving)
        _taken([services.Wish(row, known[row.object_id], {}) for row in moving], verb)


@transaction.atomic
def _withdraw(batch: list[dict[str, Any]]) -> None:
    rows, told = _locked(batch)
    known = items.items(rows)
    for row in rows:
        row.told = told[row.object_id]["told"][: services.LONGEST]
    StateRow.objects.bulk_update(rows, ["told"])
    papers = {key: {"reason": GONE, "recall_order": one["run_id"]} for key, one in told.items()}
    _taken([services.Wish(row, known[row.object_id], papers[row.object_id]) for row in rows], "withdraw")


def _taken(wishes: list[services.Wish], verb: str) -> None:
    """What a run takes is never barred: where it is, the run stops and says so."""
    for barred in services.taken_all(wishes, verb, SYSTEM, at=timezone.now()).values():
        raise barred


def _locked(batch: list[dict[str, Any]]) -> tuple[list[StateRow], dict[str, dict[str, Any]]]:
    """The rows of these findings, held until the transaction ends, and what is told of each by its key."""
    told = {one["finding_key"]: one for one in batch}
    rows = StateRow.objects.select_for_update().filter(workflow=FLOW, object_id__in=told).order_by("pk")
    return list(rows), told


def _take_evidence(row: StateRow, one: Mapping[str, Any], tallies: Mapping[str, order.Tally]) -> None:
    row.evidence_id, row.told = one["finding_id"], one["told"][: services.LONGEST]
    for name in ("region", "fixmedins_code", "rule_code", "verdict", "subject_kind", "amount_fen", "counted_fen"):
        setattr(row, name, one[name])
    row.lines, row.point = one["lines"], one["point"]
    tally = tallies.get(row.rule_code, order.Tally())
    row.score = order.score(row.counted_fen, row.verdict, row.subject_kind, tally)


def _with_lines(folder: str, listed: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The findings of one run with their accused lines (`bkkp_sn` → fen) and knowledge points, in batches."""
    by_id = {one["finding_id"]: one for one in listed}
    with duckdb.connect() as connection:
        connection.register("needed", pa.table({"finding_id": list(by_id)}))
        evidence = str(settings.RUNS / folder / "evidence.parquet")
        told = connection.execute(_ACCUSED, {"evidence": evidence})
        while batch := told.fetchmany(BATCH):
            yield [
                by_id[key] | {"lines": _summed(lines or (), fen or ()), "point": ",".join(p for p in points if p)}
                for key, lines, fen, points in batch
            ]


def _summed(lines: Iterable[str], amounts: Iterable[int]) -> dict[str, int]:
    """A line accused under two points counts once, with the larger amount."""
    found: dict[str, int] = {}
    for line, fen in zip(lines, amounts, strict=True):
        found[line] = max(fen, found.get(line, 0))
    return found


def _batches(listed: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    rest = iter(listed)
    while batch := list(islice(rest, BATCH)):
        yield batch
