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
    "grade": {"restricted": "限制使用级抗菌药物", "special": "特殊使用级抗菌药物"},
    "unit": {"day": "按日", "hour": "按小时", "time": "按次", "gram": "按克", "piece": "按件"},
}
_WAYS = {
    "allow_inpatient": "住院",
    "allow_emergency": "急诊",
    "allow_outpatient": "门诊",
    "allow_internet": "互联网诊疗",
}


_TOGETHER = {"day": "同日", "session": "同次就诊同日", "encounter": "同次就诊", "prescription": "同一处方"}
_WITHIN = {"day": "每日", "encounter": "每次就诊", "year": "每年"}


Name = Callable[[str], str]
Row = Mapping[str, Any]


def limits(table: str, row: Row, name: Name) -> str:
    """One row of a limit table in words; `name` gives the name of an item code."""
    return _SAID[table](row, name) if table in _SAID else "，".join(_limit(row))


def _pair(row: Row, name: Name) -> str:
    first, second, together = name(row["code_a"]), name(row["code_b"]), _TOGETHER[row["window"]]
    unless = f"（当日另有{name(row['unless'])}的除外）" if row["unless"] else ""
    if row["keep"] == "a":
        return f"{first}已含{second}，{together}不再另收{unless}"
    return f"{first}与{second}{together}不得同时收费{unless}"


def _quantity(row: Row, name: Name) -> str:
    per = f"（每一{name(row['per'])}）" if row["per"] else ""
    return f"{_WITHIN[row['window']]}{per}至多 {row['cap_e4'] / 10_000:g}（{_VALUES['unit'][row['unit']]}计）"


def _need(row: Row, name: Name) -> str:
    when = f"此前 {row['days']} 天内" if row["window"] == "before" else _TOGETHER[row["window"]]
    return f"{when}须有{name(row['needs'])}"


def _amount(row: Row, name: Name) -> str:
    several = f"{row['parts']} 种同时收费时，" if row["parts"] else ""
    return f"{several}{_WITHIN[row['window']]}合计至多 {_yuan(row['cap_fen'])} 元"


def _price(row: Row, name: Name) -> str:
    stated = ((level, row[f"level_{n}_fen"]) for n, level in enumerate(("一级", "二级", "三级"), 1))
    return "，".join(f"{level}机构至多 {_yuan(fen)} 元" for level, fen in stated if fen is not None)


def _prophylaxis(row: Row, name: Name) -> str:
    operation = f"手术 {_span(row, 'operation')} "
    return operation + (f"预防使用至多 {row['days']} 天" if row["days"] else "不作预防使用")


def _span(row: Row, what: str) -> str:
    """A half-open range of codes: its end is not in it."""
    return f"{row[f'from_{what}']}（含）至 {row[f'to_{what}']}（不含）"


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}" if fen % 100 else f"{fen // 100}"


def _limit(row: Row) -> list[str]:
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


def _codes(row: Row) -> str:
    return str(row["codes"]).replace("|", "、")


_SAID: dict[str, Callable[[Row, Name], str]] = {
    "pair": _pair,
    "quantity": _quantity,
    "need": _need,
    "amount": _amount,
    "price": _price,
    "course": lambda row, name: f"{_VALUES['scope'][row['scope']]}至多支付 {row['days']} 天",
    "cycle": lambda row, name: f"{row['days']} 天内至多支付 {row['times']} 次",
    "item_group": lambda row, name: f"同组：{row['group_name']}",
    "evidence": lambda row, name: f"编码 {_span(row, 'code')} 须有此收费",
    "mismatch": lambda row, name: f"手术 {_span(row, 'operation')} 与主要诊断 {_span(row, 'diagnosis')} 不符",
    "prophylaxis": _prophylaxis,
    "drug_grade": lambda row, name: _VALUES["grade"][row["grade"]],
    "code_set": lambda row, name: f"{_VALUES['set_mode'][row['mode']]}：{_codes(row)}",
    "record_code": lambda row, name: f"{_VALUES['coded_in'][row['source']]} {_codes(row)}：{'，'.join(_limit(row))}",
}
