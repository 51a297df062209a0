"""Limits, parameters and states in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

STATES = {"draft": "草案", "trial": "试运行", "published": "已发布", "retired": "已停用"}
_VALUES = {
    "sex": {"1": "限男性", "2": "限女性"},
    "age_group": {"newborn": "限新生儿", "child": "限儿童", "working": "限在职年龄"},
    "insurance": {"injury": "限工伤保险", "maternity": "限生育保险"},
    "hosp_lv_min": {"2": "限二级及以上机构", "3": "限三级机构"},
    "set_mode": {"require": "限编码", "forbid": "禁用于编码"},
    "coded_in": {"diagnosis": "诊断", "operation": "手术操作"},
    "mode": {"single": "单味使用不支付", "both": "单味、复方均不支付"},
    "scope": {"encounter": "一次就诊", "episode": "一个疗程", "year": "一年"},
    "unit": {"day": "按日", "hour": "按小时"},
}
_WAYS = {
    "allow_inpatient": "住院",
    "allow_emergency": "急诊",
    "allow_outpatient": "门诊",
    "allow_internet": "互联网诊疗",
}


def limits(table: str, row: Mapping[str, Any], name: Callable[[str], str]) -> str:
    """One row of a limit table in words; `name` gives the name of an item code."""
    if table == "pair":
        return f"{name(row['code_a'])}已含{name(row['code_b'])}，同日不再另收"
    return _SAID.get(table, lambda row: "，".join(_limit(row)))(row)


def _limit(row: Mapping[str, Any]) -> list[str]:
    said = [words[row[name]] for name, words in _VALUES.items() if row.get(name) in words]
    youngest, oldest = row.get("age_from_years"), row.get("age_to_years")
    if youngest is not None:
        said.append(f"满 {youngest} 周岁起")
    if oldest is not None:
        said.append(f"未满 {oldest} 周岁")
    allowed = [word for name, word in _WAYS.items() if row.get(name) == 1]
    refused = [word for name, word in _WAYS.items() if row.get(name) == 0]
    if allowed:
        said.append(f"限{'、'.join(allowed)}")
    elif refused:
        said.append(f"{'、'.join(refused)}不支付")
    return said


def _codes(row: Mapping[str, Any]) -> str:
    return str(row["codes"]).replace("|", "、")


#: What a row of a table says, other than by its columns one by one.
_SAID: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "quantity": lambda row: f"每日至多 {row['cap_e4'] / 10_000:g}（{_VALUES['unit'][row['unit']]}计）",
    "course": lambda row: f"{_VALUES['scope'][row['scope']]}至多支付 {row['days']} 天",
    "cycle": lambda row: f"{row['days']} 天内至多支付 {row['times']} 次",
    "surgery_group": lambda row: f"同组手术：{row['group_name']}",
    "code_set": lambda row: f"{_VALUES['set_mode'][row['mode']]}：{_codes(row)}",
    "record_code": lambda row: f"{_VALUES['coded_in'][row['source']]} {_codes(row)}：{'，'.join(_limit(row))}",
}
