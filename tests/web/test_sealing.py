"""Rows are chained into seals, and what is done to them behind the application's back is named."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from fundguard.web.ledger import sealing, spans
from fundguard.web.ledger.models import Entry, Seal
from fundguard.web.ledger.sealing import seal, unsealed
from fundguard.web.ledger.services import record
from fundguard.web.ledger.verifying import verify

TRIGGERS = {
    "sqlite": [
        f"DROP TRIGGER {table}_no_{act}"
        for table in ("ledger_entry", "ledger_seal")
        for act in ("update", "delete", "replace")
    ],
    "postgresql": [f"DROP TRIGGER {table}_append_only ON {table}" for table in ("ledger_entry", "ledger_seal")],
}


@pytest.fixture
def heads(settings, tmp_path):
    settings.LEDGER_HEADS = tmp_path / "heads"
    return settings.LEDGER_HEADS


@pytest.fixture
def rows(db, heads):
    """Nine rows in three seals; their numbers."""
    made = []
    for _ in range(3):
        made += [record(None, "登录", "账号", f"a{len(made) + n}", region="990101").pk for n in range(3)]
        seal()
    return made


def unprotected(*statements: tuple[str, list[object]]) -> None:
    """What somebody does who owns the database and has taken the triggers away."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # triggers cannot go while deferred checks of this transaction wait
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for drop in TRIGGERS[connection.vendor]:
            cursor.execute(drop)
        for statement, values in statements:
            cursor.execute(statement, values)


def found() -> list[tuple[str, str]]:
    return [(fault.kind, fault.place) for fault in verify().faults]


def test_rows_are_sealed_in_order_and_each_seal_holds_the_one_before(rows):
    seals = list(Seal.objects.order_by("number"))
    assert [list(spans.numbers(one.rows)) for one in seals] == [rows[:3], rows[3:6], rows[6:]]
    assert [one.previous for one in seals[1:]] == [one.head for one in seals[:-1]]
    assert [one.total for one in seals] == [3, 6, 9]
    assert seal() is None
    report = verify()
    assert (report.intact, report.sealed, report.seals, report.heads, report.unsealed) == (True, 9, 3, 1, 0)


def test_the_unsealed_tail_is_told_and_is_no_fault(rows):
    late = record(None, "登录", "账号", "b")
    report = verify()
    assert (report.intact, report.unsealed, report.unsealed_since) == (True, 1, late.at)


def test_a_long_tail_is_sealed_in_parts(db, heads, monkeypatch):
    monkeypatch.setattr(sealing, "MOST", 4)
    for number in range(10):
        record(None, "登录", "账号", str(number))
    seal()
    assert list(Seal.objects.order_by("number").values_list("count", flat=True)) == [4, 4, 2]
    assert verify().intact


@pytest.mark.parametrize("column", ["act", "object_id", "region"])
def test_one_changed_character_is_named(rows, column):
    unprotected((f"UPDATE ledger_entry SET {column} = 'x' WHERE id = %s", [rows[4]]))
    assert found() == [("changed", str(rows[4]))]


def test_a_changed_row_with_a_new_hash_of_its_own_is_named(rows):
    row = Entry.objects.get(pk=rows[4])
    row.act = "退出登录"
    unprotected(("UPDATE ledger_entry SET act = %s, own_hash = %s WHERE id = %s", [row.act, row.digest(), row.pk]))
    assert found() == [("changed", str(rows[4]))]


def test_a_deleted_row_is_named(rows):
    unprotected(("DELETE FROM ledger_entry WHERE id = %s", [rows[4]]))
    assert found() == [("missing", str(rows[4]))]


@pytest.mark.parametrize("pair", [(3, 4), (1, 7)])
def test_a_swapped_pair_is_named_within_a_seal_and_across_two(rows, pair):
    one, other = (rows[place] for place in pair)
    swap = "UPDATE ledger_entry SET id = %s WHERE id = %s"
    unprotected((swap, [10**6, one]), (swap, [one, other]), (swap, [other, 10**6]))
    assert found() == [("moved", str(one)), ("moved", str(other))]


