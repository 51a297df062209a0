"""Pages of the sample review: freeze and draw, the blind work list, what came out."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from fundguard.web.accounts.guard import require
from fundguard.web.core.paging import Page
from fundguard.web.desk import samples as work
from fundguard.web.desk.forms import AnswerForm, DrawForm, FreezeForm
from fundguard.web.findings import selectors as findings


@require("do.sample")
def samples(request: HttpRequest) -> HttpResponse:
    return _samples(request, FreezeForm())


def _samples(request: HttpRequest, form: FreezeForm) -> HttpResponse:
    found = work.draws(request.viewer)
    page = Page.asked(request.GET, found.count())
    rows = found[page.offset : page.offset + page.size]
    shown = {"form": form, "page": page, "rows": rows, "base": len(work.base(request.viewer))}
    return render(request, "desk/samples.html", shown)


@require_POST
@require("do.sample")
def freeze(request: HttpRequest) -> HttpResponse:
    form = FreezeForm(request.POST)
    if not form.is_valid():
        return _samples(request, form)
    made = work.freeze(request.viewer, form.cleaned_data["source"])
    messages.success(request, "名单已封存，散列已记入台账。公开数值产生后即可抽取。")
    return redirect("desk:sample", pk=made.pk)


@require("do.sample")
def sample(request: HttpRequest, pk: int) -> HttpResponse:
    return _sample(request, pk, DrawForm())


def _sample(request: HttpRequest, pk: int, form: DrawForm) -> HttpResponse:
    made = get_object_or_404(work.draws(request.viewer), pk=pk)
    everything, by_rule, by_reviewer = work.scores(made)
    shown = {
        "made": made,
        "form": form,
        "faults": work.faults(made),
        "answered": made.drawn.exclude(answer="").count(),
        "groups": [("总体", everything), ("按规则", by_rule), ("按初审人", by_reviewer)] if everything else [],
    }
    return render(request, "desk/sample.html", shown)


@require_POST
@require("do.sample")
def draw_now(request: HttpRequest, pk: int) -> HttpResponse:
    form = DrawForm(request.POST)
    if not form.is_valid():
        return _sample(request, pk, form)
    made = work.draw_now(request.viewer, pk, form.cleaned_data["value"], form.cleaned_data["known_at"])
    messages.success(request, f"已抽取 {made.size} 条，分派给未参与初审、复核的复审人员。")
    return redirect("desk:sample", pk=made.pk)


@require("do.sample_review")
def blind_work(request: HttpRequest) -> HttpResponse:
    """What is to be reviewed, without a word of what others said of it."""
    found = work.waiting(request.viewer)
    page = Page.asked(request.GET, found.count())
    drawn = list(found[page.offset : page.offset + page.size])
    told = findings.shown([one.row.object_id for one in drawn])
    names = findings.rule_names()
    rows = [(one, told[one.row.object_id], names.get(one.row.rule_code, "")) for one in drawn]
    return render(request, "desk/blind_work.html", {"page": page, "rows": rows})


@require("do.sample_review")
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(work.waiting(request.viewer), pk=pk)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        work.answer(request.viewer, pk, form.cleaned_data["said"], form.cleaned_data["opinion"])
        messages.success(request, "已记录复审结论。")
        return redirect("desk:blind_work")
    told = findings.finding(request.viewer, one.row.object_id)
    return render(request, "desk/answer.html", {"form": form, "finding": told, "row": one.row})
