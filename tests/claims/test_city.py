"""The synthetic city against rules written independently in SQL: what is planted is found, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from fundguard.claims.city import CitySummary, build_city
from fundguard.claims.city.catalogue import catalogue
from fundguard.claims.tables import tables
from fundguard.errors import Refusal

LINES, SEED = 30_000, 20260930
_SQL = (Path(__file__).parent / "city_rules.sql").read_text("utf-8")
RULES = dict(re.findall(r"^-- ([NL]\d+)\n(.*?;)$", _SQL, re.M | re.S))

_VIEWS = """
CREATE TABLE limits AS SELECT code AS med_list_codg, rule, "limit", partner FROM
    (SELECT unnest($rows, max_depth := 2)) WHERE rule <> '';
"""
_DERIVED = """
CREATE TABLE fee AS SELECT *, CAST(fee_ocur_time AS DATE) AS day FROM fee_list_d WHERE vali_flag = '1';
CREATE TABLE person AS FROM psn_info_b; CREATE TABLE place AS FROM fixmedins_b; CREATE TABLE count AS FROM stock_count_3501;
CREATE TABLE bill AS SELECT mdtrt_id, sum(fund_pay_sumamt) AS fund, any_value(gend) AS claimed_sex,
    any_value(brdy) AS claimed_born, any_value(insutype) AS insutype, any_value(nwb_flag) AS nwb_flag
    FROM setl_d WHERE vali_flag = '1' GROUP BY ALL;
CREATE TABLE visit AS SELECT m.*, coalesce(b.fund > 0, false) AS funded FROM mdtrt_d m
    LEFT JOIN bill b USING (mdtrt_id) WHERE m.vali_flag = '1';
CREATE TABLE stay AS SELECT psn_no, fixmedins_code, mdtrt_id, CAST(begntime AS DATE) AS begin,
    CAST(coalesce(endtime, TIMESTAMP '2026-10-01') AS DATE) AS finish, left(dscg_maindiag_code, 3) AS illness, dscg_way,
    nwb_flag, funded FROM visit WHERE med_type IN ('21', '24', '25', '28', '52');
CREATE TABLE paid AS
SELECT f.*, b.insutype, b.nwb_flag,
    CASE WHEN p.gend = coalesce(b.claimed_sex, p.gend) THEN p.gend END AS sex,
    CASE WHEN p.brdy = coalesce(b.claimed_born, p.brdy) THEN p.brdy END AS born
FROM fee f JOIN visit v USING (mdtrt_id) JOIN bill b USING (mdtrt_id) JOIN psn_info_b p ON p.psn_no = f.psn_no
WHERE b.fund > 0 AND f.inscp_amt > 0
    AND NOT EXISTS (SELECT 1 FROM fee r WHERE r.init_feedetl_sn = f.bkkp_sn)
    AND NOT EXISTS (SELECT 1 FROM fee r WHERE r.mdtrt_id = f.mdtrt_id AND r.med_list_codg = f.med_list_codg
        AND r.day = f.day AND r.cnt = -f.cnt AND r.init_feedetl_sn IS NULL AND r.fee_ocur_time > f.fee_ocur_time);
CREATE TABLE stock AS SELECT fixmedins_code, med_list_codg, month, sum(sold) AS sold, sum(bought) AS bought FROM (
    SELECT fixmedins_code, med_list_codg, date_trunc('month', sel_retn_time) AS month, sel_retn_cnt AS sold, 0 AS bought
        FROM sale_3505
    UNION ALL SELECT fixmedins_code, med_list_codg, date_trunc('month', sel_retn_time), -sel_retn_cnt, 0 FROM sale_return_3506
    UNION ALL SELECT fixmedins_code, med_list_codg, date_trunc('month', purc_retn_stoin_time), 0, purc_retn_cnt FROM purchase_3503
    UNION ALL SELECT fixmedins_code, med_list_codg, date_trunc('month', purc_retn_stoin_time), 0, -purc_retn_cnt
        FROM purchase_return_3504) GROUP BY ALL;
CREATE TABLE sold AS SELECT t.drug_trac_codg, t.bkkp_sn, s.setl_id, s.sel_retn_time FROM drugtracinfo t
    JOIN sale_3505 s ON s.medins_prod_sel_no = t.medins_prod_sel_no JOIN paid p ON p.bkkp_sn = t.bkkp_sn
    WHERE t.inf_type = '3505' AND t.trdn_flag = '0';
INSERT INTO sold SELECT t.drug_trac_codg, t.bkkp_sn, s.setl_id, s.sel_retn_time FROM drugtracinfo t
    JOIN sale_3505 s ON s.medins_prod_sel_no = t.medins_prod_sel_no JOIN fee f ON f.bkkp_sn = t.bkkp_sn
    JOIN sale_return_3506 r ON r.medins_prod_sel_no = s.medins_prod_sel_no WHERE t.inf_type = '3505';
CREATE TABLE returned AS SELECT t.drug_trac_codg, r.sel_retn_time FROM drugtracinfo t
    JOIN sale_return_3506 r ON r.medins_prod_sel_retn_no = t.medins_prod_sel_no WHERE t.inf_type = '3506';
"""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CitySummary]:
    out = tmp_path_factory.mktemp("city") / "out"
    return out, build_city(LINES, SEED, out)


@pytest.fixture(scope="module")
def states(city: tuple[Path, CitySummary]) -> dict[str, duckdb.DuckDBPyConnection]:
    return {"first": _open(city[0], final=False), "final": _open(city[0], final=True)}


def _open(out: Path, *, final: bool) -> duckdb.DuckDBPyConnection:
    """The latest version of every row of one delivery or both."""
    con = duckdb.connect()
    con.execute(_VIEWS, {"rows": [{k: row[k] for k in ("code", "rule", "limit", "partner")} for row in catalogue().rows]})
    con.execute(f"CREATE TABLE truth AS FROM '{out}/truth.parquet'")
    for file in sorted(out.glob("*.parquet")):
        name = file.stem
        if name == "truth":
            continue
        parts = [str(file)]
        second = out / "corrections" / file.name
        if final and second.exists():
            parts.append(str(second))
        key = ", ".join("psn_no" if k == "psn_key" else k for k in tables()[name].key)
        con.execute(
            f"CREATE TABLE {name} AS FROM read_parquet({parts}, union_by_name = true)"
            f" QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY updt_time DESC) = 1"
        )
    con.execute(_DERIVED)
    return con


@pytest.mark.parametrize("delivery", ["first", "final"])
@pytest.mark.parametrize("rule", sorted(RULES))
def test_an_independent_rule_finds_exactly_what_is_planted(
    states: dict[str, duckdb.DuckDBPyConnection], rule: str, delivery: str
) -> None:
    con = states[delivery]
    found = {key for (key,) in con.execute(RULES[rule]).fetchall()}
    planted = con.execute(
        "SELECT ref_key, trap FROM truth WHERE rule_code = ? AND delivery = ? AND kind = 'violation'", [rule, delivery]
    ).fetchall()
    innocent = con.execute(
        "SELECT ref_key, trap FROM truth WHERE rule_code = ? AND delivery = ? AND kind = 'hard_negative'", [rule, delivery]
    ).fetchall()
    assert len(planted) >= 5
    assert {trap for key, trap in innocent if key in found} == set(), "traps accused"
    assert {trap for key, trap in planted if key not in found} == set(), "plants missed"
    assert found - {key for key, _ in planted} == set(), "background accused"
