"""Findings in three divisions under the finding workflow, and the people who work on them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from django.db import connection
from django.utils import timezone

from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.accounts.services import seed_demo
from fundguard.web.desk import following
from fundguard.web.desk.models import StateRow
from fundguard.web.desk.services import take
from fundguard.web.findings import encounter, views
from fundguard.web.findings.models import Finding, TakenRun

HOME, EAST, FAR = "H99010100001", "H99010200001", "H99020100001"
REGION = {HOME: "990101", EAST: "990102", FAR: "990201"}
LINES = {"L1": 6000, "L2": 4000}


def key_of(name: str) -> str:
    return hashlib.md5(name.encode()).hexdigest()


@pytest.fixture
def people(db: None, settings, tmp_path: Path) -> None:
    settings.STORE, settings.RUNS = tmp_path / "store", tmp_path / "runs"
    seed_demo()
    User.objects.filter(username="hospital").update(institutions=HOME)


Told = Callable[..., Path]


@pytest.fixture
def told(people: None, settings) -> Told:
    """`told("r1", a={…}, b=None)`: a run that tells these findings (None: withdrawn), followed by the desk."""

    def tell(run_id: str, follow: bool = True, **findings: dict[str, object] | None) -> Path:
        folder = settings.RUNS / run_id
        folder.mkdir(parents=True, exist_ok=True)
        run = TakenRun.objects.create(run_id=run_id, folder=run_id, taken_at=timezone.now())
        evidence = []
        for name, given in findings.items():
            if given is None:
                Finding.objects.filter(pk=key_of(name)).update(state="withdrawn", told="撤回：数据已更正", run=run)
                continue
            lines = given.get("lines", LINES)
            made = _finding(name, run, given, lines)
            made.save()
            evidence += [
                (made.finding_id, "fee_list_d", f"{name}-{line}", "accused", fen, "K1") for line, fen in lines.items()
            ]
        _write(folder / "evidence.parquet", evidence)
        if follow:
            following.follow_run(folder)
        return folder

    return tell


def _finding(name: str, run: TakenRun, given: dict[str, object], lines: dict[str, int]) -> Finding:
    place = str(given.get("at", HOME))
    now = timezone.now()
    fen = sum(lines.values())
    return Finding(
        finding_key=key_of(name),
        finding_id=key_of(f"{name}{run.run_id}"),
        rule_code=str(given.get("rule", "N67")),
        rule_version=1,
        verdict=str(given.get("verdict", "可疑")),
        subject_kind="encounter",
        subject_id=f"M-{name}",
        region=REGION[place],
        amount_fen=fen,
        counted_fen=fen,
        message="男性使用限女性药品",
        cause="疑似违规",
        run=run,
        fixmedins_code=place,
        institution_name="示例医院",
        insured_region=str(given.get("insured", REGION[place])),
        told=str(given.get("told", "")),
        created_at=now,
        changed_at=now,
    )


def _write(path: Path, rows: list[tuple[object, ...]]) -> None:
    names = ("finding_id", "ref_table", "ref_key", "role", "amount_fen", "point")
    table = pa.table({name: pa.array([row[i] for row in rows]) for i, name in enumerate(names)}) if rows else None
    if table is None:
        table = pa.table({name: pa.array([], pa.int64() if name == "amount_fen" else pa.string()) for name in names})
    with duckdb.connect() as connection:
        connection.register("told", table)
        connection.execute(f"COPY told TO '{path}' (FORMAT parquet)")


def viewer(username: str) -> Viewer:
    return Viewer(User.objects.select_related("region").get(username=username))


def row(name: str) -> StateRow:
    return StateRow.objects.get(object_id=key_of(name))


def steps(name: str, *taken: tuple[str, str, dict[str, object]]) -> StateRow:
    """Take (account, verb, papers) one after the other."""
    for username, verb, papers in taken:
        take(viewer(username), key_of(name), verb, papers, row(name).version)
    return row(name)


UPHOLD = ("reviewer1", "uphold", {"opinion": "性别不符"})
CONFIRM = ("confirmer", "confirm", {"opinion": "同意初审意见"})
NOTIFY = ("confirmer", "notify", {"notice": "GZ-1"})


@pytest.fixture
def found(told: Told) -> None:
    """Three findings: at home, in the east, far away; all wait for first review."""
    told("r1", home={}, east={"at": EAST}, far={"at": FAR})


@pytest.fixture
def bare(monkeypatch) -> None:
    """The finding's page without claims: this folder's findings stand in no store."""

    def shown(looking: Viewer, one: Finding, **_: object) -> object:
        return replace(encounter._head(looking, one), accusations=[encounter.accusation(one)], history=[])

    monkeypatch.setattr(views, "encounter", shown)


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """What the test commits is emptied after it, and the ledger refuses that: its triggers are off meanwhile."""

    def switch(how: str) -> None:
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE tgname LIKE '%no_truncate'")
            for trigger, table in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} {how} TRIGGER {trigger}")

    switch("DISABLE")
    yield
    switch("ENABLE")
