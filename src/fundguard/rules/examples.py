"""Examples beside a rule: small stories of persons, visits and charges with the answer the rule must give.

An example is readable by a non-programmer (YAML, Chinese keys) and runs on every engine. What it leaves out takes the
defaults below: an adult woman, a paid outpatient visit in a level-3 hospital, one charge of 100 yuan.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import yaml

from fundguard.claims.tables import Table, tables
from fundguard.errors import Refusal
from fundguard.rules.catalogue import examples_text

EPOCH = dt.datetime(1970, 1, 1)
CLEAR, UNKNOWN = "不涉及", "无法判断"
ANSWERS = (CLEAR, UNKNOWN, "可疑", "明确违规", "统计")
WAYS = {"门诊": "11", "急诊": "13", "慢特病": "1401", "住院": "21", "日间手术": "28", "购药": "41", "生育门诊": "51", "生育住院": "52"}
SEXES = {"男": "1", "女": "2", "不明": "0", "": None}
LEVELS = {"一级": "1", "二级": "2", "三级": "3", "": None}
PERSON = {"性别": "女", "生日": "1980-01-01", "死亡": None}
VISIT = {"方式": "门诊", "机构": "甲院", "人": "某", "开始": "2026-05-10", "结束": None, "级别": "三级", "险种": "310", "基金": "有", "新生儿": "否", "主诊断": "J18.900", "离院方式": "1", "付费": "01", "作废": "否", "结算性别": None, "诊断": None, "预期": CLEAR, "编号": None}
CHARGE = {"项目": "X000", "日期": None, "时刻": "09:00", "数量": 1, "金额": 100, "范围内": None, "处方": None, "天数": None, "退": None, "标记": None, "编号": None, "预期": CLEAR, "有效": "是"}
_KEYS = {"名称", "人物", "就诊", "表", "预期"}


@dataclass
class Example:
    """One story: its rows by national table, and the expected answer by key of the judged row."""

    rule_code: str
    name: str
    expected: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: str, **values: Any) -> None:
        self.rows.setdefault(table, []).append(values)


def examples(code: str) -> list[Example]:
    """The examples of one rule; refuses an unknown key or answer, naming the example."""
    stories = yaml.safe_load(examples_text(code)) or []
    return [_example(code, number, story) for number, story in enumerate(stories, 1)]


def stored_tables(found: Iterable[Example]) -> dict[str, pa.Table]:
    """All national tables as stored (docs/explanation/contracts.md, 1) with the rows of these examples together."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in tables()}
    for example in found:
        for name, some in example.rows.items():
            rows[name].extend(some)
    return {name: _stored(tables()[name], some) for name, some in rows.items()}


def _example(code: str, number: int, story: Mapping[str, Any]) -> Example:
    where = f"{code}.examples.yaml 第{number}例"
    if set(story) - _KEYS:
        raise Refusal("示例有不认识的栏目", where=where, seen="、".join(set(story) - _KEYS), remedy=f"可用：{'、'.join(sorted(_KEYS))}")
    example = Example(code, story["名称"])
    prefix = f"{code}-{number}-"
    persons = story.get("人物", {"某": {}})
    for name, given in persons.items():
        _person(example, prefix + name, _with(PERSON, given, where))
    for position, given in enumerate(story.get("就诊", ()), 1):
        charges = given.get("费用", ())
        visit = _with(VISIT, {k: v for k, v in given.items() if k != "费用"}, where)
        _visit(example, prefix, visit, [_with(CHARGE, c, where) for c in charges], position)
    for name, raw in story.get("表", {}).items():
        for row in raw:
            example.add(name, **{k: _raw(tables()[name], k, v, prefix) for k, v in row.items()})
    for key, answer in (story.get("预期") or {}).items():
        example.expected[prefix + str(key)] = answer
    for answer in example.expected.values():
        if answer not in ANSWERS:
            raise Refusal("示例的预期不合规定", where=where, seen=answer, remedy=f"取 {'、'.join(ANSWERS)} 之一")
    return example


def _with(defaults: Mapping[str, Any], given: Mapping[str, Any], where: str) -> dict[str, Any]:
    if set(given) - set(defaults):
        raise Refusal("示例有不认识的栏目", where=where, seen="、".join(set(given) - set(defaults)), remedy=f"可用：{'、'.join(defaults)}")
    return {**defaults, **given}


def _person(example: Example, key: str, person: Mapping[str, Any]) -> None:
    example.add("psn_info_b", psn_key=key, gend=SEXES[person["性别"]], brdy=_day(person["生日"]), die_date=_day(person["死亡"]))


