"""The main job end to end: a synthetic city is imported and audited, and the answer is compared with its truth file."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from fundguard.audit.batch import audit
from fundguard.claims.city import build_city
from fundguard.claims.intake import import_path
from fundguard.claims.store import Store
from fundguard.findings.gate import LIMITS
from fundguard.rules.catalogue import load

LINES = 20_000
OUTPUT = ("findings.parquet", "evidence.parquet", "not_evaluated.parquet", "run.json")
#: Truth names the accused charge; L002 accuses the visit it belongs to, L004 the sale with the charge beside it.
ACCUSED = """
SELECT DISTINCT f.rule_code, e.ref_key, e.ref_table, e.amount_fen
FROM findings AS f JOIN evidence AS e USING (finding_id)
WHERE e.role = 'accused' OR (f.rule_code = 'L004' AND e.ref_table = 'fee_list_d')
"""


@pytest.fixture(scope="module", params=[1, 2, 3])
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(f"city{request.param}")
    build_city(LINES, request.param, folder / "city")
    import_path(folder / "city", folder / "store")
    audit(Store.open(folder / "store"), folder / "run")
    return folder


def compared(folder: Path, delivery: str = "final") -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for name in ("findings", "evidence"):
        connection.read_parquet(str(folder / "run" / f"{name}.parquet")).create_view(name)
    truth = connection.read_parquet(str(folder / "city" / "truth.parquet"))
    truth.filter(f"delivery = '{delivery}'").create_view("truth")
    connection.execute(f"CREATE TABLE accused AS {ACCUSED}")
    connection.execute(
        """
        CREATE TABLE judged AS
        SELECT t.*, a.rule_code IS NOT NULL AS accused, a.amount_fen AS said_fen, a.ref_table AS said_table
        FROM truth AS t LEFT JOIN accused AS a
          ON a.rule_code = t.rule_code AND a.ref_key = CASE WHEN t.rule_code = 'L002' THEN t.mdtrt_id ELSE t.ref_key END
        """
    )
    return connection


def test_every_planted_violation_is_found(city: Path) -> None:
    missed = compared(city).execute(
        "SELECT rule_code, trap, ref_key FROM judged WHERE kind <> 'hard_negative' AND NOT accused"
    )
    assert missed.fetchall() == []


def test_no_hard_negative_is_accused(city: Path) -> None:
    wrong = compared(city).execute(
        "SELECT rule_code, trap, ref_key FROM judged WHERE kind = 'hard_negative' AND accused"
    )
    assert wrong.fetchall() == []


def test_nobody_else_is_accused(city: Path) -> None:
    stray = compared(city).execute(
        """
        SELECT rule_code, ref_key FROM accused AS a
        WHERE NOT (a.rule_code = 'L004' AND a.ref_table = 'sale_3505')
          AND NOT EXISTS (SELECT 1 FROM truth AS t WHERE t.rule_code = a.rule_code AND t.kind <> 'hard_negative'
                          AND a.ref_key IN (t.ref_key, t.mdtrt_id))
        """
    )
    assert stray.fetchall() == []


def test_the_amounts_are_those_of_the_truth(city: Path) -> None:
    """Where a reading fixes the amount; L002 is counted on the visit, L004 on the sale, so their sums are compared."""
    connection = compared(city)
    other = connection.execute(
        "SELECT rule_code, ref_key, amount_fen, said_fen FROM judged "
        "WHERE kind = 'violation' AND amount_fen IS NOT NULL AND amount_fen <> said_fen "
        "AND rule_code NOT IN ('L002', 'L004')"
    ).fetchall()
    sums = connection.execute(
        """
        SELECT (SELECT sum(amount_fen) FROM truth WHERE rule_code = r AND kind = 'violation')
          - (SELECT sum(amount_fen) FROM findings WHERE rule_code = r)
        FROM (VALUES ('L002'), ('L004')) AS v(r)
        """
    ).fetchall()
    assert other == []
    assert sums == [(0,), (0,)]


def test_every_published_rule_has_plants_and_traps(city: Path) -> None:
    kinds = "SELECT rule_code, count(DISTINCT kind) FROM truth WHERE kind <> 'gated' GROUP BY rule_code"
    published = {code: 2 for code, rule in load().items() if rule.published_in("990101")}
    assert dict(compared(city).execute(kinds).fetchall()) == published


CAUSES = """
SELECT DISTINCT j.trap, j.cause AS expected, f.cause AS given, f.verdict, f.dr_code IS NULL AS unnamed
FROM judged AS j JOIN evidence AS e ON e.ref_key = j.ref_key AND e.role = 'accused'
JOIN findings AS f ON f.finding_id = e.finding_id AND f.rule_code = j.rule_code
"""


def test_what_wrong_data_look_like_is_held_by_the_gate_for_its_cause(city: Path) -> None:
    rows = compared(city).execute(f"{CAUSES} WHERE j.kind = 'gated' ORDER BY 1").fetchall()
    assert rows == [
        ("default_doctor", "默认值", "默认值", "可疑", True),
        ("placeholder_birthday", "录入错误", "录入错误", "可疑", False),
        ("placeholder_person", "默认值", "默认值", "可疑", rows[2][4]),
        ("wrong_mapping", "编码错误", "编码错误", "可疑", False),
    ]


def test_no_real_violation_is_held_by_the_gate(city: Path) -> None:
    rows = (
        compared(city)
        .execute(f"SELECT DISTINCT given FROM ({CAUSES} WHERE j.kind = 'violation') WHERE verdict <> '统计'")
        .fetchall()
    )
    assert rows == [("疑似违规",)]


def test_the_run_tells_the_rate_of_the_gate_and_its_limits(city: Path) -> None:
    gate = json.loads((city / "run" / "run.json").read_text("utf-8"))["gate"]
    held = compared(city).execute("SELECT count(*) FROM findings WHERE cause NOT IN ('疑似违规', '待核')").fetchone()
    assert gate["held"] == held[0] == sum(gate["checks"].values())
    assert gate["rate_e4"] == round(gate["held"] * 10000 / gate["findings"])
    assert {limit["parameter"] for limit in gate["limits"]} == {f"gate.{name}" for name in LIMITS}
    assert {limit["flagged"] for limit in gate["limits"]} == {"演示值"}


def test_the_loss_of_a_stay_not_paid_by_item_is_unset(city: Path) -> None:
    rows = compared(city).execute(
        "SELECT DISTINCT f.fund_amount_fen FROM judged AS j JOIN evidence AS e ON e.ref_key = j.ref_key "
        "JOIN findings AS f ON f.finding_id = e.finding_id AND f.rule_code = j.rule_code WHERE j.trap = 'loss_unset'"
    )
    assert rows.fetchall() == [(None,)]


def test_the_first_delivery_alone_gives_the_first_truth(tmp_path: Path) -> None:
    """Before the corrections arrive other lines are at fault: what is known decides."""
    build_city(LINES, 4, tmp_path / "city")
    (tmp_path / "city" / "corrections").rename(tmp_path / "later")
    import_path(tmp_path / "city", tmp_path / "store")
    audit(Store.open(tmp_path / "store"), tmp_path / "run")
    wrong = "SELECT rule_code, trap FROM judged WHERE (kind <> 'hard_negative') <> accused"
    assert compared(tmp_path, "first").execute(wrong).fetchall() == []


def test_the_same_input_gives_the_same_bytes(city: Path, tmp_path: Path) -> None:
    audit(Store.open(city / "store"), tmp_path / "again", origin="parquet", threads=1)
    for name in OUTPUT:
        assert (tmp_path / "again" / name).read_bytes() == (city / "run" / name).read_bytes(), name
