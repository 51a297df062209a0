"""A site with many findings: a synthetic store, one run's files, and the rows of the database, loaded as they are.

python benchmarks/desk_data.py draw FOLDER FINDINGS     the rows, once for every database
python benchmarks/desk_data.py load FOLDER              into the database of the settings, indexes built afterwards
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
import duckdb

django.setup()

import desk_rows  # noqa: E402
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.db import connection  # noqa: E402

from fundguard.findings import publish  # noqa: E402
from fundguard.findings.schema import EVIDENCE, FINDINGS  # noqa: E402
from fundguard.web.accounts.models import Region, User  # noqa: E402
from fundguard.web.accounts.services import seed_demo  # noqa: E402
from fundguard.web.core import sums  # noqa: E402
from fundguard.web.desk.models import StateCount, StateRow  # noqa: E402
from fundguard.web.findings.models import Finding, FindingCount, TakenRun  # noqa: E402
from fundguard.web.ledger import sealing, verifying  # noqa: E402
from fundguard.web.ledger.models import Entry  # noqa: E402
from fundguard.web.runs.models import Run  # noqa: E402

RUN = "bench"
RUN_ID = "b" * 32
PASSWORD = "only-for-measuring-1"  # noqa: S105
REVIEWERS, CONFIRMERS = 50, 10
BATCH = 20_000
#: Who took a step, by its post: first account and how many of them.
_ACTOR = """CASE h.post WHEN 'first_reviewer' THEN {reviewer} + f.chance % {reviewers}
  WHEN 'confirmer' THEN {confirmer} + f.chance % {confirmers} WHEN 'hospital_office' THEN {hospital} END"""
_FINDING = f"""
SELECT finding_key, finding_id, rule AS rule_code, 1 AS rule_version, '{"0" * 32}' AS knowledge_version, verdict,
  'encounter' AS subject_kind, mdtrt_id AS subject_id, region, first AS occurred_from, last AS occurred_to,
  fen AS amount_fen, fen * 7 // 10 AS fund_amount_fen, fen AS counted_fen,
  '费用明细 ' || line || ' 与规则所述情形一致，请核对' AS message, '疑似违规' AS cause, '{RUN_ID}' AS run_id, setl_id,
  mdtrt_id, psn_key, fixmedins_code, '' AS dr_code
FROM found
"""
_LEDGER = f"""
SELECT row_number() OVER (ORDER BY h.moment + to_seconds(f.chance % 3600), f.id, h.number) AS id,
  strftime(h.moment + to_seconds(f.chance % 3600), '%Y-%m-%dT%H:%M:%S+00:00') AS told, h.act, '疑点办理' AS object_kind,
  f.finding_key AS object_id, f.region, h.detail, {_ACTOR} AS actor_id
FROM found AS f JOIN history AS h ON h.walk = f.walk AND h.region = f.region AND h.age = f.age
"""
#: Table → its rows, by column.
ROWS = {
    "findings_finding": f"""
SELECT d.* REPLACE (coalesce(d.psn_key, '') AS psn_key), f.name AS institution_name, f.level,
  f.region AS insured_region, ' ' || f.item || ' ' AS item_codes, 'open' AS state, '' AS told, $now AS created_at,
  $now AS changed_at FROM ({_FINDING}) AS d JOIN found AS f ON f.finding_key = d.finding_key ORDER BY d.finding_key""",
    "desk_staterow": """
SELECT f.id, 'finding' AS workflow, h.variant, f.finding_key AS object_id, h.state, h.number AS version, '' AS request,
  f.region, f.fixmedins_code, f.rule AS rule_code, f.point, f.verdict, 'encounter' AS subject_kind,
  f.finding_id AS evidence_id, f.fen AS amount_fen, f.fen AS counted_fen, f.fen AS amount_now_fen,
  '{"' || f.line || '": ' || f.fen || '}' AS lines, '' AS told, f.score, f.lot,
  CASE WHEN h.state = 'found' AND f.walk = 'found' AND NOT f.id % 20 = 8 AND f.chance % 5 = 0
    THEN {reviewer} + f.chance % {reviewers} WHEN h.state = 'upheld' THEN {confirmer} + f.chance % {confirmers} END
    AS assignee_id,
  strftime(h.moment, '%Y-%m-%d %H:%M:%S') AS entered_at, strftime(h.due_at, '%Y-%m-%d %H:%M:%S') AS due_at,
  h.due_term, h.due_flag
