"""The case file of a finding: its page, its files, the table of papers, internal comments."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.core.downloads import attached
from fundguard.web.core.paging import Page
from fundguard.web.desk import standing
from fundguard.web.desk.models import StateRow
from fundguard.web.evidence import comments, kinds, selectors, services
from fundguard.web.evidence.checking import FORMS
from fundguard.web.evidence.forms import STATES, CommentForm, ReasonForm, UploadForm, marked
from fundguard.web.evidence.models import WHOLE
from fundguard.web.findings import selectors as findings


@require("see.evidence")
def case_file(request: HttpRequest, key: str) -> HttpResponse:
    return _page(request, standing.standing(request.viewer, key))


@require_POST
@require("do.evidence")
def attach(request: HttpRequest, key: str) -> HttpResponse:
    viewer = request.viewer
    row = standing.standing(viewer, key)
    form = _upload_form(request, row, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, row, form)
    told = form.cleaned_data
    try:
        received = services.receive_all(viewer, key, told["files"])
    except Refusal as refusal:
        return _page(request, row, form, refusal)
    made = services.attach(viewer, key, received, told["kind"], told.get("lines", ()), shown=told.get("shown", False))
    messages.success(request, f"已收到 {'、'.join(one.number for one in made)}，记入台账。")
    return redirect("evidence:case_file", key=key)


@require_POST
@require("do.evidence")
def mark(request: HttpRequest, key: str) -> HttpResponse:
    row = standing.standing(request.viewer, key)
    lines = selectors.lines_of(row)
    page = _lines_page(request.POST, lines)
    shown = lines[page.offset : page.offset + page.size]
    wanted = marked(request.POST, lines, shown, kinds.expected(row.rule_code))
    version = request.POST.get("version", "")
    changed = services.mark(request.viewer, key, wanted, int(version) if version.isdecimal() else -1)
    messages.success(request, f"已登记 {changed} 项材料情况。" if changed else "材料情况没有变化。")
    return redirect("evidence:case_file", key=key)


@require_safe
@never_cache
@require("see.evidence")
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """Always a download: no browser shows it as a page of this site, whatever is in it."""
    one, content = services.opened(request.viewer, pk)
    answer = attached(content, FORMS[one.form][1], one.name)
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@require_POST
@require("do.evidence")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise Refusal("收回附件须填写理由", where="理由", seen="不足六个字", remedy="请写明原因，如“误传了其他材料”")
    one = services.withdraw(request.viewer, pk, form.cleaned_data["reason"])
    messages.success(request, f"已收回 {one.number}，不再提供查看；记录保留。")
    return redirect("evidence:case_file", key=one.file_id)


@require_POST
@require("do.evidence")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    one = services.show(request.viewer, pk, request.POST.get("shown") == "yes")
    messages.success(request, f"{one.number} 机构{'可以' if one.shown else '不再可以'}查看。")
    return redirect("evidence:case_file", key=one.file_id)


@require_POST
@require("do.comments")
def comment(request: HttpRequest, key: str) -> HttpResponse:
    form = CommentForm(request.POST)
    if not form.is_valid():
        said = "；".join(error for errors in form.errors.values() for error in errors)
        raise Refusal("备注没有保存", where="内部备注", seen=said, remedy="请返回修改后重新提交")
    comments.write(request.viewer, key, form.cleaned_data["text"])
    messages.success(request, "已写入内部备注。")
    return redirect("findings:detail", key=key)


@require_POST
@require("do.comments")
def strike(request: HttpRequest, pk: int) -> HttpResponse:
    one = comments.strike(request.viewer, pk)
    messages.success(request, "已划去备注，原文保留。")
    return redirect("findings:detail", key=one.file_id)


def _page(
    request: HttpRequest, row: StateRow, form: UploadForm | None = None, refusal: Refusal | None = None
) -> HttpResponse:
    viewer, key = request.viewer, row.object_id
    lines = selectors.lines_of(row)
    page = _lines_page(request.GET, lines)
    names = selectors.item_names(viewer, row, lines[page.offset : page.offset + page.size])
    closed = standing.closed_to(viewer, row)
    shown = {
        "finding": findings.finding(viewer, key),
        "row": row,
        "rule_name": findings.rule_names().get(row.rule_code, row.rule_code),
        "table": selectors.table(viewer, row, page.offset, page.size, names),
        "page": page,
        "files": selectors.files(viewer, key),
        "history": selectors.history(viewer, key),
        "closed": closed,
        "may_write": viewer.may("do.evidence") and not closed,
        "form": form or _upload_form(request, row),
        "refusal": refusal,
        "states": STATES,
        "office": viewer.institutions is None,
    }
    return render(request, "evidence/case_file.html", shown, status=422 if refusal else 200)


def _upload_form(request: HttpRequest, row: StateRow, *given: object) -> UploadForm:
    viewer = request.viewer
    lines = [line for line in selectors.lines_of(row) if line != WHOLE]
    names = selectors.item_names(viewer, row, lines)
    offered = [(line, f"{names.get(line, '')}　{line}　{row.lines[line] / 100:,.2f} 元") for line in lines]
    return UploadForm(*(given or (None, None)), row.rule_code, offered, office=viewer.institutions is None)


def _lines_page(query: object, lines: list[str]) -> Page:
    return Page.asked(query, len(lines))
