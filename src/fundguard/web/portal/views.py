"""The institution's list and the page of one finding, answered line by line."""

from __future__ import annotations

import uuid
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.core.downloads import workbook
from fundguard.web.core.paging import Page
from fundguard.web.core.parts import Column
from fundguard.web.desk import services
from fundguard.web.findings import selectors as findings
from fundguard.web.findings.pages import Tab
from fundguard.web.ledger.services import record
from fundguard.web.portal import asked, routing, selectors, sheets
from fundguard.web.portal.deciding import SAID, WHOLE, decided
from fundguard.web.portal.forms import AskForm, OwnFilter, SheetForm
from fundguard.web.portal.models import Sheet
from fundguard.web.portal.pages import Item

COLUMNS = (
    Column("疑点编号"),
    Column("住院/门诊号"),
    Column("病历号"),
    Column("医院目录编码"),
    Column("科室"),
    Column("医师"),
    Column("问题"),
    Column("金额(元)", number=True),
    Column("状态"),
    Column("答复期限"),
    Column("院内征询"),
)


@require("do.answer")
def listing(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    form = OwnFilter(request.GET, viewer)
    wanted = form.asked()
    tab = "all" if wanted.get("tab") == "all" else "todo"
    sums = selectors.totals(viewer, wanted)
    page = Page.asked(request.GET, sums[tab][0])
    found = selectors.matching(viewer, wanted)
    shown = {
        "form": form,
        "tabs": [Tab(name, code, sums[code][0], code == tab) for code, name in selectors.TABS.items()],
        "total": sums[tab],
        "page": page,
        "columns": COLUMNS,
        "rows": selectors.owns(viewer, found[page.offset : page.offset + page.size]),
        "ask": AskForm(None, routing.addressees(viewer)),
        "upload": SheetForm(),
        "sheets": Sheet.objects.filter(created_by=viewer.user)[:3],
    }
    return render(request, "portal/list.html", shown)


@require("do.answer")
def export(request: HttpRequest) -> HttpResponse:
    """Everything that matches the filter, one row a finding."""
    viewer = request.viewer
    found = selectors.matching(viewer, OwnFilter(request.GET, viewer).asked())
    rows = found[: sheets.LIST_ROWS]
    record(viewer.user, "导出本机构疑点", "疑点清单", "本机构", region=_home(request), detail={"条数": found.count()})
    return workbook("本机构疑点", partial(sheets.write_list, selectors.owns(viewer, rows)))


@require("do.answer")
def item(request: HttpRequest, key: str) -> HttpResponse:
    return _item(request, selectors.item(request.viewer, key))


@require_POST
@require("do.answer")
def answer(request: HttpRequest, key: str) -> HttpResponse:
    """What was chosen for each line, as one step; a refusal leaves everything as it was written."""
    viewer = request.viewer
    one = selectors.item(viewer, key)
    said = _said(request, one)
    statement = request.POST.get("statement", "")
    try:
        decision = decided([charge.line.bkkp_sn for charge in one.charges], said, statement)
        if decision is None:
            raise Refusal("没有选择任何答复", where="逐条答复", remedy="请对费用明细选择认可或者申诉后再提交")
        version = request.POST.get("version", "")
        number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1
        papers, sent = decision.papers, request.POST.get("request", "")[:36]
        services.take(viewer, key, decision.verb, papers, number, request=sent)
    except Refusal as refusal:
        return _item(request, selectors.item(viewer, key), refusal, said, statement)
    messages.success(request, f"{findings.number(key)} 已提交：{SAID[decision.verb]}。")
    return redirect("portal:item", key=key)


@require_POST
@require("do.answer")
def ask(request: HttpRequest) -> HttpResponse:
    """Send one finding (`key`), or all that match the filter of the list, inside the institution."""
    viewer = request.viewer
    key = request.POST.get("key", "")
    form = AskForm(request.POST, routing.addressees(viewer))
    if not form.is_valid():
        faults = [f"{form.fields[name].label}：{'、'.join(errors)}" for name, errors in form.errors.items()]
        raise Refusal("征询没有填完整", where="院内征询", seen="；".join(faults), remedy="请返回补齐后重新发出")
    if key:
        selectors.row_of(viewer, key)
        found = selectors.told(viewer).filter(object_id=key)
    else:
        found = selectors.matching(viewer, OwnFilter(request.GET, viewer).asked())
    sent = routing.ask(viewer, found, **form.cleaned_data)
    messages.success(request, f"已发出 {sent} 条征询。" if sent else "这些疑点已经向该处征询过，尚未填写。")
    return redirect("portal:item", key=key) if key else redirect("portal:list")


@require_POST
@require("do.answer")
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    one = routing.take_back(request.viewer, pk)
    messages.success(request, "已收回征询。")
    return redirect("portal:item", key=one.finding_key)


def _item(
    request: HttpRequest,
    one: Item,
    refusal: Refusal | None = None,
    said: dict[str, str] | None = None,
    statement: str = "",
) -> HttpResponse:
    chosen = said or {}
    shown = {
        "one": one,
        "charges": [(charge, chosen.get(charge.line.bkkp_sn, "")) for charge in one.charges],
        "whole": chosen.get(WHOLE, ""),
        "said": SAID,
        "statement": statement or one.statement,
        "request_id": str(uuid.uuid4()),
        "refusal": refusal,
        "ask": AskForm(None, routing.addressees(request.viewer)),
        "asking": one.panel.state != "" and selectors.row_of(request.viewer, one.key).state in asked.OPEN_STATES,
    }
    return render(request, "portal/item.html", shown, status=409 if refusal else 200)


def _said(request: HttpRequest, one: Item) -> dict[str, str]:
    """Line → choice; the buttons for all lines speak for every one."""
    if (every := request.POST.get("every", "")) in SAID:
        return {charge.line.bkkp_sn: every for charge in one.charges} or {WHOLE: every}
    if not one.charges:
        return {WHOLE: request.POST.get("said", "")}
    return {charge.line.bkkp_sn: request.POST.get(f"said-{charge.place}", "") for charge in one.charges}


def _home(request: HttpRequest) -> str:
    home = request.viewer.user.region
    return home.code if home else ""
