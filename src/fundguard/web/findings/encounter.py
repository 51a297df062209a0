"""The page of a finding, put together from what the viewer may see."""

from __future__ import annotations

from dataclasses import replace

from fundguard import law
from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer
from fundguard.web.core.paging import Page
from fundguard.web.core.parts import Happening
from fundguard.web.findings import claims, selectors
from fundguard.web.findings.models import Finding
from fundguard.web.findings.pages import Accusation, Encounter
from fundguard.web.findings.words import LEVELS
from fundguard.web.ledger.selectors import of_object
from fundguard.web.rulebase import lookup

LEDGER_KIND = "疑点"
CHARGES_SHOWN = "50"


def encounter(viewer: Viewer, one: Finding, *, lit_only: bool = False, number: str = "1") -> Encounter:
    """Everything on the page of one finding; `number` is the page of its charges, or of those that findings read."""
    page = _head(viewer, one)
    found = selectors.of_encounter(viewer, one)
    page = replace(page, accusations=[accusation(f) for f in found], history=_history(viewer, one))
    if not page.open_here:
        return replace(page, elsewhere=claims.evidence(found, frozenset(), own=False).elsewhere)
    standing = [f for f in found if f.state == Finding.State.OPEN or f.pk == one.pk]
    with claims.reach((viewer.regions | {one.region}) - {""}, one.fixmedins_code) as connection:
        keys = claims.charge_keys(connection, one) if one.mdtrt_id else {}
        told = claims.evidence(standing, frozenset(keys), own=True)
        begin, end, kind = claims.period(connection, one)
        settled = claims.settlements(connection, one)
        visits = claims.others(connection, one)
        shown = Page.asked({"page": number, "size": CHARGES_SHOWN}, len(told.on_charges if lit_only else keys))
        charges = claims.charges(connection, one, told, shown, lit_only=lit_only)
    reached = selectors.with_findings(viewer, [visit.mdtrt_id for visit in visits])
    named = {one.mdtrt_id, *keys, *(settlement.setl_id for settlement in settled)}
    return replace(
        page,
        kind=kind,
        begin=begin or page.begin,
        end=end or page.end,
        settlements=settled,
        charges=charges,
        page=shown,
        charge_count=len(keys),
        lit_count=len(told.on_charges),
        evidence=told.others,
        elsewhere=told.elsewhere,
        others=[replace(visit, finding=reached.get(visit.mdtrt_id, "")) for visit in visits],
        coverage=claims.checked(one, named, keys.values()) if one.mdtrt_id else None,
    )


def accusation(one: Finding) -> Accusation:
    """A finding with its rule's words; a rule that is no longer in the catalogue leaves them empty."""
    rule = lookup.rule(one.rule_code)
    article = _article(rule.article if rule else "")
    return Accusation(
        key=one.pk,
        number=one.number,
        rule_code=one.rule_code,
        rule_name=selectors.rule_names().get(one.rule_code, one.rule_code),
        klass=rule.klass.rpartition("/")[2] if rule else "",
        message=one.message,
        verdict=one.verdict,
        limit_reason=(rule.limit_reason or "") if rule else "",
        cause=one.cause,
        article=article.cited if article else "",
        article_label=article.label if article else "",
        article_flag=article.flag if article else "",
        papers=rule.papers if rule else (),
        amount_fen=one.amount_fen,
        fund_amount_fen=one.fund_amount_fen,
        counted_fen=one.counted_fen,
        state=one.get_state_display(),
        withdrawn=one.state == Finding.State.WITHDRAWN,
        told=one.told,
    )


def _article(ref: str) -> law.Article | None:
    try:
        return law.article(ref)
    except Refusal:
        return None


def _head(viewer: Viewer, one: Finding) -> Encounter:
    regions = selectors.region_names()
    return Encounter(
        number=one.number,
        key=one.pk,
        title=selectors.rule_names().get(one.rule_code, one.rule_code),
        institution=one.institution_name or one.fixmedins_code or "涉及多家机构",
        institution_code=one.fixmedins_code,
        level=LEVELS.get(one.level, "未定级"),
        region=regions.get(one.region, one.region),
        insured=regions.get(one.insured_region, one.insured_region),
        kind="",
        begin=one.occurred_from,
        end=one.occurred_to,
        mdtrt_id=one.mdtrt_id,
        dr_code=one.dr_code,
        person=one.psn_key,
        open_here=selectors.treated_here(viewer, one),
        accusations=[],
    )


def _history(viewer: Viewer, one: Finding) -> list[Happening]:
    """The ledger's rows of this finding, newest first, and below them how it came about. An institution sees what
    became of the finding, not who of the bureau looked at what."""
    entries = of_object(viewer, LEDGER_KIND, one.pk)
    if viewer.institutions is not None:
        entries = entries.filter(actor=None)
    told = [
        Happening(
            entry.at,
            entry.act,
            str(entry.actor or "系统"),
            "；".join(f"{name}：{value}" for name, value in entry.detail.items()),
        )
        for entry in entries
    ]
    source = f"核查运行 {one.run_id[:8]}，规则第 {one.rule_version} 版，知识库 {one.knowledge_version[:8]}"
    return [*told, Happening(one.created_at, "生成疑点", "系统", source)]
