"""Guarded reads of findings: the place of treatment reads its own, the place of insurance its insured's, an
institution only itself, a doctor only what concerns him."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Substr
from django.db.models.lookups import Exact
from django.shortcuts import get_object_or_404

from fundguard.findings.excel import COLUMNS
from fundguard.findings.foreign import foreign_sources
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import Region
from fundguard.web.accounts.selectors import owned
from fundguard.web.findings.models import Finding, FindingCount, TakenRun
from fundguard.web.findings.pages import Amount, Row
from fundguard.web.rulebase import lookup

#: Value of `?sort=` → column. Nothing that is masked can be sorted by: an order tells as much as the value.
SORTS = {
    "institution": "institution_name",
    "rule": "rule_code",
    "day": "occurred_from",
    "amount": "amount_fen",
    "counted": "counted_fen",
}
DEFAULT_SORT = "-counted"
FOREIGN_FOLDER = "foreign-"  # how the folders begin that hold published foreign findings
POOL = 4  # digits of a division that name its pool (统筹区): a city
#: What of the filter only the findings themselves know.
_ROW_BY_ROW = ("least", "most", "first", "last")


def findings(viewer: Viewer) -> QuerySet[Finding]:
    """All findings that the viewer may know of."""
    return Finding.objects.filter(_visible(viewer))


def _visible(viewer: Viewer) -> Q:
    if viewer.institutions is None:
        return Q(region__in=owned(viewer)) | (Q(insured_region__in=viewer.regions) & ~Q(region=""))
    own = Q(fixmedins_code__in=viewer.institutions)
    if viewer.practitioner is None:
        return own
    return own & Q(dr_code=viewer.practitioner) if viewer.practitioner else Q(pk__in=())


def finding(viewer: Viewer, key: str) -> Finding:
    """One finding, or Http404 both where there is none and where the viewer may not know of it."""
    return get_object_or_404(findings(viewer).select_related("run"), pk=key)


def treated_here(viewer: Viewer, one: Finding) -> bool:
    """Is it the viewer's own place of treatment, not only that of insurance?"""
    return viewer.institutions is not None or one.region in owned(viewer)


def matching(viewer: Viewer, wanted: Mapping[str, Any]) -> QuerySet[Finding]:
    """Findings of the tab that match the filter (`forms.QueueFilter` cleaned)."""
    return _filtered(viewer, wanted).filter(_tab(wanted.get("tab") or "open"))


def amounts(viewer: Viewer, wanted: Mapping[str, Any]) -> dict[str, Amount]:
    """Number and counted amount of every tab over everything that matches the filter; one query."""
    if _in_sums(viewer, wanted):
        summed = _narrowed(FindingCount.objects.filter(_visible(viewer)), viewer, wanted)
        rows = summed.values_list("state", "verdict").annotate(Sum("number"), Sum("fen"))
    else:
        rows = _filtered(viewer, wanted).values_list("state", "verdict").annotate(Count("pk"), Sum("counted_fen"))
    tabs: dict[str, Amount] = {}
    for state, verdict, count, fen in rows.order_by():
        for tab in ("open", verdict) if state == Finding.State.OPEN else ("withdrawn",):
            former = tabs.get(tab, Amount(0, 0))
            tabs[tab] = Amount(former.count + count, former.counted_fen + fen)
    return tabs


def rows(viewer: Viewer, found: QuerySet[Finding], sort: str, first: int, size: int) -> list[Row]:
    """A page of the queue in the order asked for; what cannot be sorted by is sorted by amount."""
    regions = region_names()
    keys = list(_ordered(found, sort).values_list("pk", flat=True)[first : first + size])
    told = Finding.objects.in_bulk(keys)
    return [_row(viewer, told[key], regions) for key in keys]


def export_rows(found: QuerySet[Finding]) -> Iterator[dict[str, Any]]:
    """Every finding of a list as the Excel export takes it."""
    names = [name for name, *_ in COLUMNS if name != "rule_name"]
    return _ordered(found, DEFAULT_SORT).values(*names).iterator(chunk_size=2000)


