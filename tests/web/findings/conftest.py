"""A store of five encounters in four places, its run on the site, and the demonstration's accounts before it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from fundguard.audit.batch import audit
from fundguard.claims.store import Store
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.accounts.services import assign_institutions, seed_demo
from fundguard.web.findings.services import take_run
from tests.audit.conftest import FOR_WOMEN, bring, together, visit

HOME, EAST, FAR = "H99010100001", "H99010200001", "H99020100001"
REGION = {HOME: "990101", EAST: "990102", FAR: "990201"}
NAME = {HOME: "云岭示例医院", EAST: "东湖示例医院", FAR: "临川示例医院"}
DOCTOR = "D990101000001"
CHARGE = {"bilg_dr_code": DOCTOR, "list_type": "101", "hilist_name": "示例药品", "bilg_dept_name": "示例科"}
RULES = ("N67", "L001")
CLEAR = ("测不存在", "99010119800101001X")  # the only name and number in the store


def encounter(
    name: str, institution: str, insured: str, *, stay: tuple[int, int] | None = None, person: str = ""
) -> dict[str, list[dict[str, Any]]]:
    """A man's paid encounter with a drug for women, or a stay of May days with one that suits him."""
    made = visit(name, institution=institution, item=FOR_WOMEN if stay is None else "X000")
    who = person or f"psn-{name}"
    for table, rows in made.items():
        for row in rows:
            if "psn_no" in row:
                row["psn_no"] = who
            if table in ("mdtrt_d", "setl_d", "fee_list_d"):
                row["insu_admdvs"] = insured
            if table == "setl_d":
                row["fix_blng_admdvs"] = REGION[institution]
            if table == "fee_list_d":
                row |= {
                    "bilg_dr_code": DOCTOR,
                    "list_type": "101",
                    "hilist_name": "示例药品",
                    "bilg_dept_name": "示例科",
                }
    made["fixmedins_b"][0] |= {
        "fix_blng_admdvs": REGION[institution],
        "fixmedins_name": NAME[institution],
        "lmtpric_hosp_lv": "3",
    }
    made["psn_info_b"][0] |= {"psn_name": CLEAR[0], "certno": CLEAR[1]}
    if stay:
        begin, end = (dt.datetime(2026, 5, day, 9) for day in stay)
        made["mdtrt_d"][0] |= {"med_type": "21", "begntime": begin, "endtime": end}
        made["setl_d"][0] |= {"med_type": "21", "setl_time": end}
        made["fee_list_d"][0] |= {"med_type": "21", "fee_ocur_time": begin}
    return made


def city() -> dict[str, list[dict[str, Any]]]:
    """At home: a resident, a guest of 990201, a stay overlapping one in the east. In the east: a resident of 990101."""
    made = together(
        encounter("resident", HOME, "990101"),
        encounter("guest", HOME, "990201"),
        encounter("traveller", EAST, "990101"),
        encounter("far", FAR, "990201"),
        encounter("first-stay", EAST, "990101", stay=(1, 9), person="psn-both"),
        encounter("second-stay", HOME, "990101", stay=(4, 12), person="psn-both"),
    )
    for table, key in (("fixmedins_b", "fixmedins_code"), ("psn_info_b", "psn_no")):
        made[table] = list({row[key]: row for row in made[table]}.values())
    return made


@pytest.fixture(scope="session")
def run() -> Path:
    """The folder of one run over the city."""
    store = Store.create(settings.STORE)
    bring(store, **city())
    settings.RUNS.mkdir(parents=True, exist_ok=True)
    out = settings.RUNS / "first"
    audit(store, out, rules=RULES)
    return out


@pytest.fixture
def people(db: None) -> None:
    seed_demo()
    by_user = {"hospital": (HOME,), "doctor": (HOME,), "pharmacy": ("P99010100009",), "chain": (HOME, FAR)}
    assign_institutions(by_user, {"doctor": DOCTOR})


@pytest.fixture
def taken(people: None, run: Path) -> dict[str, int]:
    return take_run(run)


def viewer(username: str) -> Viewer:
    return Viewer(User.objects.select_related("region").get(username=username))
