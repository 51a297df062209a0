"""The public DE-SynPUF sample through its shipped mapping, against a plain reading of the CSV files."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from fundguard.claims.intake import import_path
from fundguard.claims.store import Store

ROOT = Path(__file__).resolve().parents[2]
FOLDER = next((p for p in (ROOT.parent / "shared", ROOT.parents[1] / "shared") if p.exists()), ROOT) / "data/desynpuf_1"
SHIFT = timedelta(days=5110)

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not FOLDER.exists(), reason="needs the DE-SynPUF sample in ../shared/data/desynpuf_1"),
]


def day(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").date() + SHIFT


def rows(pattern: str) -> list[dict[str, str]]:
    found = []
    for path in sorted(FOLDER.glob(pattern)):
        with path.open(newline="") as stream:
            found += list(csv.DictReader(stream))
    return found


def first_segments() -> dict[str, dict[str, str]]:
    claims: dict[str, dict[str, str]] = {}
    for row in sorted(rows("*Inpatient*.csv"), key=lambda r: int(r["SEGMENT"]), reverse=True):
        claims[row["CLM_ID"]] = {k: v or claims.get(row["CLM_ID"], {}).get(k, "") for k, v in row.items()}
    return claims


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    root = tmp_path_factory.mktemp("desynpuf") / "store"
    first = import_path(FOLDER, root, mapping="desynpuf")
    assert not first.reasons
    again = import_path(FOLDER, root, mapping="desynpuf")
    for name, counts in again.tables.items():
        assert counts.unchanged == counts.read == first.tables[name].new, "the same files again change nothing"
    return Store.open(root)


def test_encounters_and_settlements(store: Store) -> None:
    claims = first_segments()
    amounts = [
        "CLM_PMT_AMT",
        "NCH_BENE_IP_DDCTBL_AMT",
        "NCH_BENE_PTA_COINSRNC_LBLTY_AM",
        "NCH_BENE_BLOOD_DDCTBL_LBLTY_AM",
    ]
    expected = {
        number: (
            store.psn_key(c["DESYNPUF_ID"]),
            c["PRVDR_NUM"],
            day(c["CLM_ADMSN_DT"]),
            day(c["NCH_BENE_DSCHRG_DT"]),
            f"ICD9CM:{c['ICD9_DGNS_CD_1']}" if c["ICD9_DGNS_CD_1"] else None,
            c["AT_PHYSN_NPI"] or None,
            day(c["CLM_THRU_DT"]),
            round(100 * float(c["CLM_PMT_AMT"])),
            sum(round(100 * float(c[a] or 0)) for a in amounts),
        )
        for number, c in claims.items()
    }
    with store.connect(origin="parquet") as connection:
        found = connection.execute(
            """SELECT mdtrt_id, m.psn_key, m.fixmedins_code, begntime::DATE, endtime::DATE, dscg_maindiag_code,
            chfpdr_code, setl_time::DATE, fund_pay_sumamt, inscp_amt FROM mdtrt_d m JOIN setl_d s USING (mdtrt_id)"""
        ).fetchall()
    assert {row[0]: row[1:] for row in found} == expected
    assert len(found) == len(expected) == 5768


def test_persons_diagnoses_operations_institutions(store: Store) -> None:
    persons: dict[str, tuple[str, date, date | None]] = {}
    for row in rows("*Beneficiary*.csv"):
        known = persons.get(row["DESYNPUF_ID"], ("", date.min, None))
        death = day(row["BENE_DEATH_DT"]) if row["BENE_DEATH_DT"] else known[2]
        persons[row["DESYNPUF_ID"]] = (row["BENE_SEX_IDENT_CD"], day(row["BENE_BIRTH_DT"]), death)
    claims = first_segments()
    codes = {
        (f"{number}-{kind}{place}", f"{system}:{claim[f'{column}_{place}']}")
        for number, claim in claims.items()
        for kind, system, column, last in (("D", "ICD9CM", "ICD9_DGNS_CD", 10), ("P", "ICD9PCS", "ICD9_PRCDR_CD", 6))
        for place in range(1, last + 1)
        if claim[f"{column}_{place}"]
    }
    with store.connect(origin="parquet") as connection:

        def answer(sql: str) -> list[tuple[object, ...]]:
            return connection.execute(sql).fetchall()

        found = {row[0]: row[1:] for row in answer("SELECT psn_key, gend, brdy, die_date FROM psn_info_b")}
        assert found == {store.psn_key(number): values for number, values in persons.items()}
        diagnoses = answer("SELECT diag_info_id, diag_code FROM setl_diag_list_d")
        operations = answer("SELECT oprn_info_id, oprn_oprt_code FROM oprninfo")
        assert set(diagnoses + operations) == codes
        assert len(diagnoses) + len(operations) == len(codes)
        institutions = answer("SELECT fixmedins_code, fix_blng_admdvs FROM fixmedins_b")
        assert set(institutions) == {(r["PRVDR_NUM"], "990900") for r in rows("*Inpatient*.csv")}
