"""The desk's pages: queue, own work, the form of a step, assignment, leave, bulk steps."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.accounts.models import User
from fundguard.web.core.paging import Page
from fundguard.web.core.parts import Column
from fundguard.web.desk import assigning, bulk, counting, files, items, notices, selectors, services, undoing
from fundguard.web.desk.forms import STATES, DeskFilter, LendForm, RecuseForm, StepForm
from fundguard.web.desk.models import BulkStep, Recusal, StateRow, Substitution
from fundguard.web.filters import selectors as filters
from fundguard.web.findings import selectors as findings
from fundguard.web.findings.pages import Tab
from fundguard.web.jobs.views import card
from fundguard.workflows.parts import Step
from fundguard.workflows.regions import VARIANTS

COLUMNS = (
    Column("疑点编号"),
    Column("定点机构"),
    Column("命中规则"),
    Column("结果"),
    Column("金额(元)", number=True),
    Column("预期(元/小时)", number=True),
    Column("环节"),
    Column("期限"),
    Column("经办人"),
)
SAMPLE = 20  # items of a bulk step that its preview lists


@require("see.desk")
def queue(request: HttpRequest) -> HttpResponse:
    """Everything under way in the viewer's regions, by state; first the state that waits for the viewer."""
    viewer = request.viewer
    if not request.GET and (begin := filters.standard(viewer, "desk")):
        return redirect(f"{request.path}?{begin}")
    form = DeskFilter(request.GET, viewer)
    wanted = form.asked()
    state = wanted.setdefault("state", next(iter(selectors.own_states(viewer)), STATES[0]))
    told = counting.counts(viewer, wanted)
    number, fen = told.get(state, (0, 0))
    page = Page.asked(request.GET, number)
    shown = {
        "form": form,
        "tabs": [Tab(_name(s), s, told.get(s, (0, 0))[0], s == state) for s in STATES if s in told or s == state],
        "total": {"count": number, "counted_fen": fen},
        "page": page,
        "columns": COLUMNS,
        "rows": selectors.page(selectors.matching(viewer, wanted), page.offset, page.size, number),
        "colleagues": assigning.colleagues(viewer) if viewer.may("do.assign") else [],
        "bulk_steps": bulk.steps(state, viewer) if viewer.may("do.bulk") else (),
        "state": state,
        "late_only": wanted.get("late"),
    }
    return render(request, "desk/queue.html", shown)


@require("do.steps")
def mine(request: HttpRequest) -> HttpResponse:
    """Own work, and what the day's hours are best spent on."""
    viewer = request.viewer
    own = selectors.todo(viewer)
    page = Page.asked(request.GET, own.count())
    first_review = "found" in selectors.own_states(viewer)
    shown = {
        "columns": COLUMNS,
        "page": page,
        "rows": selectors.page(own, page.offset, page.size),
        "day": selectors.day(viewer, timezone.localdate()) if first_review else None,
    }
    return render(request, "desk/mine.html", shown)


@require_POST
@require("do.steps")
def claim(request: HttpRequest) -> HttpResponse:
    taken = assigning.claim_day(request.viewer)
    messages.success(request, f"已领取 {taken} 条疑点。" if taken else "没有可以领取的疑点。")
    return redirect("desk:mine")


@require("do.steps")
def step(request: HttpRequest, key: str, verb: str) -> HttpResponse:
    """The form of one step; a refusal of the kernel is told with its code, and what was written is kept."""
    return step_form(request, key, verb, selectors.OFFICES)


def step_form(request: HttpRequest, key: str, verb: str, sides: frozenset[str]) -> HttpResponse:
    """For the people of these sides alone: on every other side the step has no form."""
    viewer = request.viewer
    one = findings.finding(viewer, key)
    row = get_object_or_404(StateRow, workflow=selectors.FLOW, object_id=key)
    declared = row.flow.step_by_verb.get(verb)
    if declared is None or not selectors.taken_on(declared, sides):
        raise Http404
    if key in selectors.blind(viewer):
        raise Refusal("本人正在随机复审此项，作出复审结论以前不能办理", where=declared.name, remedy="请先完成复审")
    item = items.item(row)
    kept = files.case_file().references(viewer, key)
    form = StepForm(request.POST or None, row, item, declared, files=request.FILES or None, kept=kept)
    refused = None
    if request.method == "POST" and form.is_valid():
        papers = form.papers() | _made(declared, row, form.cleaned_data["version"])
        try:
            received = files.received(viewer, key, form.sent())
            number, asked = form.cleaned_data["version"], form.cleaned_data["request"]
            with transaction.atomic():  # the step and the files it brings: both or neither
                papers |= files.kept(viewer, key, received)
                taken = services.take(viewer, key, verb, papers, number, request=asked)
            return _after(request, row, taken, declared)
        except (services.Barred, files.Unfit) as refusal:
            refused = refusal
    shown = {
        "form": form,
        "finding": one,
        "row": row,
        "step": declared,
        "refusal": refused,
        "lines": sorted(item.lines_now),
        "rule_name": findings.rule_names().get(row.rule_code, row.rule_code),
        "notice": notices.text(row) if "notice" in declared.needs else "",
        "answering": viewer.institutions is not None,
        "same": selectors.same_point(viewer, row).count() if _many(viewer, row, declared) else 0,
    }
    return render(request, "desk/step.html", shown, status=409 if refused else 200)


def _made(declared: Step, row: StateRow, version: int) -> dict[str, str]:
    return {code: notices.number(row, version + 1) for code in declared.needs if code in selectors.MADE}