def test_a_row_slipped_in_below_a_seal_is_named(rows):
    low = Entry(pk=-rows[0], at=timezone.now(), act="补记", object_kind="账号", object_id="a")
    low.save()
    assert found() == [("added", str(low.pk))]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ("UPDATE ledger_seal SET head = previous WHERE number = 2", "2"),
        ("DELETE FROM ledger_seal WHERE number = 2", "3"),
        ("UPDATE ledger_seal SET missing = '1' WHERE number = 2", "2"),
        ("UPDATE ledger_seal SET at = '2020-01-01T00:00:00Z' WHERE number = 2", "2"),
    ],
)
def test_a_changed_or_removed_seal_is_named(rows, change, place):
    unprotected((change, []))
    assert ("seal", place) in found()


def test_a_truncated_tail_with_a_chain_made_anew_differs_from_the_daily_head(db, heads):
    made = [record(None, "登录", "账号", str(number)).pk for number in range(6)]
    seal()
    assert verify().intact
    unprotected(
        ("DELETE FROM ledger_seal", []),
        ("DELETE FROM ledger_entry WHERE id >= %s", [made[3]]),
    )
    seal()
    assert Seal.objects.get().count == 3
    assert found() == [("head", f"{timezone.localdate():%Y-%m-%d}")]


def test_a_daily_head_is_written_once_a_day_and_never_touched_again(rows, heads):
    (path,) = heads.iterdir()
    told = json.loads(path.read_text())
    assert (told["number"], told["head"], told["total"]) == (1, Seal.objects.get(number=1).head, 3)
    path.write_text("{}")
    record(None, "登录", "账号", "b")
    seal()
    assert path.read_text() == "{}"
    assert found() == [("head", path.stem)]


def test_a_folder_of_heads_that_cannot_be_written_does_not_stop_the_sealing(db, settings, tmp_path, caplog):
    (tmp_path / "file").write_text("")
    settings.LEDGER_HEADS = tmp_path / "file" / "heads"
    record(None, "登录", "账号", "a")
    assert seal() is not None
    assert "链头无法写入" in caplog.text


def test_a_row_that_commits_late_is_sealed_later_and_the_gap_is_no_fault(db, heads):
    first = record(None, "登录", "账号", "a")
    late, gap = first.pk + 1, first.pk + 2
    for number in (first.pk + 3, first.pk + 4):
        Entry(pk=number, at=timezone.now(), act="登录", object_kind="账号", object_id="b").save()
    seal()
    assert Seal.objects.get().missing.endswith(f"{late}-{gap}")  # below it, numbers of other tests
    Entry(pk=late, at=timezone.now(), act="登录", object_kind="账号", object_id="c").save()
    assert [row.pk for row in unsealed()] == [late]
    assert seal().rows == str(late)
    assert Seal.objects.latest("number").missing.endswith(str(gap))
    assert not unsealed().exists()
    assert verify().intact


def test_a_number_turning_up_after_a_day_is_a_row_slipped_in(db, heads, monkeypatch):
    first = record(None, "登录", "账号", "a")
    Entry(pk=first.pk + 2, at=timezone.now(), act="登录", object_kind="账号", object_id="b").save()
    seal()
    monkeypatch.setattr(sealing, "LATE", timedelta(seconds=-5))
    Entry(pk=first.pk + 1, at=timezone.now(), act="登录", object_kind="账号", object_id="c").save()
    assert not unsealed().exists()
    assert found() == [("added", str(first.pk + 1))]


def test_of_two_sealers_at_once_one_gives_way(rows, monkeypatch):
    record(None, "登录", "账号", "b")
    taken = Seal.objects.latest("number")
    monkeypatch.setattr(
        sealing, "_next", lambda: Seal(number=taken.number, at=taken.at, last=0, count=0, total=0).save()
    )
    assert seal() is None
    monkeypatch.undo()
    assert seal() is not None


@pytest.mark.parametrize("sql", ["UPDATE ledger_seal SET head = 'x'", "DELETE FROM ledger_seal"])
def test_the_database_refuses_to_change_a_seal(rows, sql):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_the_database_refuses_to_replace_a_row(rows):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no REPLACE")
    copied = "INSERT OR REPLACE INTO ledger_entry SELECT * FROM ledger_entry"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(copied)


