"""The synthetic city against rules written independently in SQL: what is planted is found, and nothing else."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest

from fundguard.claims.city import CitySummary, build_city
from fundguard.claims.city.catalogue import catalogue
from fundguard.claims.city.people import card_numbers, crowd
from fundguard.claims.city.writing import Form
from fundguard.claims.tables import tables
from fundguard.errors import Refusal

LINES, SEED = 30_000, 20260930
_SQL = "\n".join(path.read_text("utf-8") for path in sorted(Path(__file__).parent.glob("city_rules*.sql")))
RULES = dict(re.findall(r"^-- ([NL]\d+)\n(.*?;)$", _SQL, re.M | re.S))
#: Rules that compare institutions: one stands out by each.
SHARES = {"N53", *(f"N{number}" for number in range(56, 64))}

_VIEWS = """
CREATE TABLE limits AS SELECT code AS med_list_codg, rule, "limit", partner FROM
    (SELECT unnest($rows, max_depth := 2)) WHERE rule <> '';
"""
_DERIVED = """
CREATE TABLE fee AS SELECT *, CAST(fee_ocur_time AS DATE) AS day FROM fee_list_d WHERE vali_flag = '1';
CREATE TABLE person AS FROM psn_info_b;
CREATE TABLE place AS FROM fixmedins_b;
CREATE TABLE count AS FROM stock_count_3501;
CREATE TABLE bill AS SELECT mdtrt_id, sum(fund_pay_sumamt) AS fund, any_value(gend) AS claimed_sex,
    any_value(brdy) AS claimed_born, any_value(insutype) AS insutype, any_value(nwb_flag) AS nwb_flag
    FROM setl_d WHERE vali_flag = '1' GROUP BY ALL;
CREATE TABLE visit AS SELECT m.*, coalesce(b.fund > 0, false) AS funded FROM mdtrt_d m
    LEFT JOIN bill b USING (mdtrt_id) WHERE m.vali_flag = '1';
CREATE TABLE stay AS SELECT psn_no, fixmedins_code, mdtrt_id, CAST(begntime AS DATE) AS begin,
    CAST(coalesce(endtime, TIMESTAMP '2026-10-01') AS DATE) AS finish, left(dscg_maindiag_code, 3) AS illness, dscg_way,
    nwb_flag, funded FROM visit WHERE med_type IN ('21', '24', '25', '28', '52');
CREATE TABLE quarter_fee AS SELECT fixmedins_code, p.lmtpric_hosp_lv AS level, date_trunc('quarter', day) AS q,
    det_item_fee_sumamt AS yuan, med_chrgitm_type AS kind, med_list_codg AS item
    FROM fee JOIN place p USING (fixmedins_code) WHERE p.lmtpric_hosp_lv IS NOT NULL;
CREATE TABLE stay_fee AS SELECT mdtrt_id, sum(det_item_fee_sumamt) AS yuan,
    sum(det_item_fee_sumamt) FILTER (med_chrgitm_type IN ('03', '04')) AS tests,
    sum(det_item_fee_sumamt) FILTER (med_chrgitm_type = '06') AS surgery FROM fee GROUP BY ALL;
CREATE TABLE quarter_stay AS SELECT s.fixmedins_code, p.lmtpric_hosp_lv AS level, date_trunc('quarter', s.finish) AS q,
    coalesce(c.tests, 0) >= c.yuan * 0.7 AND c.surgery IS NULL AND o.mdtrt_id IS NULL AS light,
    s.illness = 'T81' AS infected,
    s.illness NOT IN ('Z51', 'Z49') AND EXISTS (SELECT 1 FROM stay n WHERE n.psn_no = s.psn_no AND n.funded
        AND n.fixmedins_code = s.fixmedins_code AND n.begin > s.begin AND n.begin - s.finish BETWEEN 0 AND 31) AS again
    FROM stay s JOIN visit v USING (mdtrt_id) JOIN place p ON p.fixmedins_code = s.fixmedins_code
    JOIN stay_fee c USING (mdtrt_id) LEFT JOIN oprninfo o USING (mdtrt_id)
    WHERE s.funded AND v.inhosp_stas = '0' AND p.lmtpric_hosp_lv IS NOT NULL;