def of_encounter(viewer: Viewer, one: Finding) -> list[Finding]:
    """All findings of the same encounter, this one first; alone where it has no encounter."""
    if not one.mdtrt_id:
        return [one]
    found = findings(viewer).filter(mdtrt_id=one.mdtrt_id, fixmedins_code=one.fixmedins_code).select_related("run")
    return sorted(found, key=lambda f: (f.pk != one.pk, f.state != Finding.State.OPEN, f.rule_code, f.pk))


def with_findings(viewer: Viewer, encounters: list[str]) -> dict[str, str]:
    """Which of these encounters have a finding that the viewer may know of: encounter → a finding's key."""
    found = findings(viewer).filter(mdtrt_id__in=encounters).order_by("-pk")
    return dict(found.values_list("mdtrt_id", "pk"))


def by_rule(viewer: Viewer) -> dict[str, Amount]:
    """Standing findings of each rule: number and counted amount."""
    standing = findings(viewer).filter(state=Finding.State.OPEN).values_list("rule_code").order_by()
    return {code: Amount(n, fen) for code, n, fen in standing.annotate(n=Count("pk"), fen=Sum("counted_fen"))}


def of_items(viewer: Viewer, codes: tuple[str, ...]) -> Amount:
    """Standing findings whose accused charges have one of these item codes."""
    touched = Q()
    for code in codes:
        touched |= Q(item_codes__contains=f" {code} ")
    total = findings(viewer).filter(touched, state=Finding.State.OPEN).aggregate(n=Count("pk"), fen=Sum("counted_fen"))
    return Amount(total["n"], total["fen"] or 0)


def last_run() -> TakenRun | None:
    """The newest run of the rules; foreign findings came by none."""
    return TakenRun.objects.exclude(folder__startswith=FOREIGN_FOLDER).order_by("-taken_at").first()


def taken_folders() -> frozenset[str]:
    """Folders whose findings are on the site, by name below the folder of runs."""
    return frozenset(TakenRun.objects.values_list("folder", flat=True))


def region_names() -> dict[str, str]:
    return dict(Region.objects.order_by("code").values_list("code", "name"))


def rule_names() -> dict[str, str]:
    """Rules that ship and local ones, then the sources of foreign findings, which stand in the place of a rule."""
    return lookup.every_name() | {code: source.name for code, source in foreign_sources().items()}


def number(key: str) -> str:
    """The number that people read aloud."""
    return Finding(pk=key).number


def shown(keys: Collection[str]) -> dict[str, Finding]:
    """Findings of keys that the caller was already allowed to see."""
    return Finding.objects.in_bulk(keys)


def any_of_settlements(keys: QuerySet[Any], setl_ids: Collection[str]) -> bool:
    """Whether a finding of these keys concerns one of these settlements."""
    return Finding.objects.filter(pk__in=keys, setl_id__in=setl_ids).exists()


def settlements(keys: QuerySet[Any]) -> dict[str, int]:
    """Region → settlements that findings of these keys concern; without a settlement the encounter stands for it."""
    told = Finding.objects.filter(pk__in=keys).values_list("region").order_by()
    counted = told.annotate(
        settled=Count("setl_id", distinct=True, filter=~Q(setl_id="")),
        visited=Count("mdtrt_id", distinct=True, filter=Q(setl_id="") & ~Q(mdtrt_id="")),
    )
    return {region: settled + visited for region, settled, visited in counted}


def stated() -> Iterator[dict[str, Any]]:
    """What every finding stands at, for the desk to follow; with the folder of the run that told it."""
    columns = ("finding_key", "finding_id", "state", "told", "region", "fixmedins_code", "rule_code", "verdict")
    more = ("subject_kind", "amount_fen", "counted_fen", "run_id", "run__folder")
    return Finding.objects.order_by("run_id", "pk").values(*columns, *more).iterator(chunk_size=2000)


def _filtered(viewer: Viewer, wanted: Mapping[str, Any]) -> QuerySet[Finding]:
    return _narrowed(findings(viewer), viewer, wanted)


def _in_sums(viewer: Viewer, wanted: Mapping[str, Any]) -> bool:
    """Whether the sums know everything that is asked: no doctor, amount or day, no word that could be a number."""
    asked = any(wanted.get(name) not in (None, "") for name in _ROW_BY_ROW)
    word = wanted.get("q") or ""
    return viewer.practitioner is None and not asked and not (word and word.isascii())