FROM found AS f JOIN history AS h ON h.walk = f.walk AND h.region = f.region AND h.age = f.age AND h.last
ORDER BY f.id""",
    "desk_steppaper": """
SELECT row_number() OVER () AS id, f.id AS row_id, h.number AS version, h.paper AS code, h.text
FROM found AS f JOIN history AS h ON h.walk = f.walk AND h.region = f.region AND h.age = f.age AND h.paper <> ''""",
    "ledger_entry": f"""
SELECT id, replace(left(told, 19), 'T', ' ') AS "at", act, object_kind, object_id, region, detail, actor_id,
  sha256('["' || told || '", ' || coalesce(actor_id::VARCHAR, 'null') || ', "' || act || '", "' || object_kind || '", "'
    || object_id || '", "' || region || '", ' || detail || ']') AS own_hash
FROM ({_LEDGER}) ORDER BY id""",
}


def draw(folder: Path, count: int) -> None:
    """The rows of every table as Parquet, and the files of the run that they came from."""
    now = datetime.now(UTC)
    people = accounts()
    with duckdb.connect(config={"temp_directory": str(folder / "spill")}) as rows:
        desk_rows.draw(rows, folder / "store", count, now)
        for table, select in ROWS.items():
            asked = select.replace("$now", f"'{now:%Y-%m-%d %H:%M:%S}'")
            for name, value in people.items():
                asked = asked.replace(f"{{{name}}}", str(value))
            rows.execute(f"COPY ({asked}) TO '{folder / table}.parquet' (FORMAT parquet)")
        _run_files(rows, folder)


def _run_files(rows: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """As a run writes them: findings by key, evidence by id; the rest is that of the run over the same store."""
    run = folder / "runs" / RUN
    run.mkdir(parents=True, exist_ok=True)
    for name in ("run.json", "timing.json", "not_evaluated.parquet"):
        shutil.copy(folder / "base" / name, run / name)
    told = json.loads((run / "run.json").read_text("utf-8")) | {"run_id": RUN_ID}
    (run / "run.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    columns = ", ".join(FINDINGS)
    rows.execute(
        f"COPY (SELECT {columns} FROM ({_FINDING}) ORDER BY finding_key) TO '{run / 'findings.parquet'}' "
        f"({publish.FORMAT})"
    )
    evidence = """
SELECT finding_id, 'fee_list_d' AS ref_table, line AS ref_key, 0::BIGINT AS ref_version, 'accused' AS role,
  fen AS amount_fen, '数量 1' AS seen, point FROM found
UNION ALL SELECT finding_id, 'mdtrt_d', mdtrt_id, 0, 'related', 0, '', '' FROM found"""
    rows.execute(
        f"COPY (SELECT {', '.join(EVIDENCE)} FROM ({evidence}) ORDER BY finding_id, ref_table, ref_key) "
        f"TO '{run / 'evidence.parquet'}' ({publish.FORMAT})"
    )


def accounts() -> dict[str, int]:
    """The demonstration's accounts, and those who review the whole city; the first number and how many of each."""
    seed_demo()
    city = Region.objects.get(code="990000")
    roles = {"first_reviewer": REVIEWERS, "confirmer": CONFIRMERS}
    names = [(f"bench-{role}-{i}", role) for role, count in roles.items() for i in range(count)]
    names.append(("bench-bulk", "first_reviewer"))
    known = set(User.objects.values_list("username", flat=True))
    password = make_password(PASSWORD)
    User.objects.bulk_create(
        User(username=name, display_name=name, role=role, region=city, password=password)
        for name, role in names
        if name not in known
    )
    first = {role: User.objects.get(username=f"bench-{role}-0").pk for role in roles}
    return {
        "reviewer": first["first_reviewer"],
        "reviewers": REVIEWERS,
        "confirmer": first["confirmer"],
        "confirmers": CONFIRMERS,
        "hospital": User.objects.get(username="hospital").pk,
    }


