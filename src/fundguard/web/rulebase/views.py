"""The life of a rule: the list, a rule with its versions and states, the form, proposals and decisions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.rules import catalogue
from fundguard.rules.shape import shapes as all_shapes
from fundguard.web.accounts.guard import Viewer, require
from fundguard.web.rulebase import drafting, in_force, selectors, services, trying
from fundguard.web.rulebase.drafting import Checked, Draft
from fundguard.web.rulebase.forms import PlacementForm, RegionForm, VersionForm, initial_of
from fundguard.web.rulebase.models import Placement, Version
from fundguard.web.rulebook.sql import highlighted

SQL_UNKNOWN = SafeString("")


@require("see.rulebase")
def rules(request: HttpRequest) -> HttpResponse:
    lines = selectors.lines(request.viewer)
    shown = {
        "lines": lines,
        "amber": sum(1 for one in lines if one.amber),
        "waiting": selectors.placements(request.viewer).filter(outcome=Placement.Outcome.PENDING),
        "may_write": request.viewer.may("do.rulebase"),
    }
    return render(request, "rulebase/rules.html", shown)


@require("do.rulebase")
def shapes(request: HttpRequest) -> HttpResponse:
    """Choose what kind of question the new rule asks."""
    return render(request, "rulebase/shapes.html", {"shapes": all_shapes().values()})


@require("do.rulebase")
def new(request: HttpRequest, shape: str) -> HttpResponse:
    if shape not in all_shapes():
        raise Http404
    form = VersionForm(request.POST or None, shape)
    return _form(request, form, drafting.next_code())


@require("do.rulebase")
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """The next version of a rule, begun from the one in force."""
    base = _base(request.viewer, code)
    form = VersionForm(request.POST or None, base.data["shape"], initial_of(base))
    return _form(request, form, code, base.data.get("excepted"))


@require("see.rulebase")
def rule(request: HttpRequest, code: str) -> HttpResponse:
    return _life(request, code)


@require("see.rulebase")
def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One version as it was written, with what its examples answer now."""
    viewer = request.viewer
    one = selectors.version(viewer, code, number)
    draft = Draft(one.data, one.points, one.examples)
    told = None
    if one.origin != Version.Origin.SHIPPED:
        told = drafting.checked(draft, viewer.user.region.code)
    replays = selectors.what_ifs(viewer).filter(versions=one)[:10]
    shown = {
        "one": one,
        "fields": _fields(one.data),
        "told": told,
        "sql": highlighted(told.sql) if told else SQL_UNKNOWN,
        "replays": replays,
        "amber": selectors.warning(one.data["article"]),
        "form": RegionForm(None, viewer),
        "may_write": viewer.may("do.rulebase"),
    }
    return render(request, "rulebase/version.html", shown)


@require_POST
@require("do.rulebase")
def replay(request: HttpRequest, code: str, number: int) -> HttpResponse:
    one = selectors.version(request.viewer, code, number)
    made = trying.replay(request.viewer, one, request.POST.get("region", "")[:6])
    return redirect("rulebase:what_if", pk=made.pk)


@require_POST
@require("do.rulebase")
def propose(request: HttpRequest, code: str) -> HttpResponse:
    viewer = request.viewer
    own = _held(viewer, code)
    form = PlacementForm(request.POST, viewer, own)
    if not form.is_valid():
        return _life(request, code, form=form)
    told = form.cleaned_data
    chosen = next(one for one in own if str(one.number) == told["number"])
    chosen = chosen if chosen.pk else in_force.shipped_version(code)
    asked = services.Asked(chosen, told["act"], told["region"], told["institutions"].split())
    try:
        made = services.propose(viewer, asked, told["reason"])
    except Refusal as refused:
        return _life(request, code, form=form, refused=refused)
    messages.success(request, f"已提请{made.act_said}，待另一人审批")
    return redirect("rulebase:rule", code=code)