CREATE MACRO outstanding(share, shares, least) AS len(shares) > 5 AND share >= least
    AND share > 1.5 * list_sort(shares)[len(shares) // 2 + 1];
CREATE MACRO costly(kinds, codes, least) AS TABLE SELECT DISTINCT fixmedins_code FROM (
    SELECT fixmedins_code, part / whole AS share, list(part / whole) OVER (PARTITION BY level, q) AS shares FROM (
        SELECT fixmedins_code, level, q, CAST(sum(yuan) AS DOUBLE) AS whole,
            coalesce(sum(yuan) FILTER (list_contains(kinds, kind) OR starts_with(item, codes)), 0) AS part
        FROM quarter_fee GROUP BY ALL HAVING whole >= 10000 AND (codes = '-' OR part > 0))
    ) WHERE outstanding(share, shares, least);
CREATE MACRO frequent(what, least) AS TABLE SELECT DISTINCT fixmedins_code FROM (
    SELECT fixmedins_code, part, part / whole AS share, list(part / whole) OVER (PARTITION BY level, q) AS shares FROM (
        SELECT fixmedins_code, level, q, CAST(count(*) AS DOUBLE) AS whole,
            count(*) FILTER (CASE what WHEN 'light' THEN light WHEN 'infected' THEN infected ELSE again END) AS part
        FROM quarter_stay GROUP BY ALL HAVING whole >= 15)
    ) WHERE part >= 3 AND outstanding(share, shares, least);
CREATE TABLE illness AS SELECT mdtrt_id, dscg_maindiag_code AS icd FROM visit WHERE instr(dscg_maindiag_code, ':') = 0;
CREATE TABLE bill_disease AS
  SELECT DISTINCT mdtrt_id, dise_no FROM setl_d WHERE vali_flag = '1' AND dise_no IS NOT NULL;
CREATE TABLE patient AS SELECT v.mdtrt_id, CAST(v.begntime AS DATE) AS day,
    CASE WHEN p.gend = coalesce(b.claimed_sex, p.gend) THEN p.gend END AS sex,
    CASE WHEN p.brdy = coalesce(b.claimed_born, p.brdy) THEN p.brdy END AS born
    FROM visit v JOIN bill b USING (mdtrt_id) JOIN psn_info_b p ON p.psn_no = v.psn_no
    WHERE v.funded AND v.nwb_flag = '0' AND v.inhosp_stas = '0';
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
    UNION ALL SELECT fixmedins_code, med_list_codg, date_trunc('month', sel_retn_time), -sel_retn_cnt, 0
        FROM sale_return_3506
    UNION ALL SELECT fixmedins_code, med_list_codg, date_trunc('month', purc_retn_stoin_time), 0, purc_retn_cnt
        FROM purchase_3503
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
    rows = [{k: row[k] for k in ("code", "rule", "limit", "partner")} for row in catalogue().rows]
    con.execute(_VIEWS, {"rows": rows})
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
    query = "SELECT ref_key, trap FROM truth WHERE rule_code = ? AND delivery = ? AND list_contains(?, kind)"
    planted = con.execute(query, [rule, delivery, ["violation", "gated"]]).fetchall()
    innocent = con.execute(query, [rule, delivery, ["hard_negative"]]).fetchall()
    assert len(planted) >= (1 if rule in SHARES else 5)
    assert {trap for key, trap in innocent if key in found} == set(), "traps accused"
    assert {trap for key, trap in planted if key not in found} == set(), "plants missed"
    assert found - {key for key, _ in planted} == set(), "background accused"


def test_every_rule_is_planted_and_has_traps(city: tuple[Path, CitySummary]) -> None:
    assert set(city[1].violations) == set(city[1].hard_negatives) == set(RULES)
    assert min(count for rule, count in city[1].violations.items() if rule not in SHARES) >= 5
    assert city[1].gated == {"N50": 1, "N65": 1, "N67": 1, "N81": 1}


_ADDS_UP = {
    "a line's parts make its amount": """SELECT bkkp_sn FROM fee
        WHERE fulamt_ownpay_amt + overlmt_selfpay + preselfpay_amt + inscp_amt <> det_item_fee_sumamt""",
    "a settlement is the sum of its lines": """SELECT s.setl_id FROM setl_d s LEFT JOIN (
            SELECT setl_id, sum(det_item_fee_sumamt) AS total, sum(inscp_amt) AS inside FROM fee GROUP BY ALL) f
        USING (setl_id) WHERE s.medfee_sumamt IS DISTINCT FROM f.total OR s.inscp_amt IS DISTINCT FROM f.inside""",
    "a settlement's own parts make its amount": """SELECT setl_id FROM setl_d
        WHERE fulamt_ownpay_amt + overlmt_selfpay + preselfpay_amt + inscp_amt <> medfee_sumamt
        OR fund_pay_sumamt + acct_pay + cash_payamt <> medfee_sumamt OR fund_pay_sumamt + psn_pay <> medfee_sumamt
        OR hifp_pay + hifmi_pay + hifob_pay + maf_pay <> fund_pay_sumamt OR abs(fund_pay_sumamt) > abs(inscp_amt)""",
    "a refund takes back its settlement": """SELECT r.setl_id FROM setl_d r LEFT JOIN setl_d s
        ON s.setl_id = r.init_setl_id WHERE r.refd_setl_flag = '1'
        AND (s.medfee_sumamt IS DISTINCT FROM -r.medfee_sumamt OR s.fund_pay_sumamt <> -r.fund_pay_sumamt)""",
    "a refunded line is in its own encounter": """SELECT r.bkkp_sn FROM fee r LEFT JOIN fee o
        ON o.bkkp_sn = r.init_feedetl_sn AND o.mdtrt_id = r.mdtrt_id
        WHERE r.init_feedetl_sn IS NOT NULL
        AND (o.cnt IS DISTINCT FROM -r.cnt OR o.fee_ocur_time >= r.fee_ocur_time)""",
    "every line has its encounter, person and place": """SELECT f.bkkp_sn FROM fee f
        LEFT JOIN mdtrt_d m ON m.mdtrt_id = f.mdtrt_id AND m.psn_no = f.psn_no AND m.fixmedins_code = f.fixmedins_code
        LEFT JOIN person p ON p.psn_no = f.psn_no LEFT JOIN place i ON i.fixmedins_code = f.fixmedins_code
        WHERE m.mdtrt_id IS NULL OR p.psn_no IS NULL OR i.fixmedins_code IS NULL""",
    "every doctor is on the register": """SELECT f.bkkp_sn FROM fee f ANTI JOIN dr_info_b d
        ON d.dr_code = f.bilg_dr_code AND d.medins_code = f.fixmedins_code WHERE f.bilg_dr_code IS NOT NULL""",
}


@pytest.mark.parametrize("claim", _ADDS_UP)
def test_the_books_add_up(states: dict[str, duckdb.DuckDBPyConnection], claim: str) -> None:
    assert states["final"].execute(_ADDS_UP[claim]).fetchall() == []


def test_amounts_at_fault_are_counted_in_scope(states: dict[str, duckdb.DuckDBPyConnection]) -> None:
    con = states["final"]
    wrong = con.execute("""SELECT t.rule_code, t.ref_key FROM truth t JOIN fee f ON f.bkkp_sn = t.ref_key
        WHERE t.kind = 'violation' AND t.delivery = 'final' AND t.amount_fen IS NOT NULL
        AND NOT (t.amount_fen > 0 AND t.amount_fen <= f.inscp_amt * 100)""").fetchall()
    unset = con.execute("SELECT DISTINCT rule_code FROM truth WHERE kind = 'violation' AND amount_fen IS NULL")
    assert wrong == []
    assert {rule for (rule,) in unset.fetchall()} == {
        *("N28", "N34", "N36", "N39", "N43", "N49", "N50", "N54", "N55", "L001"),
        *("N35", "N37", "N38", "N40", "N41", "N48", "N51", "N52", *SHARES),
    }


def test_a_planted_row_belongs_to_one_case(states: dict[str, duckdb.DuckDBPyConnection]) -> None:
    shared = """SELECT psn_no FROM truth WHERE psn_no IS NOT NULL GROUP BY psn_no HAVING count(DISTINCT plant_id) > 1
        UNION ALL SELECT ref_key FROM truth WHERE ref_table <> 'fixmedins_b'
        GROUP BY ref_key, delivery HAVING count(*) > 1"""
    assert states["final"].execute(shared).fetchall() == []


def test_nobody_in_it_exists(states: dict[str, duckdb.DuckDBPyConnection]) -> None:
    con = states["final"]
    people = con.execute("SELECT psn_name, certno, mob FROM psn_info_b").fetchall()
    weights = [pow(2, 17 - k, 11) for k in range(17)]
    right = [
        "10X98765432"[sum(int(c) * w for c, w in zip(number, weights, strict=False)) % 11] for _, number, _ in people
    ]
    assert all(name.startswith("测甲") for name, _, _ in people)
    assert all(
        n[:2] == "99" and len(n) == 18 and n[17] != check for (_, n, _), check in zip(people, right, strict=True)
    )
    assert all(phone.startswith("000") for _, _, phone in people)
    names = con.execute("SELECT fixmedins_name FROM fixmedins_b UNION SELECT dr_name FROM dr_info_b").fetchall()
    assert all(name.startswith("示") for (name,) in names)


@pytest.mark.parametrize("start", [0, 995])
def test_no_two_persons_of_a_block_share_a_card_number(start: int) -> None:
    """Not even three thousand who were born on one day in one county: of them three share each serial number."""
    people = crowd(3_000, np.random.default_rng(7))
    one_day = replace(people, claimed_born=np.zeros_like(people.born), county=np.zeros_like(people.county))
    numbers = card_numbers(one_day, start).to_pylist()
    assert (len({number[:17] for number in numbers}), len(set(numbers))) == (1_000, 3_000)


def test_it_looks_like_a_city(states: dict[str, duckdb.DuckDBPyConnection], city: tuple[Path, CitySummary]) -> None:
    con = states["final"]
    (old, young, women) = con.execute("""SELECT avg(CAST(brdy < DATE '1966-09-30' AS INTEGER)),
        avg(CAST(brdy > DATE '2012-09-30' AS INTEGER)), avg(CAST(gend = '2' AS INTEGER))
        FROM psn_info_b WHERE psn_no NOT IN (SELECT psn_no FROM truth WHERE psn_no IS NOT NULL)""").fetchone()
    assert 0.08 < old < 0.4  # the patients who fill the beds of the hospitals that are compared are young
    assert 0.05 < young < 0.25
    assert 0.35 < women < 0.6
    kinds = {k for (k,) in con.execute("SELECT DISTINCT med_type FROM mdtrt_d").fetchall()}
    assert {"11", "13", "14", "21", "24", "25", "28", "41", "51", "52"} <= kinds
    assert {"01", "02"} == {k for (k,) in con.execute("SELECT DISTINCT psn_setlway FROM setl_d").fetchall()}
    days = con.execute("SELECT min(day), max(day), min(fee_ocur_time::DATE - crte_time::DATE) FROM fee").fetchone()
    assert str(days[0]) >= "2025-10-01"
    assert str(days[1]) <= "2026-09-30"
    summary = city[1]
    assert LINES - 400 <= summary.lines <= LINES
    assert 3.5 < summary.lines / summary.encounters < 6


def test_the_second_delivery_changes_withdraws_and_adds(city: tuple[Path, CitySummary]) -> None:
    out, _ = city
    con = duckdb.connect()
    rows = con.execute(f"""SELECT count(*) FILTER (o.mdtrt_id IS NULL), count(*) FILTER (n.vali_flag = '0'),
        count(*) FILTER (n.chfpdr_code <> o.chfpdr_code), min(n.updt_time) > max(o.updt_time)
        FROM '{out}/corrections/mdtrt_d.parquet' n LEFT JOIN '{out}/mdtrt_d.parquet' o USING (mdtrt_id)""").fetchone()
    assert min(rows[:3]) > 0
    assert rows[3]


def test_columns_are_declared_and_typed(city: tuple[Path, CitySummary]) -> None:
    for file in [*city[0].glob("*.parquet"), *(city[0] / "corrections").glob("*.parquet")]:
        if file.stem == "truth":
            continue
        schema = pq.read_schema(file)
        table = tables()[file.stem]
        required = {f.name for f in table.fields if f.required}
        assert required <= set(schema.names) <= {f.name for f in table.fields}, file.stem
        wanted = {
            "fen": "decimal128(16, 2)",
            "pric": "decimal128(16, 6)",
            "cnt": "decimal128(16, 4)",
            "day": "date32[day]",
        }
        for name in schema.names:
            kind = table.field(name).kind
            assert str(schema.field(name).type) == wanted.get(kind, str(schema.field(name).type)), name


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("small") / "out"
    build_city(20_000, 1, out)
    return out


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, small: Path) -> None:
    def content(folder: Path) -> dict[str, bytes]:
        return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}

    for name, seed in (("same", 1), ("other", 2)):
        build_city(20_000, seed, tmp_path / name)
    assert content(small) == content(tmp_path / "same")
    assert content(small)["fee_list_d.parquet"] != content(tmp_path / "other")["fee_list_d.parquet"]


