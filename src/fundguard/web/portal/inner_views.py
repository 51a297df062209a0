"""Pages of inner questions: what was sent to a doctor or his department, and who answers for a department."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.core.paging import Page
from fundguard.web.desk.models import StateRow
from fundguard.web.findings import selectors as findings
from fundguard.web.portal import asked, routing, selectors
from fundguard.web.portal.forms import SeatForm, StatementForm


@require("do.state")
def listing(request: HttpRequest) -> HttpResponse:
    """What waits for this account first, by its inner day."""
    found = asked.questions(request.viewer).order_by("answered_at", "due_on", "pk")
    page = Page.asked(request.GET, found.count())
    rows = asked.shown(found[page.offset : page.offset + page.size])
    return render(request, "portal/questions.html", {"page": page, "rows": rows})


@require("do.state")
def question(request: HttpRequest, pk: int) -> HttpResponse:
    """One question with the charges it is about, and the form of the statement."""
    one = asked.question(request.viewer, pk)
    form = StatementForm(request.POST or None)
    refused = None
    if request.method == "POST" and form.is_valid():
        try:
            routing.answer(request.viewer, pk, **form.cleaned_data)
        except Refusal as refusal:
            refused = refusal
        else:
            messages.success(request, "情况说明已交给医保办。")
            return redirect("portal:questions")
    row = StateRow.objects.get(workflow="finding", object_id=one.finding_key)
    shown = {
        "one": asked.shown([one])[0],
        "form": form,
        "refusal": refused,
        "message": findings.shown([one.finding_key])[one.finding_key].message,
        "charges": selectors.charges(row, sorted(row.lines)),
    }
    return render(request, "portal/question.html", shown, status=409 if refused else 200)


@require("do.answer")
def seats(request: HttpRequest) -> HttpResponse:
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        routing.seat(request.viewer, form.cleaned_data["department"], form.cleaned_data["account"])
        messages.success(request, "已登记科室联系人。")
        return redirect("portal:seats")
    return render(request, "portal/seats.html", {"form": form, "rows": routing.seats(request.viewer)})


@require_POST
@require("do.answer")
def unseat(request: HttpRequest, pk: int) -> HttpResponse:
    routing.unseat(request.viewer, pk)
    messages.success(request, "已取消科室联系人。")
    return redirect("portal:seats")


def _form(request: HttpRequest) -> SeatForm:
    viewer = request.viewer
    return SeatForm(request.POST or None, selectors.choices(viewer)["department"], routing.accounts(viewer))