def _many(viewer: object, row: StateRow, declared: Step) -> bool:
    return bool(row.point) and viewer.may("do.bulk") and declared in bulk.steps(row.state, viewer)


def _after(request: HttpRequest, before: StateRow, row: StateRow, declared: Step) -> HttpResponse:
    """To the same finding, to the next one, or to the preview of the same opinion on the same point."""
    messages.success(
        request, f"{findings.number(row.object_id)} 已办理“{declared.name}”，转入“{_told(request, row)}”。"
    )
    if request.POST.get("same"):
        asked = {"verb": declared.verb, "state": before.state, "like": row.object_id}
        return redirect(f"{reverse('desk:bulk')}?{urlencode(asked)}")
    following = selectors.next_for(request.viewer, before.state) if request.POST.get("go") == "next" else ""
    return redirect("findings:detail", key=following or row.object_id)


@require_POST
@require("do.assign")
def assign(request: HttpRequest) -> HttpResponse:
    to = request.POST.get("to", "")
    person = get_object_or_404(User, username=to) if to else None
    count = assigning.assign(request.viewer, request.POST.getlist("key"), person)
    messages.success(request, f"已分派 {count} 条疑点。" if person else f"已取消 {count} 条疑点的分派。")
    return redirect("desk:queue")


@require("see.desk")
def people(request: HttpRequest) -> HttpResponse:
    """Leave and substitutes, and one's own conflicts of interest."""
    return _people(request)


def _people(
    request: HttpRequest, lend_form: LendForm | None = None, recuse_form: RecuseForm | None = None
) -> HttpResponse:
    viewer = request.viewer
    known = assigning.colleagues(viewer)
    shown = {
        "may_lend": viewer.may("do.assign"),
        "lend_form": lend_form or LendForm(known),
        "recuse_form": recuse_form or RecuseForm(),
        "substitutions": Substitution.objects.filter(principal__in=known, until__gte=timezone.localdate()),
        "recusals": Recusal.objects.filter(person=viewer.user).order_by("fixmedins_code"),
    }
    return render(request, "desk/people.html", shown)


@require_POST
@require("do.assign")
def lend(request: HttpRequest) -> HttpResponse:
    form = LendForm(assigning.colleagues(request.viewer), request.POST)
    if not form.is_valid():
        return _people(request, lend_form=form)
    assigning.lend(request.viewer, **form.cleaned_data)
    messages.success(request, "已登记请假代办。")
    return redirect("desk:people")


@require_POST
@require("do.steps")
def recuse(request: HttpRequest) -> HttpResponse:
    form = RecuseForm(request.POST)
    if not form.is_valid():
        return _people(request, recuse_form=form)
    back = assigning.recuse(request.viewer, **form.cleaned_data)
    messages.success(request, f"已声明回避，退回分派 {back} 条。")
    return redirect("desk:people")


@require("do.bulk")
def bulk_preview(request: HttpRequest) -> HttpResponse:
    """What a bulk step would concern, and its form; nothing is done before it is sent."""
    viewer = request.viewer
    wanted, said = DeskFilter(request.GET, viewer).asked(), {}
    if key := request.GET.get("like", ""):
        wanted, said = selectors.like(viewer, key, wanted.get("state", ""))
    verb = request.GET.get("verb", "")
    declared = next((one for one in bulk.steps(wanted.get("state", ""), viewer) if one.verb == verb), None)
    if declared is None:
        raise Refusal("此事项不能批量办理", where="批量办理", remedy="请在办理工作台选定环节后再选择事项")
    sample = StateRow(version=0, state=wanted["state"])
    empty = items.Item(VARIANTS[selectors.FLOW, ""], "", "", "")
    form = StepForm(request.POST or None, sample, empty, declared)
    form.initial |= said
    if request.method == "POST" and form.is_valid():
        made = bulk.start(viewer, verb, form.papers(), wanted)
        return redirect("desk:bulk_shown", pk=made.pk)
    found = selectors.matching(viewer, wanted)
    shown = {"form": form, "told": selectors.preview(found, declared), "step": declared, "batch": bulk.BATCH}
    shown |= {"rows": selectors.page(found, 0, SAMPLE), "columns": COLUMNS, "same": bool(key)}
    return render(request, "desk/bulk.html", shown)


@require("do.bulk")
def bulk_shown(request: HttpRequest, pk: int) -> HttpResponse:
    made = get_object_or_404(BulkStep.objects.select_related("job"), pk=pk, job__created_by=request.viewer.user)
    unfinished = made.job.state in (made.job.State.FAILED, made.job.State.CANCELLED)
    undo = undoing.offer(request.viewer, made)
    shown = {
        "made": made,
        "unfinished": unfinished,
        "undo": undo,
        "reasons": bulk.reasons(made),
        **card(request, made.job),
    }
    return render(request, "desk/bulk_shown.html", shown)


@require_POST
@require("do.bulk")
def bulk_go_on(request: HttpRequest, pk: int) -> HttpResponse:
    ended = ("failed", "cancelled")
    own = BulkStep.objects.select_related("job").filter(job__created_by=request.viewer.user, job__state__in=ended)
    return redirect("desk:bulk_shown", pk=bulk.go_on(request.viewer, get_object_or_404(own, pk=pk)).pk)


def _told(request: HttpRequest, row: StateRow) -> str:
    return row.stands.name if request.viewer.institutions is None else row.stands.shown


def _name(state: str) -> str:
    return next(flow.state_by_code[state].name for flow in VARIANTS.values() if state in flow.state_by_code)