def load(folder: Path) -> None:
    accounts()
    now = datetime.now(UTC)
    TakenRun.objects.create(run_id=RUN_ID, folder=RUN, taken_at=now)
    Run.objects.create(
        folder=RUN, run_id=RUN_ID, published=True, created_at=now - timedelta(hours=1), finished_at=now, seconds=1.0
    )
    for table in ROWS:
        with _without_indexes(table):
            (_copy if connection.vendor == "postgresql" else _insert)(table, folder / f"{table}.parquet")
    for kept in (StateCount, FindingCount):
        sums.fold(kept, at=0)  # what follows every run
    for listed in (StateRow, Finding):
        sums.keep_statistics(listed)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in ("desk_staterow", "desk_steppaper", "ledger_entry"):
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
            cursor.execute("VACUUM ANALYZE")  # what its own housekeeping does after a while


@contextmanager
def _without_indexes(table: str) -> Iterator[None]:
    """Indexes dropped, and made again behind: a quarter of the time."""
    own = {
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint)",
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = %s",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(own, [table])
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for _, statement in indexes:
            cursor.execute(statement)


def _copy(table: str, parquet: Path) -> None:
    """PostgreSQL: as CSV, without looking at each foreign key."""
    file = parquet.with_suffix(f".{os.getpid()}.csv")
    with duckdb.connect() as rows:
        told = rows.execute(f"SELECT * FROM '{parquet}' LIMIT 0").description
        rows.execute(f"COPY (FROM '{parquet}') TO '{file}' (FORMAT csv, HEADER false, NULLSTR '\\N')")
    columns = ", ".join(f'"{name}"' for name, *_ in told)
    try:
        with connection.cursor() as cursor, file.open("rb") as source:
            cursor.execute("SET timezone = 'UTC'")
            with (
                _only_sums(cursor, table),
                cursor.cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv, NULL '\\N')") as copying,
            ):
                while block := source.read(1 << 20):
                    copying.write(block)
    finally:
        file.unlink()


@contextmanager
def _only_sums(cursor: Any, table: str) -> Iterator[None]:
    """Foreign keys are not looked at, row by row; what adds up the sums goes on."""
    cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table])
    own = [name for (name,) in cursor.fetchall()]
    for name in own:
        cursor.execute(f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER "{name}"')
    cursor.execute("SET session_replication_role = replica")
    yield
    cursor.execute("RESET session_replication_role")
    for name in own:
        cursor.execute(f'ALTER TABLE {table} ENABLE TRIGGER "{name}"')


def _insert(table: str, parquet: Path) -> None:
    """SQLite, in one transaction."""
    connection.ensure_connection()
    raw: Any = connection.connection
    with duckdb.connect() as rows:
        read = rows.execute(f"SELECT * FROM '{parquet}'")
        names = [name for name, *_ in read.description]
        days = [place for place, name in enumerate(names) if name.startswith("occurred_")]
        columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
        raw.execute("BEGIN IMMEDIATE")
        while batch := read.fetchmany(BATCH):
            if days:
                batch = [tuple(str(v) if p in days and v else v for p, v in enumerate(row)) for row in batch]
            raw.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', batch)
        raw.execute("COMMIT")


def check(before: int) -> dict[str, int]:
    """After the load: steps since the row `before`, and items whose ledger rows are not one a version."""
    wrong = """
SELECT count(*) FROM (SELECT DISTINCT object_id FROM ledger_entry WHERE id > %s AND object_kind = '疑点办理') AS c
JOIN desk_staterow AS r ON r.object_id = c.object_id WHERE r.version <> (
  SELECT count(*) FROM ledger_entry AS e WHERE e.object_kind = '疑点办理' AND e.object_id = c.object_id)"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_entry WHERE id > %s AND object_kind = '疑点办理'", [before])
        steps = cursor.fetchone()[0]
        cursor.execute(wrong, [before])
        return {"steps_in_the_ledger": steps, "taken_twice": cursor.fetchone()[0]}


def verified() -> dict[str, int]:
    report = verifying.verify()
    return {"rows": report.sealed, "seals": report.seals, "unsealed": report.unsealed, "faults": len(report.faults)}


def main(part: str, folder: Path, *rest: str) -> None:
    told: dict[str, int] = {}
    if part == "draw":
        draw(folder, int(rest[0]))
    elif part == "load":
        load(folder)
    elif part == "seal":
        sealing.seal()
    elif part == "verify":
        told = verified()
    elif part == "mark":
        last = Entry.objects.order_by("-pk").first()
        told = {"last": last.pk if last else 0}
    else:
        told = check(int(rest[0]))
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
