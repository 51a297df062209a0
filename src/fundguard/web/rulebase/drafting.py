"""Writing a version: from a form, a pack or a narrowing; read as strictly as what ships, its examples run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from fundguard import law
from fundguard.audit.example_runs import Tried, run_examples
from fundguard.errors import Refusal
from fundguard.knowledge.own import read_own, with_own
from fundguard.rules import catalogue
from fundguard.rules.packs import opened, public_key, read_examples
from fundguard.rules.rule import Rule, read_rule
from fundguard.rules.shape import shapes
from fundguard.web.accounts.guard import Viewer
from fundguard.web.core.known import of_region
from fundguard.web.ledger.services import record
from fundguard.web.rulebase import in_force, lookup
from fundguard.web.rulebase.models import PackKey, Version
from fundguard.web.scorecard import selectors as scorecard

LEDGER_KIND = "规则版本"
FIRST_LOCAL = 501  # the codes below are for rules that ship
EXCEPTABLE = {"point": "知识点", "fixmedins_code": "定点机构"}


@dataclass(frozen=True)
class Draft:
    """A version before it is written."""

    data: Mapping[str, Any]
    points: str = ""
    examples: str = ""
    origin: str = Version.Origin.FORM
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class Checked:
    """A draft that reads well: the rule it makes, its SQL, and what its examples answered."""

    rule: Rule
    sql: str
    tried: Tried
    amber: str = ""


def next_code() -> str:
    """The next free code for a local rule; a code is never given twice."""
    taken = {*catalogue.load(), *Version.objects.values_list("rule_code", flat=True)}
    number = max([FIRST_LOCAL - 1, *(int(code[1:]) for code in taken if code.startswith("L"))]) + 1
    if number > 999:
        raise Refusal("本地规则编码已用完", where="规则编码", remedy="请联系系统管理员")
    return f"L{number:03d}"


def checked(draft: Draft, region: str) -> Checked:
    """Reads a draft and runs its examples with the values of the region. Refuses what a pack would be refused for."""
    rule = read_rule(dict(draft.data), str(draft.data.get("code", "规则")))
    article = law.article(rule.article)
    shape = shapes()[rule.shape]
    knowledge = of_region(region)
    if draft.points.strip():
        own = read_own(rule.code, shape.knowledge, draft.points, date.fromisoformat(rule.valid_from))
        knowledge = with_own(knowledge, shape.knowledge, own)
    if re.search(r"\d{15,}", draft.examples + draft.note):
        raise Refusal("示例和说明不能写证件号码", where="示例", remedy="人物用甲、乙等代称")
    tried = run_examples(rule, read_examples(rule.code, draft.examples), knowledge, region=region)
    sql = ";\n\n".join(shape.statements).replace("{knowledge}", f"k_{shape.name}") + ";"
    return Checked(rule, sql, tried, amber(article))


def amber(article: law.Article | None) -> str:
    """Why a rule that cites this article needs attention; empty where it need not."""
    if article is None:
        return "依据的条文没有登记"
    today = timezone.localdate()
    if article.in_force_to is not None and article.in_force_to <= today:
        return f"依据的条文已于 {article.in_force_to.isoformat()} 失效"
    return ""


@transaction.atomic
def write(viewer: Viewer, draft: Draft) -> Version:
    """A new version, numbered after the last. Refuses a rule whose examples fail or show no hit or no clear case, and a
    version that says the same as the last; an older content may come again as a version of its own."""
    home = viewer.user.region
    told = checked(draft, home.code)
    if told.tried.fault is not None:
        raise Refusal("规则不能运行", where=told.rule.code, seen=told.tried.fault.what, remedy=told.tried.fault.remedy)
    if not told.tried.passed:
        raise Refusal(
            "示例没有通过",
            where=told.rule.code,
            seen=f"不符 {len(told.tried.wrong)} 处",
            remedy="请改正规则或者示例；示例须有应当命中的和完全不涉及的各一例以上",
        )
    code = told.rule.code
    if code in catalogue.load():
        in_force.shipped_version(code)
    elif not code.startswith("L") or int(code[1:]) < FIRST_LOCAL:
        raise Refusal("该编码不能用于本地规则", where="规则编码", seen=code, remedy="本地规则用 L501 起的编码")
    own = Version.objects.filter(rule_code=code)
    last = own.order_by("-number").first()
    if last is not None and last.data["shape"] != told.rule.shape:
        raise Refusal("新版本不能改换形状", where=code, seen=told.rule.shape, remedy="请另建一条规则，停用原来的")
    number = (last.number if last else 0) + 1
    data = {n: v for n, v in draft.data.items() if n != "regions"} | {"version": number, "state": "draft"}
    said = _content(data, draft.points, draft.examples)
    if last is not None and _content(last.data, last.points, last.examples) == said:
        raise Refusal("与上一版内容相同", where=code, remedy="没有改动的，不需另存版本")
    made = Version.objects.create(
        rule_code=code,
        number=number,
        region=home.code,
        origin=draft.origin,
        source=draft.source[:60],
        data=data,
        points=draft.points,
        examples=draft.examples,
        content_hash=read_rule(data, code).content_hash,
        note=draft.note[:500],
        made_by=viewer.user,
    )
    cache.delete(lookup.NAMES)
    detail = {"规则": code, "版本": number, "来源": made.get_origin_display(), "内容": made.content_hash}
    record(viewer.user, "起草规则版本", LEDGER_KIND, str(made), region=home.code, detail=detail)
    return made


def from_narrowing(viewer: Viewer, pk: int) -> Draft:
    """The version in force with what the accepted draft leaves out. Refuses a feature that no field tells."""
    one = scorecard.narrowing(viewer, pk)
    if one.state != one.State.ACCEPTED:
        raise Refusal("这条建议没有采纳", where=one.number, seen=one.get_state_display(), remedy="请先审核建议")
    ((feature, value),) = one.condition["except"].items()
    if feature not in EXCEPTABLE:
        raise Refusal(
            "不成立的理由不是数据里的特征，不能直接排除",
            where=one.number,
            seen=one.value[:60],
            remedy="请在规则的新版本中修改参数、适用范围或者知识点",
        )
    base = base_of(one.rule_code, one.region)
    excepted = {name: list(values) for name, values in (base.data.get("excepted") or {}).items()}
    excepted[feature] = sorted({*excepted.get(feature, []), *str(value).split(",")})
    data = dict(base.data) | {"excepted": excepted}
    note = f"按收窄建议 {one.number}：排除{EXCEPTABLE[feature]} {one.value}"
    return Draft(data, base.points, base.examples, Version.Origin.NARROWING, one.number, note)


def base_of(code: str, region: str) -> Version:
    """What a new version begins from: the version in force there, else the shipped one, else the last."""
    placed = in_force.placed_in(code, region)
    if placed is not None:
        return placed.version
    if code in catalogue.load():
        return in_force.shown_version(code)
    last = Version.objects.filter(rule_code=code).order_by("-number").first()
    if last is None:
        raise Refusal("没有这条规则", where="规则编码", seen=code, remedy="请从规则库的列表中选择")
    return last


@transaction.atomic
def take_pack(viewer: Viewer, content: bytes) -> list[Version]:
    """Every rule of a signed pack as a draft version; all of them or none. Nothing of it is in force by that."""
    keys = PackKey.objects.exclude(confirmed_by=None)
    pack = opened(content, [public_key(one.public_key) for one in keys])
    source = f"{pack.name} 第 {pack.version} 版 {pack.fingerprint}"
    made = []
    for entry in pack.entries:
        data = {n: v.isoformat() if hasattr(v, "isoformat") else v for n, v in entry.data.items()}
        made.append(write(viewer, Draft(data, "", entry.examples, Version.Origin.PACK, source, pack.issuer)))
    return made


def _content(data: Mapping[str, Any], points: str, examples: str) -> tuple[Any, ...]:
    return {n: v for n, v in data.items() if n not in ("version", "state")}, points.strip(), examples.strip()