@pytest.mark.parametrize(("form", "encoding"), [("csv", "utf-8"), ("gb18030", "gb18030")])
def test_csv_holds_the_same_rows(tmp_path: Path, small: Path, form: Form, encoding: str) -> None:
    build_city(20_000, 1, tmp_path / "csv", form=form)
    for name in ("setl_d", "psn_info_b", "sale_3505"):
        text = (tmp_path / "csv" / f"{name}.csv").read_text(encoding)
        rows = list(csv.DictReader(text.splitlines()))
        same = pq.read_table(small / f"{name}.parquet").to_pylist()
        assert [list(r.values()) for r in rows] == [["" if v is None else str(v) for v in r.values()] for r in same]


@pytest.mark.parametrize("what", ["too few lines", "folder in use"])
def test_refusals(tmp_path: Path, what: str) -> None:
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").touch()
    arguments = (5, 1, tmp_path / "new") if what == "too few lines" else (20_000, 1, tmp_path / "used")
    with pytest.raises(Refusal) as refusal:
        build_city(*arguments)
    assert refusal.value.remedy
    assert not (tmp_path / "new").exists()


_KNOWLEDGE = Path(__file__).parents[2].parent / "shared" / "knowledge"
_NAMES = {
    "N01": "药品限工伤保险",
    "N02": "药品限生育保险",
    "N03": "中药饮片单复方均不予支付",
    "N04": "中药饮片单方使用不予支付",
}
_NAMES |= {"N07": "药品限儿童使用", "N10": "药品限支付疗程", "N12": "药品限医疗机构级别", "N13": "药品限就医方式"}
_NAMES |= {"N23": "医疗服务项目限支付疗程", "N25": "医疗服务项目重复收费", "N27": "医疗服务项目限定频次"}
_NAMES |= {"N31": "医疗服务项目周期超频次", "N65": "药品儿童专用", "N67": "药品区分性别使用"}
_NAMES |= {"N05": "药品限二线使用", "N15": "手术项目未按规定折价收费"}
_NAMES |= {"N80": "医疗服务项目儿童专用", "N81": "医疗服务项目区分性别使用"}
_NAMES |= {"N08": "药品限适应症", "N29": "医疗服务项目限年龄"}
#: Other national lists that an item of the rule may stand in.
_ALSO = {"N02": {_NAMES["N67"]}, "N05": {_NAMES["N08"]}, "N27": {_NAMES["N25"]}, "N29": {_NAMES["N23"]}}
#: Rules whose lists are the synthetic region's own.
_OWN = set(RULES) - set(_NAMES)


@pytest.mark.shared
@pytest.mark.skipif(not _KNOWLEDGE.exists(), reason="no reference input in ../shared")
def test_the_price_list_agrees_with_the_national_knowledge() -> None:
    points: dict[str, set[str]] = {}
    for file in _KNOWLEDGE.glob("*.csv"):
        for row in csv.DictReader(file.read_text("utf-8").splitlines()):
            codes = (
                [row["code_a"], row["code_b"]] if "code_a" in row else row.get("codes", row.get("code", "")).split("|")
            )
            for code in codes:
                points.setdefault(code, set()).add(row["rule"])
    for item in [row for row in catalogue().rows if row["rule"] not in _OWN]:
        named = points.get(item["code"], set())
        wanted = {_NAMES[item["rule"]]} if item["rule"] else set()
        extra = _ALSO.get(item["rule"], set())
        assert wanted <= named <= wanted | extra, item["name"]
