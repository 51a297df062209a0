"""Public synthetic claims come in through the shipped mapping; the findings are proved against SQL on the CSV files."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from fundguard import law
from fundguard.audit.batch import audit
from fundguard.claims.intake import import_path
from fundguard.claims.store import Store

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "desynpuf_1"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not FOLDER.exists(), reason="the public input stands in ../shared beside a checkout, not here"),
]
#: One row a claim (the second segment of a claim continues the first), paid, with both dates.
STAYS = """
CREATE VIEW stay AS
SELECT DESYNPUF_ID AS person, CLM_ID AS id, PRVDR_NUM AS hospital,
  strptime(min(CLM_ADMSN_DT), '%Y%m%d') AS admitted, strptime(min(NCH_BENE_DSCHRG_DT), '%Y%m%d') AS discharged
FROM read_csv($path, all_varchar = true)
WHERE SEGMENT = '1' AND CAST(CLM_PMT_AMT AS DOUBLE) > 0
GROUP BY ALL
"""
OVERLAPS = """
SELECT DISTINCT b.id, a.id FROM stay AS a JOIN stay AS b ON a.person = b.person AND a.id <> b.id
  AND (b.admitted > a.admitted OR (b.admitted = a.admitted AND b.id > a.id))
WHERE date_diff('day', b.admitted, least(a.discharged, b.discharged)) + 1 > 1
"""
READMISSIONS = """
WITH ordered AS (
  SELECT *, lag(id) OVER w AS former, lag(discharged) OVER w AS left_on
  FROM stay WINDOW w AS (PARTITION BY person, hospital ORDER BY admitted, id)
)
SELECT id, former FROM ordered WHERE date_diff('day', left_on, admitted) BETWEEN 0 AND $days
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desynpuf")
    import_path(FOLDER, folder / "store", mapping="desynpuf")
    audit(Store.open(folder / "store"), folder / "run")
    return folder / "run"


@pytest.fixture
def claims() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    path = next(FOLDER.glob("*Inpatient*")).as_posix()
    connection.execute(STAYS.replace("$path", f"'{path}'"))
    return connection


def pairs(run: Path, rule: str) -> set[tuple[str, str]]:
    """(accused stay, stay it is set against) of each finding of the rule."""
    rows = (
        duckdb.read_parquet(str(run / "findings.parquet"))
        .filter(f"rule_code = '{rule}'")
        .project("subject_id, finding_id")
    )
    connection = duckdb.connect()
    connection.register("f", rows.to_arrow_table())
    return set(
        connection.execute(
            "SELECT f.subject_id, e.ref_key FROM f "
            f"JOIN read_parquet('{run}/evidence.parquet') AS e USING (finding_id) WHERE e.role = 'related'"
        ).fetchall()
    )


def test_overlapping_stays(run: Path, claims: duckdb.DuckDBPyConnection) -> None:
    expected = set(claims.execute(OVERLAPS).fetchall())
    assert expected
    assert pairs(run, "L001") == expected


def test_readmission_to_the_same_hospital(run: Path, claims: duckdb.DuckDBPyConnection) -> None:
    import datetime as dt

    days = law.parameter("n63.readmission", day=dt.date(2024, 1, 1)).value
    expected = set(claims.execute(READMISSIONS, {"days": days}).fetchall())
    assert expected
    assert pairs(run, "L005") == expected
