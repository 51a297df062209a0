"""Where a version is to be in force: one person proposes, another decides; each leaves a row in the ledger."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from fundguard import law
from fundguard.errors import Refusal
from fundguard.rules.packs import fingerprint, public_key
from fundguard.web.accounts.guard import Viewer
from fundguard.web.ledger.services import record
from fundguard.web.rulebase import in_force, lookup, selectors
from fundguard.web.rulebase.drafting import amber
from fundguard.web.rulebase.models import PackKey, Placement, Version

LEDGER_KIND, KEY_KIND = "规则状态", "规则包公钥"
REASON_AT_LEAST = 6
Act = Placement.Act


@dataclass(frozen=True)
class Asked:
    """What is to become of a version in a region and what lies below it, or for some institutions there."""

    version: Version
    act: str
    region: str
    institutions: Sequence[str] = ()


@transaction.atomic
def propose(viewer: Viewer, asked: Asked, reason: str) -> Placement:
    """Refuses a region out of reach, too short a reason, a second proposal while one waits, and what `bars` names."""
    if asked.region not in viewer.regions:
        raise Refusal("区划不在本账号的管理范围内", where="区划", remedy="请选择本级或者下级区划")
    _written(reason, "理由")
    _bar(asked)
    placed = in_force.placed_in(asked.version.rule_code, asked.region)
    back = asked.act == Act.PUBLISH and placed is not None and asked.version.number < placed.version.number
    made = Placement(
        rule_code=asked.version.rule_code,
        version=asked.version,
        act=asked.act,
        back=back,
        region=asked.region,
        institutions=sorted(set(asked.institutions)),
        reason=reason.strip(),
        proposed_by=viewer.user,
    )
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise Refusal(
            "该规则在本区划已有待审批的变更", where=asked.version.rule_code, remedy="请先审批或者退回原来的"
        ) from None
    _record(viewer, f"提请{made.act_said}规则", made, {"理由": made.reason, "机构数": len(made.institutions)})
    return made


@transaction.atomic
def decide(viewer: Viewer, pk: int, confirm: bool, opinion: str) -> Placement:
    """A second person, who neither proposed nor wrote the version, agrees or declines. What bars it is asked again."""
    made = Placement.objects.select_for_update(of=("self",)).filter(pk=pk, region__in=viewer.regions).first()
    if made is None:
        raise Http404
    if made.outcome != Placement.Outcome.PENDING:
        raise Refusal(
            "该变更已经审批过", where=made.number, seen=made.get_outcome_display(), remedy="请刷新页面查看结果"
        )
    if viewer.user.pk in (made.proposed_by_id, made.version.made_by_id):
        raise Refusal(
            "起草人、提出人不能审批", where=made.number, remedy="请由有审批权限的另一人办理（一人起草、另一人审批）"
        )
    if confirm:
        _bar(Asked(made.version, made.act, made.region, made.institutions))
    _written(opinion, "审批意见", at_least=0 if confirm else REASON_AT_LEAST)
    made.outcome = Placement.Outcome.CONFIRMED if confirm else Placement.Outcome.DECLINED
    made.decided_by, made.decided_at, made.opinion = viewer.user, timezone.now(), opinion.strip()[:500]
    made.save()
    cache.delete(lookup.NAMES)
    _record(viewer, f"{'同意' if confirm else '不同意'}{made.act_said}规则", made, {"意见": made.opinion})
    return made


def bars(asked: Asked) -> list[Refusal]:
    """Every reason why it may not be, not the first alone."""
    if asked.act == Act.TRIAL:
        return _expired(asked.version)
    if asked.act != Act.PUBLISH:
        return []
    return [*_expired(asked.version), *_unreplayed(asked), *_group(asked)]


@transaction.atomic
def propose_key(viewer: Viewer, text: str, issuer: str) -> PackKey:
    """A key to be trusted once a second person has compared it. Refuses what is no key and one that stands already."""
    key = public_key(text)
    _written(issuer, "发布单位", at_least=2)
    named = key.public_bytes_raw().hex()
    if PackKey.objects.filter(public_key=named).exists():
        raise Refusal("该公钥已经登记", where="公钥", seen=fingerprint(key), remedy="请在列表中查看")
    made = PackKey.objects.create(public_key=named, issuer=issuer.strip()[:100], proposed_by=viewer.user)
    detail = {"发布单位": made.issuer, "指纹": fingerprint(key)}
    record(viewer.user, "登记规则包公钥", KEY_KIND, fingerprint(key), region=_home(viewer), detail=detail)
    return made


@transaction.atomic
def confirm_key(viewer: Viewer, pk: int) -> PackKey:
    made = PackKey.objects.select_for_update(of=("self",)).filter(pk=pk, confirmed_by=None).first()
    if made is None:
        raise Refusal("该公钥已经确认", where="公钥", remedy="请刷新页面查看")
    if made.proposed_by_id == viewer.user.pk:
        raise Refusal("登记人不能确认自己登记的公钥", where="公钥", remedy="请由另一人与发布单位核对后确认")
    made.confirmed_by, made.confirmed_at = viewer.user, timezone.now()
    made.save()
    named = fingerprint(public_key(made.public_key))
    record(viewer.user, "确认规则包公钥", KEY_KIND, named, region=_home(viewer), detail={"发布单位": made.issuer})
    return made


def _bar(asked: Asked) -> None:
    for one in bars(asked):
        raise one


def _expired(version: Version) -> list[Refusal]:
    try:
        said = amber(law.article(version.data["article"]))
    except Refusal:
        said = amber(None)
    return [Refusal(said, where=str(version), remedy="请起草新版本，改用现行有效的条文")] if said else []


def _unreplayed(asked: Asked) -> list[Refusal]:
    """A version that was never in force there must have been run over the history, and neither accuse again what people
    rejected nor lose what they upheld. Going back to what was in force needs no replay."""
    if asked.version.origin == Version.Origin.SHIPPED or selectors.was_in_force(asked.version, asked.region):
        return []
    replay = selectors.replay_of(asked.version, asked.region)
    if replay is None:
        return [
            Refusal("这一版没有在全部历史数据上回放", where=str(asked.version), remedy="请先“回放”，看过结果再提请发布")
        ]
    if not replay.blocked:
        return []
    judged = replay.told["total"]["judged"]
    seen = f"重新指控已认定不成立的 {judged['false_new']} 条，漏掉已认定成立的 {judged['true_lost']} 条"
    return [Refusal("回放不通过，不能发布", where=replay.number, seen=seen, remedy="请修改规则，另起草一版再回放")]


def _group(asked: Asked) -> list[Refusal]:
    placed = in_force.placed_in(asked.version.rule_code, asked.region)
    elsewhere = placed is None and not in_force.unpublished(asked.version.rule_code, asked.region)
    whole = placed is not None and placed.act == Act.PUBLISH and not placed.institutions
    if not asked.institutions or not (whole or elsewhere):
        return []
    remedy = "请先试运行比较新旧两版，再在整个区划发布；或者先停用"
    return [Refusal("本区划全部机构已在用这条规则，不能只对部分机构换版本", where=str(asked.version), remedy=remedy)]


def _record(viewer: Viewer, act: str, made: Placement, detail: dict[str, object]) -> None:
    told = {"规则": made.rule_code, "版本": made.version.number, **detail}
    record(viewer.user, act, LEDGER_KIND, made.number, region=made.region, detail=told)


def _home(viewer: Viewer) -> str:
    return viewer.user.region.code if viewer.user.region else ""


def _written(text: str, where: str, at_least: int = REASON_AT_LEAST) -> None:
    if len(text.strip()) < at_least:
        raise Refusal("须写明理由", where=where, remedy=f"请写明事实和依据，至少 {at_least} 个字")
    if re.search(r"\d{11,}", text):
        raise Refusal("不能写证件号码或电话号码", where=where, remedy="请只写事实、依据和文号")