def _narrowed(found: QuerySet[Any], viewer: Viewer, wanted: Mapping[str, Any]) -> QuerySet[Any]:
    """Findings, or their sums: both have the columns of the place."""
    if word := wanted.get("q"):
        found = found.filter(_said(word))
    if institution := wanted.get("institution"):
        found = found.filter(fixmedins_code__in=_places(institution))
    same = {"rule": "rule_code", "cause": "cause", "region": "region", "level": "level"}
    found = found.filter(**{column: wanted[name] for name, column in same.items() if wanted.get(name)})
    found = found.filter(**_bounds(wanted))
    if wanted.get("crossing") == "in":
        insured, treated = Substr("insured_region", 1, POOL), Substr("region", 1, POOL)
        found = found.filter(region__in=viewer.regions).exclude(insured_region="").exclude(Exact(insured, treated))
    elif wanted.get("crossing") == "out":
        found = found.exclude(region__in=viewer.regions)
    return found


def _said(word: str) -> Q:
    named = [code for code, name in rule_names().items() if word in name]
    match = Q(rule_code__in=named) | Q(fixmedins_code__in=_places(word))
    if not word.isascii():  # no number of ours
        return match
    numbered = Q(finding_key__istartswith=word.upper().removeprefix("YD-")) | Q(rule_code__iexact=word)
    return match | numbered | Q(item_codes__icontains=word)


def _places(word: str) -> list[str]:
    """Codes of the institutions that are so called or have the word in their name."""
    known = FindingCount.objects.filter(Q(fixmedins_code__iexact=word) | Q(institution_name__icontains=word))
    return list(known.values_list("fixmedins_code", flat=True).distinct())


def _bounds(wanted: Mapping[str, Any]) -> dict[str, int | date]:
    """Amounts are asked for in yuan and kept in fen; an occurrence counts where it touches the period."""
    least, most = wanted.get("least"), wanted.get("most")
    bounds: dict[str, int | date] = {}
    if least is not None:
        bounds["amount_fen__gte"] = int(Decimal(least) * 100)
    if most is not None:
        bounds["amount_fen__lte"] = int(Decimal(most) * 100)
    if wanted.get("first"):
        bounds["occurred_to__gte"] = wanted["first"]
    if wanted.get("last"):
        bounds["occurred_from__lte"] = wanted["last"]
    return bounds


def _tab(tab: str) -> Q:
    if tab == "withdrawn":
        return Q(state=Finding.State.WITHDRAWN)
    return Q(state=Finding.State.OPEN) if tab == "open" else Q(state=Finding.State.OPEN, verdict=tab)


def _ordered(found: QuerySet[Finding], sort: str) -> QuerySet[Finding]:
    name = sort.removeprefix("-")
    if name not in SORTS:
        sort, name = DEFAULT_SORT, DEFAULT_SORT.removeprefix("-")
    column = F(SORTS[name])
    last = True if Finding._meta.get_field(SORTS[name]).null else None
    order = column.desc(nulls_last=last) if sort.startswith("-") else column.asc(nulls_last=last)
    return found.order_by(order, "pk")


def _row(viewer: Viewer, one: Finding, regions: Mapping[str, str]) -> Row:
    rule = lookup.rule(one.rule_code)
    return Row(
        key=one.pk,
        number=one.number,
        institution=one.institution_name or one.fixmedins_code,
        region=regions.get(one.region, one.region),
        crossing=_crossing(viewer, one),
        klass=rule.klass.rpartition("/")[2] if rule else "",
        rule_code=one.rule_code,
        rule_name=rule_names().get(one.rule_code, one.rule_code),
        person=one.psn_key,
        day=one.occurred_from,
        amount_fen=one.amount_fen,
        counted_fen=one.counted_fen,
        verdict=one.verdict,
        cause=one.cause,
        state=one.get_state_display(),
        withdrawn=one.state == Finding.State.WITHDRAWN,
        told=one.told,
    )


def _crossing(viewer: Viewer, one: Finding) -> str:
    if not treated_here(viewer, one):
        return "外地就医"
    return "异地" if one.insured_region and one.insured_region[:POOL] != one.region[:POOL] else ""
