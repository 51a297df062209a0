"""A bench for findings: national tables and staging tables by hand, hits by hand, no compiler and no store."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from fundguard.claims.tables import tables
from fundguard.findings import gate
from fundguard.findings.publish import Published, Stamp, publish
from fundguard.rules.catalogue import load
from fundguard.rules.compiler import create_answer_tables
from fundguard.rules.rule import Rule

NATIONAL = ("fee_list_d", "mdtrt_d", "setl_d", "psn_info_b", "fixmedins_b", "dr_info_b", "sale_3505", "drugtracinfo")
LIMITS = gate.limits("990101", dt.date(2026, 5, 31))
INSTITUTION, OTHER = "H99010100001", "H99010100002"


def rule(code: str, verdict: str = "明确违规", limit: str | None = None) -> Rule:
    return replace(load()["N67"], code=code, verdict=verdict, verdict_limit=limit, message="示例规则的说明")


class Bench:
    """Rows are given by column name; what is not given is empty."""

    def __init__(self) -> None:
        self.connection = duckdb.connect(config={"threads": 1})
        for name in NATIONAL:
            columns = ", ".join(f"{column} {kind}" for column, kind in tables()[name].stored().items())
            self.connection.execute(f"CREATE TABLE {name} ({columns})")
        self.connection.execute(create_answer_tables())
        self.connection.execute(
            "CREATE TEMP TABLE line (bkkp_sn VARCHAR, setl_id VARCHAR, mdtrt_id VARCHAR, item VARCHAR, "
            "fixmedins_code VARCHAR, psn_key VARCHAR, inscp_amt BIGINT, payable INTEGER)"
        )
        self.connection.execute(
            "CREATE TEMP TABLE paid (setl_id VARCHAR, mdtrt_id VARCHAR, inscp_amt BIGINT, fund_pay_sumamt BIGINT)"
        )
        self.connection.execute(
            "CREATE TEMP VIEW practised AS SELECT fixmedins_code, bilg_dr_code AS dr_code, count(*) AS lines "
            "FROM fee_list_d WHERE bilg_dr_code IS NOT NULL GROUP BY ALL"
        )
        for code, region in ((INSTITUTION, "990101"), (OTHER, "990102")):
            self.add("fixmedins_b", fixmedins_code=code, fix_blng_admdvs=region, fixmedins_type="1")

    def add(self, table: str, **values: object) -> None:
        names = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))

    def settlement(
        self,
        setl_id: str,
        *,
        inscp: int,
        fund: int,
        way: str | None = "01",
        med_type: str = "11",
        psn: str = "P1",
        **more: object,
    ) -> None:
        """A settlement of encounter `M` + its id, net amounts in fen, at `INSTITUTION` on day 20600."""
        encounter = more.pop("mdtrt_id", "M" + setl_id)
        self.add(
            "setl_d",
            setl_id=setl_id,
            mdtrt_id=encounter,
            psn_key=psn,
            psn_setlway=way,
            med_type=med_type,
            setl_time_day=20600,
            fixmedins_code=INSTITUTION,
            fix_blng_admdvs="990101",
            inscp_amt=inscp,
            fund_pay_sumamt=fund,
            row_hash=5,
            **more,
        )
        self.add("paid", setl_id=setl_id, mdtrt_id=encounter, inscp_amt=inscp, fund_pay_sumamt=fund)
        known = self.connection.execute("SELECT 1 FROM mdtrt_d WHERE mdtrt_id = ?", [encounter]).fetchone()
        if not known:
            self.add(
                "mdtrt_d",
                mdtrt_id=encounter,
                psn_key=psn,
                fixmedins_code=INSTITUTION,
                begntime_day=20598,
                endtime_day=20600,
                med_type=med_type,
                chfpdr_code="D1001",
                row_hash=6,
            )

    def charge(
        self,
        bkkp_sn: str,
        setl_id: str,
        inscp: int,
        *,
        day: int = 20600,
        item: str = "X1",
        doctor: str = "D1001",
        version: int = 7,
        psn: str = "P1",
        institution: str = INSTITUTION,
        payable: int = 1,
        mdtrt_id: str | None = None,
    ) -> None:
        encounter = mdtrt_id or "M" + setl_id
        self.add(
            "fee_list_d",
            bkkp_sn=bkkp_sn,
            setl_id=setl_id,
            mdtrt_id=encounter,
            psn_key=psn,
            fixmedins_code=institution,
            fee_ocur_time_day=day,
            med_list_codg=item,
            bilg_dr_code=doctor,
            inscp_amt=inscp,
            row_hash=version,
        )
        self.add(
            "line",
            bkkp_sn=bkkp_sn,
            setl_id=setl_id,
            mdtrt_id=encounter,
            item=item,
            fixmedins_code=institution,
            psn_key=psn,
            inscp_amt=inscp,
            payable=payable,
        )

    def hit(
        self,
        rule: str,
        ref_key: str,
        fen: int,
        *,
        table: str = "fee_list_d",
        role: str = "accused",
        subject: str | None = None,
        kind: str = "line",
        anchor: str = "a",
        verdict: str | None = "明确违规",
        seen: str = "性别=男",
        point: str = "K1",
    ) -> None:
        self.add(
            "hit",
            rule_code=rule,
            point=point,
            verdict=verdict,
            subject_kind=kind,
            subject_id=subject or ref_key,
            anchor=anchor,
            ref_table=table,
            ref_key=ref_key,
            role=role,
            amount_fen=fen,
            seen=seen,
        )

    def publish(self, out: Path, *rules: Rule, run_id: str = "r1", **options: Any) -> Published:
        out.mkdir(exist_ok=True)
        stamp = Stamp(run_id, "k1")
        return publish(self.connection, out, rules or [rule("R1")], stamp, **{"limits": LIMITS, **options})

    def findings(self, out: Path, *rules: Rule, **options: Any) -> list[dict[str, object]]:
        self.publish(out, *rules, **options)
        return read(out / "findings.parquet", "rule_code, subject_id, finding_key")


def read(path: Path, order: str = "ALL") -> list[dict[str, object]]:
    cursor = duckdb.connect().execute(f"SELECT * FROM '{path}' ORDER BY {order}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture
def bench() -> Bench:
    return Bench()
