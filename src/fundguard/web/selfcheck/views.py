"""Pages of the bureau: problem lists, campaigns with their reports, the drawn check."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.core.paging import Page
from fundguard.web.desk.forms import DrawForm
from fundguard.web.selfcheck import publishing, selectors, spotting
from fundguard.web.selfcheck.forms import CampaignForm, CheckForm, FreezeForm, ProblemForm
from fundguard.web.selfcheck.models import Report


@require("see.campaigns")
def index(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    found = selectors.campaigns(viewer)
    page = Page.asked(request.GET, found.count())
    shown = {
        "lists": selectors.lists(viewer)[:20],
        "page": page,
        "campaigns": found[page.offset : page.offset + page.size],
        "may": viewer.may("do.campaigns"),
    }
    return render(request, "selfcheck/index.html", shown)


@require_POST
@require("do.campaigns")
def draft(request: HttpRequest) -> HttpResponse:
    made = publishing.draft(request.viewer)
    messages.success(request, "已起草，请核对、增删后发布。")
    return redirect("selfcheck:list", pk=made.pk)


@require("see.campaigns")
def problem_list(request: HttpRequest, pk: int) -> HttpResponse:
    one = selectors.problem_list(request.viewer, pk)
    found = one.problems.all()
    page = Page.asked(request.GET, found.count())
    shown = {
        "one": one,
        "page": page,
        "rows": found[page.offset : page.offset + page.size],
        "may": request.viewer.may("do.campaigns"),
        "add": ProblemForm(),
        "begin": CampaignForm(None, one),
    }
    return render(request, "selfcheck/list.html", shown)


@require_POST
@require("do.campaigns")
def add(request: HttpRequest, pk: int) -> HttpResponse:
    publishing.add(request.viewer, pk, _cleaned(ProblemForm(request.POST)).cleaned_data)
    messages.success(request, "已增加。")
    return redirect("selfcheck:list", pk=pk)


@require_POST
@require("do.campaigns")
def remove(request: HttpRequest, pk: int, problem: int) -> HttpResponse:
    publishing.remove(request.viewer, pk, problem)
    return redirect("selfcheck:list", pk=pk)


@require_POST
@require("do.campaigns")
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    publishing.publish(request.viewer, pk)
    messages.success(request, "已发布。发布后不能再改，可以据此组织自查。")
    return redirect("selfcheck:list", pk=pk)


@require_POST
@require("do.campaigns")
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    listed = selectors.problem_list(request.viewer, pk)
    form = _cleaned(CampaignForm(request.POST, listed))
    made = publishing.begin(request.viewer, pk, form.given())
    messages.success(request, "自查工作已发布，辖区内的机构可以填写。")
    return redirect("selfcheck:campaign", pk=made.pk)


@require("see.campaigns")
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    viewer = request.viewer
    one = selectors.campaign(viewer, pk)
    found = selectors.reports(viewer).filter(campaign=one)
    page = Page.asked(request.GET, found.count())
    shown = {
        "one": one,
        "page": page,
        "rows": [(row, sum(told.fen for told in row.reported.all())) for row in _part(found, page)],
        "drafts": Report.objects.filter(campaign=one).exclude(state=Report.State.SUBMITTED).count(),
        "spot_checks": one.spot_checks.all(),
        "base": len(spotting.base(viewer, pk)),
        "freeze": FreezeForm(),
        "may": viewer.may("do.campaigns"),
    }
    return render(request, "selfcheck/campaign.html", shown)


@require_POST
@require("do.campaigns")
def freeze(request: HttpRequest, pk: int) -> HttpResponse:
    told = _cleaned(FreezeForm(request.POST)).cleaned_data
    made = spotting.freeze(request.viewer, pk, told["percent"] * 100, told["source"])
    messages.success(request, "名单已封存，散列已记入台账。公开数值产生后即可抽取。")
    return redirect("selfcheck:spot", pk=made.pk)


@require("see.campaigns")
def spot(request: HttpRequest, pk: int) -> HttpResponse:
    made = selectors.spot_check(request.viewer, pk)
    found = spotting.checks(request.viewer).filter(spot_check=made).order_by("place")
    page = Page.asked(request.GET, found.count())
    shown = {
        "made": made,
        "page": page,
        "rows": found[page.offset : page.offset + page.size],
        "faults": spotting.faults(made),
        "draw": DrawForm(),
        "may": request.viewer.may("do.campaigns"),
        "may_check": request.viewer.may("do.spot_check"),
    }
    return render(request, "selfcheck/spot.html", shown)


@require_POST
@require("do.campaigns")
def draw_now(request: HttpRequest, pk: int) -> HttpResponse:
    told = _cleaned(DrawForm(request.POST)).cleaned_data
    made = spotting.draw_now(request.viewer, pk, told["value"], told["known_at"])
    messages.success(request, f"已抽取 {made.size} 项。")
    return redirect("selfcheck:spot", pk=made.pk)


@require("do.spot_check")
def check(request: HttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(spotting.checks(request.viewer), pk=pk)
    form = CheckForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        spotting.verify(request.viewer, pk, **form.cleaned_data)
        messages.success(request, "已登记核查结果。")
        return redirect("selfcheck:spot", pk=one.spot_check_id)
    return render(request, "selfcheck/check.html", {"one": one, "told": one.reported, "form": form})


def _part(found: object, page: Page) -> object:
    return found.prefetch_related("reported")[page.offset : page.offset + page.size]


def _cleaned(form: forms.Form) -> forms.Form:
    if form.is_valid():
        return form
    faults = [f"{form.fields[name].label}：{'、'.join(errors)}" for name, errors in form.errors.items()]
    raise Refusal("填写的内容不符合要求", where="表单", seen="；".join(faults), remedy="请返回上一页改正后重新提交")
