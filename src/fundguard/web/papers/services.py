"""Issuing and revoking papers. Callers hand over plain values; the number is drawn in the same transaction as the paper
is stored, so no number is lost and none is used twice."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import transaction

from fundguard.errors import Refusal
from fundguard.papers import Heading, compose
from fundguard.web.accounts.models import Region, User
from fundguard.web.ledger.services import record
from fundguard.web.papers.models import Paper, Series
from fundguard.web.papers.own import own_kinds

LEDGER_KIND = "文书"
REVOCATION = "revocation"
REVOKING = (REVOCATION, "recall")  # kinds that revoke others; nothing revokes them


@dataclass(frozen=True)
class Party:
    """To whom a paper goes: the institution's code and name."""

    code: str
    name: str


@dataclass(frozen=True)
class Issue:
    """One paper to issue: who to whom, on which day, about what."""

    kind: str
    region: str
    issuer: str
    party: Party
    issued_on: date
    about: str = ""


@transaction.atomic
def issue(given: Issue, values: Mapping[str, Any], actor: User | None) -> Paper:
    """Draws the next number of the series, composes the text and stores it. A Refusal uses up no number."""
    kind = own_kinds()[given.kind]
    if not kind.word:
        raise Refusal("这类文书不编文号", where="文书类别", seen=kind.name, remedy="请直接导出，不需出具")
    series = _drawn(given.region, given.issued_on.year, kind.word)
    number = f"{_place(given.region)}医保{kind.word}〔{series.year}〕{series.last}号"
    text = compose(kind, Heading(number, given.issued_on, given.issuer, given.party.name), values)
    made = Paper.objects.create(
        series=series,
        serial=series.last,
        number=number,
        kind=kind.kind,
        name=kind.name,
        region=given.region,
        party_code=given.party.code,
        about=given.about,
        issued_on=given.issued_on,
        content=asdict(text),
        content_hash=text.content_hash,
        token=secrets.token_urlsafe(16),
        issued_by=actor,
    )
    detail = {"文号": number, "内容散列": text.content_hash}
    record(actor, f"出具{kind.name}", LEDGER_KIND, str(made.pk), region=given.region, detail=detail)
    return made


@transaction.atomic
def revoke(given: Issue, papers: Iterable[int], reason: str, returned_fen: int, actor: User | None) -> Paper:
    """Revokes papers of one institution by one notice of revocation, which is issued here.

    Refuses a paper that is revoked already, is itself a revocation, or went to someone else.
    """
    found = _revocable(given, papers)
    if not found:
        raise Refusal("没有选择要撤销的文书", where="文号", remedy="请选择同一机构仍然有效的文书")
    first = found[0]
    values = {
        "revoked": f"{first.number}《{first.name}》" + (f"等{len(found)}份文书" if len(found) > 1 else ""),
        "revoked_on": first.issued_on,
        "reason": reason,
        "returned": returned_fen,
        "revoked_papers": [{"number": one.number, "name": one.name} for one in found],
    }
    return _revoked(issue(given, values, actor), found, actor)


@transaction.atomic
def replace(given: Issue, values: Mapping[str, Any], papers: Iterable[int], actor: User | None) -> Paper:
    """Issues a paper of a revoking kind that says by itself what it takes back; these papers lose force with it."""
    found = _revocable(given, papers)
    return _revoked(issue(given, values, actor), found, actor)


def _revocable(given: Issue, papers: Iterable[int]) -> list[Paper]:
    """The papers, held until the transaction ends; Refusal where one of them cannot be revoked by this issue."""
    found = list(Paper.objects.select_for_update().filter(pk__in=list(papers)).order_by("pk"))
    wrong = [
        one.number
        for one in found
        if one.revoked_on or one.kind in REVOKING or (one.party_code, one.region) != (given.party.code, given.region)
    ]
    if wrong:
        raise Refusal(
            "这些文书不能撤销",
            where="文号",
            seen="、".join(wrong),
            remedy="只能撤销同一机构仍然有效的文书；撤销通知书本身不能撤销",
        )
    return found


def _revoked(made: Paper, found: Iterable[Paper], actor: User | None) -> Paper:
    for one in found:
        one.revoked_on, one.revoked_by = made.issued_on, made
        one.save(update_fields=["revoked_on", "revoked_by"])
        detail = {"文号": one.number, "撤销文书": made.number}
        record(actor, f"撤销{one.name}", LEDGER_KIND, str(one.pk), region=one.region, detail=detail)
    return made


def _place(code: str) -> str:
    """The division's name; where another one bears it too (a district of two cities), after that of the one above."""
    region = Region.objects.get(code=code)
    above = Region.objects.get_parent(region) if Region.objects.filter(name=region.name).count() > 1 else None
    return f"{above.name if above else ''}{region.name}"


def _drawn(region: str, year: int, word: str) -> Series:
    """The series with its next number drawn, held until the transaction ends."""
    Series.objects.get_or_create(region=region, year=year, word=word)
    series = Series.objects.select_for_update().get(region=region, year=year, word=word)
    series.last += 1
    series.save(update_fields=["last"])
    return series