@require_POST
@require("approve.rulebase")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    confirm = request.POST.get("confirm") == "yes"
    made = services.decide(request.viewer, pk, confirm, request.POST.get("opinion", "")[:500])
    messages.success(request, "已同意，自下次核查起执行" if confirm else "已退回")
    return redirect("rulebase:rule", code=made.rule_code)


@require_POST
@require("do.rulebase")
def narrow(request: HttpRequest, pk: int) -> HttpResponse:
    """The next version of a rule from an accepted draft of the scorecard."""
    made = drafting.write(request.viewer, drafting.from_narrowing(request.viewer, pk))
    messages.success(request, "已按建议起草新版本，请回放后提请发布")
    return redirect("rulebase:version", code=made.rule_code, number=made.number)


def _form(request: HttpRequest, form: VersionForm, code: str, excepted: Any = None) -> HttpResponse:
    """First what the examples answer, then, where they hold, the version is kept."""
    told: Checked | None = None
    refused: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        draft = form.draft(code, excepted)
        try:
            if request.POST.get("act") == "write":
                made = drafting.write(request.viewer, draft)
                messages.success(request, f"已保存 {made}，请回放后提请试运行或发布")
                return redirect("rulebase:version", code=made.rule_code, number=made.number)
            told = drafting.checked(draft, request.viewer.user.region.code)
        except Refusal as refusal:
            refused = refusal
    shown = {
        "form": form,
        "code": code,
        "shape": form.shape,
        "told": told,
        "refusal": refused,
        "sql": highlighted(told.sql) if told else SQL_UNKNOWN,
    }
    return render(request, "rulebase/form.html", shown, status=422 if refused or form.errors else 200)


def _life(
    request: HttpRequest, code: str, *, form: PlacementForm | None = None, refused: Refusal | None = None
) -> HttpResponse:
    viewer: Viewer = request.viewer
    line = next((one for one in selectors.lines(viewer) if one.code == code), None)
    if line is None:
        raise Http404
    held = _held(viewer, code)
    shown = {
        "line": line,
        "versions": held,
        "placements": selectors.placements(viewer).filter(rule_code=code),
        "what_ifs": selectors.what_ifs(viewer).filter(rules__icontains=code)[:10],
        "form": form or PlacementForm(None, viewer, held),
        "refusal": refused,
        "may_write": viewer.may("do.rulebase"),
        "may_decide": viewer.may("approve.rulebase"),
        "me": viewer.user.pk,
    }
    return render(request, "rulebase/rule.html", shown, status=422 if refused or (form and form.errors) else 200)


def _held(viewer: Viewer, code: str) -> list[Version]:
    """The versions of a rule, the newest first; of one that nobody changed the shipped one."""
    own = list(selectors.versions(viewer).filter(rule_code=code).order_by("-number"))
    if not own and code not in catalogue.load():
        raise Http404
    return own or [in_force.shown_version(code)]


def _base(viewer: Viewer, code: str) -> Version:
    home = viewer.user.region
    base = drafting.base_of(code, home.code)
    if base.pk is not None and not selectors.versions(viewer).filter(pk=base.pk).exists():
        raise Http404
    return base


def _fields(data: dict[str, Any]) -> list[tuple[str, str]]:
    """A version's content in words, in the order of rule files."""
    labels = {
        "name": "名称", "class": "类别", "shape": "形状", "verdict": "结果", "verdict_limit": "结果上限",
        "limit_reason": "上限原因", "parameters": "参数", "stages": "环节", "scenes": "场景", "article": "法律依据",
        "message": "提示", "papers": "申诉材料", "valid_from": "适用的费用日期从", "valid_to": "到（不含）",
        "institutions": "定点机构", "excepted": "排除", "notes": "说明",
    }  # fmt: skip
    return [(label, _said(data[name])) for name, label in labels.items() if data.get(name)]


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return "；".join(f"{name} = {_said(one)}" for name, one in value.items())
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
