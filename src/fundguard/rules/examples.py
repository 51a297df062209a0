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
WAYS = {
    "门诊": "11",
    "急诊": "13",
    "慢特病": "1401",
    "住院": "21",
    "日间手术": "28",
    "购药": "41",
    "生育门诊": "51",
    "生育住院": "52",
}
SEXES = {"男": "1", "女": "2", "不明": "0", "": None}
#: 限价医院等级；“无等级”另记医院等级 11（药店、诊所）
LEVELS = {"一级": "1", "二级": "2", "三级": "3", "无等级": None, "": None}
#: 医疗收费项目类别，国家代码按此次序从 01 起
CATEGORIES = {
    name: f"{number:02d}"
    for number, name in enumerate(
        ("床位", "诊察", "检查", "化验", "治疗", "手术", "护理", "材料", "西药", "饮片", "中成药", "一般诊疗"), 1
    )
}
PERSON = {"性别": "女", "生日": "1980-01-01", "死亡": None}
VISIT = {
    "编号": None, "人": "某", "机构": "甲院", "方式": "门诊", "级别": "三级", "险种": "310", "付费": "01",
    "开始": "2026-05-10", "每日至": None, "结束": None, "在院": "否", "主诊断": "J18.900", "诊断": None,
    "入院病情": None, "住院天数": None, "结算年龄": None, "结算标记": None, "手工报销": None,
    "中医诊断": None, "手术": None, "病种": None, "孕周": None,
    "离院方式": "1", "死亡": None, "新生儿": "否", "作废": "否", "基金": "有",
    "结算性别": None, "结算生日": None, "结算新生儿": None,
    "结算退费": "否", "结算作废": "否", "预期": CLEAR, "违规金额": None,
}  # fmt: skip
CHARGE = {
    "出院带药": None, "定价上限": None, "超限价": None,
    "编号": None, "项目": "X000", "日期": None, "每日至": None, "时刻": "09:00", "数量": 1, "金额": 100, "范围内": None,
    "处方": None, "天数": None, "退": None, "标记": None, "科室": None, "执行科室": None, "病种": None,
    "类别": None, "上传": None, "医师": None, "作废": "否", "预期": CLEAR, "违规金额": None,
}  # fmt: skip
LONGEST = 400  # days that one visit or charge of a story may be repeated on
INPATIENT = ("住院", "日间手术", "生育住院")
_KEYS = {"名称", "人物", "就诊", "表", "预期", "违规金额"}


@dataclass
class Example:
    """One story: its rows by national table; by key of the judged row the expected answer and amount (fen)."""

    rule_code: str
    name: str
    expected: dict[str, str] = field(default_factory=dict)
    amounts: dict[str, int] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: str, **values: Any) -> None:
        self.rows.setdefault(table, []).append(values)

    def expect(self, key: str, answer: str, yuan: float | None) -> None:
        self.expected[key] = answer
        if yuan is not None:
            self.amounts[key] = _fen(yuan)


def examples(code: str) -> list[Example]:
    """The examples of one rule; refuses an unknown key or answer, naming the example."""
    stories = yaml.load(examples_text(code), Loader=yaml.CSafeLoader) or []
    return [read_story(code, number, story) for number, story in enumerate(stories, 1)]


