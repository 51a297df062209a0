"""The institution's pages: what waits for its answer, and the forms of its steps."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.core.paging import Page
from fundguard.web.core.parts import Column
from fundguard.web.desk import answering, selectors
from fundguard.web.desk.views import step_form

COLUMNS = (
    Column("疑点编号"),
    Column("定点机构"),
    Column("问题"),
    Column("金额(元)", number=True),
    Column("状态"),
    Column("期限"),
)


@require("do.answer")
def answers(request: HttpRequest) -> HttpResponse:
    found = answering.todo(request.viewer)
    page = Page.asked(request.GET, found.count())
    rows = answering.answerables(found[page.offset : page.offset + page.size])
    return render(request, "desk/answers.html", {"columns": COLUMNS, "page": page, "rows": rows})


@require("do.answer")
def answer(request: HttpRequest, key: str, verb: str) -> HttpResponse:
    """What the item's state does not offer is refused here: the kernel would name the bureau's own state."""
    stands, offered = answering.stands(request.viewer, key)
    if verb not in offered:
        raise Refusal(f"目前“{stands}”，不能办理此事项", where="疑点答复", remedy="请返回疑点，按目前可办的事项办理")
    return step_form(request, key, verb, selectors.INSTITUTION)
