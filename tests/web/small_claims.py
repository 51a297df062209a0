"""A handful of claims as CSV files: one drug for women, charged to men (each a finding) and to a woman (none)."""

from __future__ import annotations

import csv
import io
from typing import Any

FOR_WOMEN = "ZD03AAA0043010100166"
YUNLING, DONGHU, NEIGHBOUR = "H99010188001", "H99010288001", "H99020188001"
NAMES = {YUNLING: "示例云岭医院", DONGHU: "示例东湖医院", NEIGHBOUR: "示例临川医院"}
#: person → sex, institution
MEN = {"甲": YUNLING, "乙": YUNLING, "丙": DONGHU, "丁": NEIGHBOUR}
WHEN = "2026-05-10 09:00:00"
SECRET = "测隐私"  # stands in the rejected row only


def files(men: dict[str, str] = MEN, *, bad: bool = True) -> dict[str, bytes]:
    """File name → content; with `bad`, one charge whose quantity is no number and a column that no table has."""
    return _files([(name, "1", place) for name, place in men.items()] + [("戊", "2", YUNLING)], NAMES, bad=bad)


def one_man(name: str, institution: str, institution_name: str = "") -> dict[str, bytes]:
    """The files of one man's visit to an institution; without its name to one that is known already."""
    names = {institution: institution_name} if institution_name else {}
    return _files([(name, "1", institution)], names, bad=False)


def _region(institution: str) -> str:
    return institution[1:7]


def _files(people: list[tuple[str, str, str]], names: dict[str, str], *, bad: bool) -> dict[str, bytes]:
    visits = [_visit(*one) for one in people]
    made: dict[str, list[dict[str, Any]]] = {}
    if names:
        made["fixmedins_b"] = [
            {"fixmedins_code": c, "fix_blng_admdvs": _region(c), "fixmedins_type": "1", "fixmedins_name": n}
            for c, n in names.items()
        ]
    for table in visits[0]:
        made[table] = [visit[table] for visit in visits]
    if bad:
        made["fee_list_d"].append(made["fee_list_d"][0] | {"bkkp_sn": "L-坏", "cnt": SECRET})
        for row in made["fee_list_d"]:
            row["院内备注"] = "无"
    return {f"{table}.csv": csv_of(rows) for table, rows in made.items()}


def _visit(name: str, sex: str, institution: str) -> dict[str, dict[str, Any]]:
    """One paid outpatient visit with one charge of 100 yuan."""
    common = {"psn_no": f"psn-{name}", "fixmedins_code": institution, "med_type": "11", "vali_flag": "1"}
    common |= {"updt_time": WHEN}
    money = {"medfee_sumamt": "100.00", "inscp_amt": "100.00", "hifp_pay": "70.00", "fund_pay_sumamt": "70.00"}
    settled = {"setl_time": WHEN, "psn_setlway": "01", "refd_setl_flag": "0", "fix_blng_admdvs": _region(institution)}
    charge = {"fee_ocur_time": WHEN, "cnt": "1", "pric": "100", "det_item_fee_sumamt": "100.00", "inscp_amt": "100.00"}
    ids = {"mdtrt_id": f"M-{name}", "setl_id": f"S-{name}"}
    own = {"ipt_otp_no": f"ZY-{name}", "medrcdno": f"BL-{name}"}
    item = {"bilg_dept_name": "内科", "med_list_codg": FOR_WOMEN, "medins_list_codg": "A1", "list_type": "101"}
    return {
        "psn_info_b": {"psn_no": f"psn-{name}", "gend": sex, "brdy": "1980-01-01", "vali_flag": "1", "updt_time": WHEN},
        "mdtrt_d": {"mdtrt_id": ids["mdtrt_id"], **own, "begntime": WHEN, "endtime": WHEN, "insutype": "310", **common},
        "setl_d": {**ids, "insutype": "310", **settled, **money, **common},
        "fee_list_d": {"bkkp_sn": f"L-{name}", **ids, **charge, **item, **common},
    }


def csv_of(rows: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