def stored_tables(found: Iterable[Example]) -> dict[str, pa.Table]:
    """All national tables as stored (docs/explanation/contracts.md, 1) with the rows of these examples together."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in tables()}
    for example in found:
        for name, some in example.rows.items():
            rows[name].extend(some)
    return {name: _stored(tables()[name], some) for name, some in rows.items()}


def read_story(code: str, number: int, story: Mapping[str, Any]) -> Example:
    """One example from its mapping; refuses an unknown key or answer."""
    where = f"{code}.examples.yaml 第{number}例"
    if set(story) - _KEYS:
        raise Refusal(
            "示例有不认识的栏目",
            where=where,
            seen="、".join(set(story) - _KEYS),
            remedy=f"可用：{'、'.join(sorted(_KEYS))}",
        )
    example = Example(code, story["名称"])
    prefix = f"{code}-{number}-"
    persons = story.get("人物", {"某": {}})
    for name, given in persons.items():
        _person(example, prefix + name, _with(PERSON, given, where))
    visits = [one for given in story.get("就诊", ()) for one in _daily(given, "开始", VISIT["开始"])]
    for position, given in enumerate(visits, 1):
        visit = _with(VISIT, {k: v for k, v in given.items() if k != "费用"}, where)
        charges = [one for c in given.get("费用", ()) for one in _daily(c, "日期", visit["开始"])]
        _visit(example, prefix, visit, [_with(CHARGE, c, where) for c in charges], position)
    for name, raw in story.get("表", {}).items():
        for row in raw:
            _declared(name, row, where)
            example.add(name, **{k: _raw(tables()[name], k, v, prefix) for k, v in row.items()})
    yuan = story.get("违规金额") or {}
    for key, answer in (story.get("预期") or {}).items():
        example.expect(prefix + str(key), answer, yuan.get(key))
    for answer in example.expected.values():
        if answer not in ANSWERS:
            raise Refusal("示例的预期不合规定", where=where, seen=answer, remedy=f"取 {'、'.join(ANSWERS)} 之一")
    return example


def _declared(name: str, row: Mapping[str, Any], where: str) -> None:
    """A story may fill national tables and fields only."""
    fields = {f.name for f in tables()[name].fields} | {"psn_key"} if name in tables() else set()
    missing = [name] if not fields else [column for column in row if column not in fields]
    if missing:
        raise Refusal(
            "示例用了没有的表或字段",
            where=f"{where} {name}"[:80],
            seen=str(missing[0])[:60],
            remedy="只能用国家标准中的表和字段，见 docs/reference/tables.md",
        )


def _daily(given: Mapping[str, Any], start: str, default: Any) -> list[dict[str, Any]]:
    """The same visit or charge on every day up to `每日至`; itself where that is not said."""
    if not given.get("每日至"):
        return [dict(given)]
    first, last = (dt.date.fromisoformat(str(day)) for day in (given.get(start, default), given["每日至"]))
    if last - first > dt.timedelta(days=LONGEST):
        raise Refusal("示例的期间太长", where="每日至", seen=str(last), remedy=f"最多 {LONGEST} 天")
    return [{**given, start: first + dt.timedelta(days=n)} for n in range((last - first).days + 1)]


def _with(defaults: Mapping[str, Any], given: Mapping[str, Any], where: str) -> dict[str, Any]:
    if set(given) - set(defaults):
        raise Refusal(
            "示例有不认识的栏目",
            where=where,
            seen="、".join(set(given) - set(defaults)),
            remedy=f"可用：{'、'.join(defaults)}",
        )
    return {**defaults, **given}


def _person(example: Example, key: str, person: Mapping[str, Any]) -> None:
    example.add(
        "psn_info_b", psn_key=key, gend=SEXES[person["性别"]], brdy=_day(person["生日"]), die_date=_day(person["死亡"])
    )


def _visit(
    example: Example, prefix: str, visit: Mapping[str, Any], charges: list[dict[str, Any]], position: int
) -> None:
    mdtrt_id = prefix + (visit["编号"] or f"就诊{position}")
    way = WAYS.get(visit["方式"], visit["方式"])
    begin, end = _day(visit["开始"]), _day(visit["结束"])
    if visit["方式"] not in INPATIENT:
        end = end or begin
    keys = {
        "mdtrt_id": mdtrt_id,
        "psn_key": prefix + visit["人"],
        "fixmedins_code": prefix + visit["机构"],
        "med_type": way,
    }
    example.add(
        "mdtrt_d", **keys, insutype=visit["险种"] and str(visit["险种"]), begntime=_time(begin, "08:00"),
        endtime=_time(end, "10:00"), nwb_flag=_flag(visit["新生儿"]), inhosp_stas=_flag(visit["在院"]),
        dscg_maindiag_code=visit["主诊断"], dscg_way=str(visit["离院方式"]), die_date=_day(visit["死亡"]),
        dise_no=visit["病种"], geso_val=visit["孕周"], ipt_days=visit["住院天数"],
        vali_flag="0" if visit["作废"] == "是" else "1",
    )  # fmt: skip
    _records(example, mdtrt_id, visit, begin)
    example.expect(mdtrt_id, visit["预期"], visit["违规金额"])
    _settlement(example, keys, visit, charges, _time(end or begin, "11:00"))
    for number, charge in enumerate(charges, 1):
        name, day = charge["编号"] or f"就诊{position}费用{number}", charge["日期"] or visit["开始"]
        _charge(example, prefix, keys, {**charge, "编号": name, "日期": day})


def _records(example: Example, mdtrt_id: str, visit: Mapping[str, Any], begin: dt.datetime | None) -> None:
    """Further diagnoses (of western medicine and, apart, of Chinese medicine) and the operations of a visit."""
    for kind, codes in (("1", visit["诊断"]), ("2", visit["中医诊断"])):
        for code in codes or ():
            number = f"{mdtrt_id}-{code}"
            example.add(
                "setl_diag_list_d", diag_info_id=number, mdtrt_id=mdtrt_id, diag_code=code, diag_type=kind,
                maindiag_flag="0", adm_cond=visit["入院病情"] and str(visit["入院病情"]),
            )  # fmt: skip
    for code in visit["手术"] or ():
        number = f"{mdtrt_id}-{code}"
        example.add("oprninfo", oprn_info_id=number, mdtrt_id=mdtrt_id, oprn_oprt_code=code, oprn_oprt_date=begin)


def _settlement(
    example: Example,
    keys: Mapping[str, Any],
    visit: Mapping[str, Any],
    charges: list[dict[str, Any]],
    moment: dt.datetime | None,
) -> None:
    setl_id = keys["mdtrt_id"] + "-结算"
    total = sum(_fen(c["金额"]) for c in charges) or 10000
    in_scope = sum(_in_scope(c) for c in charges) if charges else 10000
    fund = in_scope * 7 // 10 if visit["基金"] == "有" else 0
    common = {**keys, "insutype": visit["险种"] and str(visit["险种"]), "setl_time": moment}
    example.add(
        "setl_d", setl_id=setl_id, **common, gend=SEXES[visit["结算性别"] or ""], brdy=_day(visit["结算生日"]),
        nwb_flag=_flag(visit["结算新生儿"] or visit["新生儿"]), hosp_lv="11" if visit["级别"] == "无等级" else None,
        lmtpric_hosp_lv=LEVELS[visit["级别"]], psn_setlway=str(visit["付费"]), medfee_sumamt=total, inscp_amt=in_scope,
        fund_pay_sumamt=fund, dise_no=visit["病种"], refd_setl_flag="0", marks=visit["结算标记"],
        age=None if visit["结算年龄"] is None else round(visit["结算年龄"] * 10), manl_reim_rea=visit["手工报销"],
        vali_flag="0" if visit["结算作废"] == "是" else "1",
    )  # fmt: skip
    if visit["结算退费"] == "是":
        example.add(
            "setl_d",
            setl_id=setl_id + "-退费",
            init_setl_id=setl_id,
            **common,
            medfee_sumamt=-total,
            inscp_amt=-in_scope,
            fund_pay_sumamt=-fund,
            refd_setl_flag="1",
        )


def _charge(example: Example, prefix: str, keys: Mapping[str, Any], charge: Mapping[str, Any]) -> None:
    bkkp_sn = prefix + charge["编号"]
    amount, count = _fen(charge["金额"]), round(charge["数量"] * 10000)
    example.add(
        "fee_list_d", bkkp_sn=bkkp_sn, setl_id=keys["mdtrt_id"] + "-结算", **keys, med_list_codg=charge["项目"],
        fee_ocur_time=_time(_day(charge["日期"]), charge["时刻"]), cnt=count,
        pric=amount * 10**8 // count if count else 0, det_item_fee_sumamt=amount,
        inscp_amt=_in_scope(charge), rx_drord_no=charge["处方"] and str(charge["处方"]),
        prd_days=charge["天数"] * 10000 if charge["天数"] else None, marks=charge["标记"],
        dscg_tkdrug_flag=charge["出院带药"] and _flag(charge["出院带药"]),
        pric_uplmt_amt=_fen(charge["定价上限"]) * 10**4 if charge["定价上限"] else None,
        overlmt_selfpay=_fen(charge["超限价"]) if charge["超限价"] else None,
        init_feedetl_sn=prefix + charge["退"] if charge["退"] else None,
        bilg_dept_codg=charge["科室"], acord_dept_codg=charge["执行科室"], dise_codg=charge["病种"],
        med_chrgitm_type=charge["类别"] and CATEGORIES[charge["类别"]], crte_time=_time(_day(charge["上传"]), "23:00"),
        bilg_dr_code=charge["医师"] and prefix + charge["医师"],
        vali_flag="0" if charge["作废"] == "是" else "1",
    )  # fmt: skip
    example.expect(bkkp_sn, charge["预期"], charge["违规金额"])


def _in_scope(charge: Mapping[str, Any]) -> int:
    return _fen(charge["金额"] if charge["范围内"] is None else charge["范围内"])


def _flag(word: str) -> str:
    return "1" if word == "是" else "0"


def _stored(table: Table, rows: list[dict[str, Any]]) -> pa.Table:
    valid = [row for row in rows if row.get("vali_flag") != "0"]
    return pa.table(
        {name: pa.array([_column(row, name) for row in valid], _ARROW[kind]) for name, kind in table.stored().items()}
    )


_ARROW = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}


def _column(row: Mapping[str, Any], name: str) -> Any:
    if name in row:
        value = row[name]
        return (
            value.date()
            if isinstance(value, dt.datetime) and name in ("brdy", "die_date", "invdate", "oprn_oprt_date")
            else value
        )
    base, _, part = name.rpartition("_")
    moment = row.get(base)
    if part == "day" and isinstance(moment, dt.datetime):
        return (moment - EPOCH).days
    if part == "min" and isinstance(moment, dt.datetime):
        return (moment - EPOCH) // dt.timedelta(minutes=1)
    return None


#: What one of a kind is in stored units.
_SCALES = {"cnt": 10_000, "pric": 1_000_000, "fen": 100}


def _raw(table: Table, name: str, value: Any, prefix: str) -> Any:
    if value is None:
        return None
    if name == "psn_key":
        return prefix + str(value)
    declared = table.field(name)
    if declared.kind in ("day", "time"):
        return _day(value)
    if declared.kind in _SCALES:
        return round(value * _SCALES[declared.kind])
    own = declared.key or name in (
        "setl_id",
        "mdtrt_id",
        "bkkp_sn",
        "fixmedins_code",
        "medins_prod_sel_no",
        "drug_trac_codg",
    )
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
