"""The own work, the team's, the forecast of the backlog, and the balance of the load."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.accounts.models import User
from fundguard.web.core import charts
from fundguard.web.core.parts import Chart, Figure
from fundguard.web.core.templatetags.show import percent, yuan
from fundguard.web.desk import assigning, capacity
from fundguard.web.findings import selectors as findings
from fundguard.web.ledger.services import record
from fundguard.web.workload import balancing, forecasting, selectors
from fundguard.web.workload.measures import Work
from fundguard.web.workload.pages import Line, Stage

KIND = "人员工作量"


@require("do.steps")
def mine(request: HttpRequest) -> HttpResponse:
    """One's own figures: of the last weeks, by week and by rule."""
    viewer = request.viewer
    done = selectors.works(viewer, [viewer.user.pk], timezone.localdate())[viewer.user.pk]
    names = findings.rule_names()
    shown = {
        "figures": _figures(done),
        "weeks": [Line(f"{monday:%Y-%m-%d} 起", tally) for monday, tally in reversed(done.weeks.items())],
        "rules": [Line(f"{code} {names.get(code, '')}", tally) for code, tally in done.rules.items()],
        "count": selectors.WEEKS,
    }
    return render(request, "workload/mine.html", shown)


@require("see.team")
def team(request: HttpRequest) -> HttpResponse:
    """Everybody of the region by name; who looked stands in the ledger."""
    viewer = request.viewer
    people = assigning.colleagues(viewer)
    done = selectors.works(viewer, [user.pk for user in people], timezone.localdate())
    home = viewer.user.region.code if viewer.user.region else ""
    record(viewer.user, "查看人员工作量", KIND, home, region=home, detail={"人数": len(people)})
    rows = [(user, done[user.pk]) for user in people if done[user.pk].keys]
    return render(request, "workload/team.html", {"rows": rows, "count": selectors.WEEKS})


@require("see.desk")
def forecast(request: HttpRequest) -> HttpResponse:
    """What waits, what comes and goes, how long it lasts; people only for who may see the team."""
    today = timezone.localdate()
    stages = selectors.backlog(request.viewer, today)
    shown = {
        "stages": [(one, _words(one), _chart(one, today)) for one in stages],
        "may_team": request.viewer.may("see.team"),
        "least": forecasting.LEAST,
    }
    return render(request, "workload/forecast.html", shown)


@require("do.assign")
def load(request: HttpRequest) -> HttpResponse:
    """Who has how much to do and how much time; what balancing would give to whom."""
    state = request.GET.get("state", balancing.STATES[0])
    if state not in balancing.STATES:
        state = balancing.STATES[0]
    rows = balancing.previewed(request.viewer, state, timezone.localdate())
    names = selectors.FLOW.state_by_code
    shown = {
        "rows": rows,
        "state": state,
        "tabs": [(code, names[code].name, code == state) for code in balancing.STATES],
        "more": sum(row.more for row in rows),
        "most": capacity.MOST,
    }
    return render(request, "workload/load.html", shown)


@require_POST
@require("do.assign")
def balance(request: HttpRequest) -> HttpResponse:
    state = request.POST.get("state", "")
    count = balancing.balance(request.viewer, state, timezone.localdate())
    messages.success(request, f"已均衡分派 {count} 条疑点。" if count else "没有可以分派的疑点，或者没有人还有时间。")
    return redirect(f"{reverse('workload:load')}?state={state}")


@require_POST
@require("do.assign")
def state_capacity(request: HttpRequest) -> HttpResponse:
    person = get_object_or_404(User, username=request.POST.get("person", ""))
    if person not in assigning.colleagues(request.viewer):
        raise Refusal("此人不在本辖区", where="每日办理时间", remedy="请选择本辖区的人员")
    told = request.POST.get("minutes", "")
    if not (told.isascii() and told.isdigit() and len(told) < 5):
        raise Refusal("每日办理时间不是整数", where=str(person), remedy=f"请填写 0 至 {capacity.MOST} 的整数")
    capacity.state(request.viewer, person, int(told))
    messages.success(request, f"已设定{person}的每日办理时间。")
    return redirect("workload:load")


def _figures(done: Work) -> list[Figure]:
    total = done.total
    minutes = "尚无" if done.minutes is None else f"{done.minutes}"
    note = "相邻两次办理的间隔" if done.minutes is None else f"{done.gaps} 个间隔的中位数"
    return [
        Figure("初审", f"{total.reviewed:,}", "条", f"其中批量 {done.bulk:,} 条" if done.bulk else ""),
        Figure("初审成立", f"{total.upheld:,}", "条", percent(total.upheld, total.reviewed)),
        Figure("被退回", f"{total.sent_back:,}", "条", percent(total.sent_back, total.reviewed)),
        Figure("复核成立", f"{total.confirmed:,}", "条"),
        Figure("每条用时", minutes, "" if done.minutes is None else "分钟", note),
        Figure("目前成立金额", yuan(total.fen), "元"),
    ]


def _words(stage: Stage) -> list[str]:
    """What the figures mean, in sentences."""
    if not stage.waiting:
        return ["目前没有等待办理的疑点。"]
    told = [f"目前 {stage.waiting:,} 条等待办理，其中 {stage.late:,} 条已逾期。"]
    if stage.forecast is None:
        worked = sum(one.done > 0 for one in stage.days)
        told.append(f"最近只有 {worked} 个工作日有办理记录，少于 {forecasting.LEAST} 个，不作预测。")
        return told
    told.append(f"最近 {len(stage.days)} 个工作日平均每日办理 {stage.pace:.1f} 条。")
    if stage.forecast.middle is None:
        told.append(f"按目前进度，{forecasting.HORIZON} 个工作日内不能办完。")
    else:
        low, high = stage.forecast.low, stage.forecast.high
        most = f"{high} 个" if high is not None else f"超过 {forecasting.HORIZON} 个"
        told.append(
            f"按目前进度，预计 {stage.forecast.middle} 个工作日办完，五次中有四次在 {low} 至 {most}工作日之间。"
        )
    if stage.missed:
        told.append(f"即使都按期限先后办理，未逾期的也将有 {stage.missed:,} 条逾期。")
    return told


def _chart(stage: Stage, today: object) -> Chart | None:
    if stage.forecast is None or not stage.waiting:
        return None
    days = forecasting.next_days(today, len(stage.forecast.band))
    names = ("较快", "居中", "较慢")
    lines = {name: [band[place] for band in stage.forecast.band] for place, name in enumerate(names)}
    option = charts.trend([f"{day:%m-%d}" for day in days], lines, unit="条")
    return Chart(f"stage-{stage.state}", f"{stage.name}：预计存量", option, "".join(_words(stage)))