def test_identifiers_of_persons_and_encounters_enter_keyed(db, settings, tmp_path):
    settings.STORE = tmp_path / "store"
    kept = record(None, "查看", "就诊", "M-77").object_id
    assert re.fullmatch(r"[0-9a-f]{24}", kept)
    assert record(None, "查看", "就诊", "M-77").object_id == kept
    assert record(None, "查看", "结算", "M-77").object_id != kept
    settings.STORE = tmp_path / "other"
    assert record(None, "查看", "就诊", "M-77").object_id != kept
    assert record(None, "登录", "账号", "chief").object_id == "chief"


SWAP = "UPDATE ledger_entry SET id = CASE id WHEN {one} THEN -{other} ELSE -{one} END WHERE id IN ({one}, {other})"
#: What somebody does to rows behind the application's back → what the command says of them.
TAMPERED = {
    "one byte": (("UPDATE ledger_entry SET act = '登陆' WHERE id = {one}",), ("{one}：内容被改动",)),
    "one row": (("DELETE FROM ledger_entry WHERE id = {one}",), ("{one}：记录被删除",)),
    "one pair": ((SWAP, "UPDATE ledger_entry SET id = -id WHERE id < 0"), ("{one}：", "{other}：")),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_the_command_names_what_was_tampered_with_and_ends_with_one(rows, capsys, how):
    call_command("verify_ledger")
    assert "台账完好" in capsys.readouterr().out
    place = {"one": rows[4], "other": rows[7]}
    statements, told = TAMPERED[how]
    unprotected(*((statement.format(**place), []) for statement in statements))
    with pytest.raises(SystemExit) as ended:
        call_command("verify_ledger")
    assert ended.value.code == 1
    said = capsys.readouterr().out
    assert [words for words in told if f"台账行 {words.format(**place)}" not in said] == [], said
    assert "台账完好" not in said


def test_the_program_itself_catches_a_byte_changed_in_the_file_of_the_database(tmp_path):
    """`fundguard verify` on a folder as it lies on the disk: 0 before, 1 after."""
    environment = os.environ | {
        "FUNDGUARD_DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "fundguard.web.settings.demo",
    }
    made = subprocess.run([sys.executable, "-c", MAKE], env=environment, check=True, capture_output=True)
    assert not made.stdout
    verify_folder = [sys.executable, "-m", "fundguard", "verify", "--data", str(tmp_path)]
    for tamper, code, words in ((None, 0, "台账完好"), ("act = '登陆'", 1, "内容被改动")):
        with closing(sqlite3.connect(tmp_path / "app.sqlite3")) as database:
            if tamper:
                database.execute("DROP TRIGGER ledger_entry_no_update")
                database.execute(f"UPDATE ledger_entry SET {tamper} WHERE id = 2")
                database.commit()
        told = subprocess.run(verify_folder, env=os.environ, check=False, capture_output=True, text=True)
        assert (told.returncode, words in told.stdout) == (code, True), told.stdout + told.stderr


MAKE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from fundguard.web.ledger.sealing import seal
from fundguard.web.ledger.services import record
for number in range(3):
    record(None, "登录", "账号", str(number))
seal()
"""


def test_the_command_tells_in_words_and_json_and_ends_with_one_where_something_is_wrong(rows, capsys):
    call_command("verify_ledger")
    assert "台账完好" in capsys.readouterr().out
    unprotected(("DELETE FROM ledger_entry WHERE id = %s", [rows[4]]))
    with pytest.raises(SystemExit) as ended:
        call_command("verify_ledger")
    assert ended.value.code == 1
    assert f"台账行 {rows[4]}：记录被删除" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        call_command("verify_ledger", "--json")
    told = json.loads(capsys.readouterr().out)
    assert [(f["kind"], f["place"]) for f in told["faults"]] == [("missing", str(rows[4]))]
    assert (told["intact"], told["sealed"]) == (False, 9)