def _visit(example: Example, prefix: str, visit: Mapping[str, Any], charges: list[dict[str, Any]], position: int) -> None:
    mdtrt_id = prefix + (visit["编号"] or f"就诊{position}")
    setl_id, person, institution = mdtrt_id + "-结算", prefix + visit["人"], prefix + visit["机构"]
    begin, end = _day(visit["开始"]), _day(visit["结束"])
    way, funded = WAYS.get(visit["方式"], visit["方式"]), visit["基金"] == "有"
    common = {"psn_key": person, "fixmedins_code": institution, "med_type": way, "insutype": str(visit["险种"])}
    newborn = "1" if visit["新生儿"] == "是" else "0"
    example.add(
        "mdtrt_d", mdtrt_id=mdtrt_id, **common, begntime=_time(begin, "08:00"), endtime=_time(end or (None if way in ("21", "28", "52") else begin), "10:00"),
        nwb_flag=newborn, dscg_maindiag_code=visit["主诊断"], dscg_way=str(visit["离院方式"]), vali_flag="0" if visit["作废"] == "是" else "1",
    )  # fmt: skip
    total = sum(_fen(c["金额"]) for c in charges) or 10000
    in_scope = sum(_fen(c["范围内"] if c["范围内"] is not None else c["金额"]) for c in charges) if charges else 10000
    example.add(
        "setl_d", setl_id=setl_id, mdtrt_id=mdtrt_id, **common, gend=SEXES[visit["结算性别"]] if visit["结算性别"] else None, nwb_flag=newborn,
        lmtpric_hosp_lv=LEVELS[visit["级别"]], psn_setlway=str(visit["付费"]), medfee_sumamt=total, inscp_amt=in_scope,
        fund_pay_sumamt=in_scope * 7 // 10 if funded else 0, refd_setl_flag="0", setl_time=_time(end or begin, "11:00"),
    )  # fmt: skip
    for code in visit["诊断"] or ():
        example.add("setl_diag_list_d", diag_info_id=f"{mdtrt_id}-{code}", mdtrt_id=mdtrt_id, diag_code=code, maindiag_flag="0")
    example.expected[mdtrt_id] = visit["预期"]
    for number, charge in enumerate(charges, 1):
        bkkp_sn = f"{prefix}{charge['编号'] or f'就诊{position}费用{number}'}"
        amount, count = _fen(charge["金额"]), round(charge["数量"] * 10000)
        example.add(
            "fee_list_d", bkkp_sn=bkkp_sn, mdtrt_id=mdtrt_id, setl_id=setl_id, **common, med_list_codg=charge["项目"],
            fee_ocur_time=_time(_day(charge["日期"]) or begin, charge["时刻"]), cnt=count, pric=amount * 10**8 // count if count else 0, det_item_fee_sumamt=amount,
            inscp_amt=_fen(charge["范围内"]) if charge["范围内"] is not None else amount, rx_drord_no=charge["处方"],
            prd_days=charge["天数"] * 10000 if charge["天数"] else None, init_feedetl_sn=prefix + charge["退"] if charge["退"] else None, marks=charge["标记"],
        )  # fmt: skip
        example.expected[bkkp_sn] = charge["预期"]


def _stored(table: Table, rows: list[dict[str, Any]]) -> pa.Table:
    valid = [row for row in rows if row.get("vali_flag") != "0"]
    return pa.table({name: pa.array([_column(row, name) for row in valid], _ARROW[kind]) for name, kind in table.stored().items()})


_ARROW = {"VARCHAR": pa.string(), "BIGINT": pa.int64(), "INTEGER": pa.int32(), "DATE": pa.date32(), "TIMESTAMP": pa.timestamp("us")}


def _column(row: Mapping[str, Any], name: str) -> Any:
    if name in row:
        value = row[name]
        return value.date() if isinstance(value, dt.datetime) and name in ("brdy", "die_date", "invdate") else value
    base, _, part = name.rpartition("_")
    moment = row.get(base)
    if part == "day" and isinstance(moment, dt.datetime):
        return (moment - EPOCH).days
    if part == "min" and isinstance(moment, dt.datetime):
        return (moment - EPOCH) // dt.timedelta(minutes=1)
    return None


def _raw(table: Table, name: str, value: Any, prefix: str) -> Any:
    if name == "psn_key":
        return prefix + str(value)
    declared = table.field(name)
    if declared.kind in ("day", "time"):
        return _day(value)
    if declared.kind == "cnt":
        return round(value * 10000)
    if declared.kind == "fen":
        return _fen(value)
    own = declared.key or name in ("setl_id", "mdtrt_id", "bkkp_sn", "fixmedins_code", "medins_prod_sel_no", "drug_trac_codg")
    return prefix + str(value) if own and name != "inf_type" else str(value)


def _day(value: Any) -> dt.datetime | None:
    return dt.datetime.fromisoformat(str(value)) if value else None


def _time(day: dt.datetime | None, clock: str) -> dt.datetime | None:
    if day is None:
        return None
    hour, minute = clock.split(":")
    return day.replace(hour=int(hour), minute=int(minute))


def _fen(yuan: float) -> int:
    return round(yuan * 100)
