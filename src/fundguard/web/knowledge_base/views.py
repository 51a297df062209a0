"""Versions: the list, handing one in, its difference, the signatures, publishing; forms and tables to download."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.knowledge import LIMIT_TABLES
from fundguard.knowledge.difference import KINDS
from fundguard.knowledge.headings import titles
from fundguard.knowledge.templates import write_template
from fundguard.web.accounts.guard import Viewer, require
from fundguard.web.core.downloads import workbook
from fundguard.web.core.known import of_viewer
from fundguard.web.core.paging import Page
from fundguard.web.findings import selectors as findings
from fundguard.web.knowledge_base import excel, selectors, services
from fundguard.web.knowledge_base.forms import ProposalForm
from fundguard.web.knowledge_base.models import Proposal
from fundguard.web.ledger.services import record


@require("see.knowledge")
def versions(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    found = selectors.proposals(viewer)
    page = Page.asked(request.GET, found.count())
    known = of_viewer(viewer)
    shown = {
        "page": page,
        "rows": found.prefetch_related("signatures__person")[page.offset : page.offset + page.size],
        "regions": findings.region_names(),
        "tables": selectors.tables(viewer),
        "points": len(known.points),
        "content": known.version,
        "waiting": selectors.waiting(viewer) if viewer.may("sign.knowledge") else 0,
        "may_hand_in": viewer.may("do.knowledge"),
    }
    return render(request, "knowledge_base/versions.html", shown)


@require("do.knowledge")
def hand_in(request: HttpRequest) -> HttpResponse:
    form = ProposalForm(request.POST or None, request.FILES or None, request.viewer)
    refused = None
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = services.hand_in(request.viewer, told["file"], form.asked(), told["title"], told["reason"])
            messages.success(request, "已提出，待两名知识审核员签署")
            return redirect("knowledge_base:shown", pk=made.pk)
        except Refusal as refusal:
            refused = refusal
    status = 422 if refused or form.errors else 200
    return render(request, "knowledge_base/hand_in.html", {"form": form, "refusal": refused}, status=status)


@require("see.knowledge")
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    """What the version changes, with what is disputed of these points, and who signed."""
    viewer = request.viewer
    one = selectors.proposal(viewer, pk)
    kind = request.GET.get("kind", "")
    rows = [row for row in one.changes if row["kind"] == kind] if kind in KINDS else one.changes
    page = Page.asked(request.GET, len(rows))
    rows = rows[page.offset : page.offset + page.size]
    disputed = selectors.disputed(viewer, [p for row in rows for p in (row["point"], row["former"]) if p])
    signatures = list(one.signatures.select_related("person"))
    told = {
        "one": one,
        "region": findings.region_names().get(one.region, one.region),
        "rule_name": findings.rule_names().get(one.rule_code, ""),
        "rows": [(row, KINDS[row["kind"]], _disputes(row, disputed)) for row in rows],
        "page": page,
        "tabs": [(name, word, one.counts.get(word, 0)) for name, word in KINDS.items()],
        "kind": kind if kind in KINDS else "",
        "signatures": signatures,
        "may_see_points": viewer.may("see.rulebook"),
        **_steps(viewer, one, [signature.person_id for signature in signatures]),
    }
    return render(request, "knowledge_base/shown.html", told)


@require_POST
@require("sign.knowledge")
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    one = services.sign(request.viewer, pk, request.POST.get("opinion", "")[:500])
    done = one.state == Proposal.State.SIGNED
    messages.success(request, "两人已签署，可以发布" if done else "已签署，待另一名知识审核员签署")
    return redirect("knowledge_base:shown", pk=pk)


@require_POST
@require("sign.knowledge")
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    services.reject(request.viewer, pk, request.POST.get("opinion", "")[:500])
    messages.success(request, "已退回")
    return redirect("knowledge_base:shown", pk=pk)


@require_POST
@require("do.knowledge")
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    services.publish(request.viewer, pk)
    messages.success(request, "已发布，下一次核查起使用")
    return redirect("knowledge_base:shown", pk=pk)


@require("see.knowledge")
def file(request: HttpRequest, pk: int) -> HttpResponse:
    one = selectors.proposal(request.viewer, pk)
    detail = {"条数": len(one.changes)}
    record(request.viewer.user, "导出知识变化", services.LEDGER_KIND, one.number, region=one.region, detail=detail)
    return workbook(f"知识变化{one.number}", partial(excel.write_changes, one))


@require("see.knowledge")
def form(request: HttpRequest, table: str) -> HttpResponse:
    """An empty form of a limit table."""
    _known_table(table)
    return workbook(f"知识模板{titles()[table]}", partial(write_template, table=table))


@require("see.knowledge")
def table(request: HttpRequest, table: str) -> HttpResponse:
    """A limit table as it holds in the viewer's division, in the same form."""
    _known_table(table)
    home = request.viewer.user.region
    record(
        request.viewer.user,
        "导出知识表",
        services.LEDGER_KIND,
        titles()[table],
        region=home.code if home else "",
    )
    return workbook(f"知识表{titles()[table]}", partial(write_template, table=table, known=of_viewer(request.viewer)))


def _known_table(table: str) -> None:
    if table not in LIMIT_TABLES:
        raise Http404


def _disputes(row: dict[str, str], disputed: dict[str, int]) -> int:
    return disputed.get(row["point"], 0) + disputed.get(row["former"], 0)


def _steps(viewer: Viewer, one: Proposal, signed: list[int]) -> dict[str, bool]:
    """What the viewer may do with a version as it stands."""
    here = one.region in viewer.regions
    own = one.author_id == viewer.user.pk or viewer.user.pk in signed
    may = viewer.may("sign.knowledge") and here
    return {
        "may_sign": may and one.state == Proposal.State.OPEN and not own,
        "may_reject": may and one.state in (Proposal.State.OPEN, Proposal.State.SIGNED),
        "may_publish": viewer.may("do.knowledge") and here and one.state == Proposal.State.SIGNED,
    }
