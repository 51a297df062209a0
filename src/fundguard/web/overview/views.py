"""The first page."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer, require
from fundguard.web.core import charts, store
from fundguard.web.core.parts import Chart, Figure
from fundguard.web.core.templatetags.show import percent, wan
from fundguard.web.desk import rates
from fundguard.web.intake import selectors as intake
from fundguard.web.jobs import selectors as jobs
from fundguard.web.jobs.services import start
from fundguard.web.jobs.views import card
from fundguard.web.overview import selectors
from fundguard.web.overview.pages import Filled, Found, Paid
from fundguard.web.runs import selectors as runs
from fundguard.web.runs.models import Run

TOP, MONTHS, LATEST = 10, 12, 5
LARGE_FEN = 10_000_000  # from here on amounts are drawn in ten thousand yuan


@require("see.overview")
def home(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    making = [card(request, job) for job in jobs.jobs(viewer)[:5] if job.active]
    arrivals = intake.arrivals(viewer)[:LATEST]
    shown: dict[str, object] = {"cards": making, "arrivals": arrivals, "demo": settings.DEMO}
    if not arrivals or not store.ready():
        return render(request, "overview/empty.html", shown)
    run = runs.latest_published(viewer)
    result = runs.result(viewer, run) if run else None
    found = selectors.found(viewer, run) if run else None
    reviewed = rates.first_review(viewer, run)
    shown |= {
        "run": run,
        "rates": reviewed,
        "runs": runs.runs(viewer)[:LATEST],
        "figures": [
            *_figures(selectors.paid(viewer), found, result.not_evaluated if result else None),
            _first_review(reviewed),
        ],
        "charts": _charts(viewer, run, found) if found and found.findings else [],
        "filled": [_filled_chart(selectors.least_filled(viewer))],
    }
    return render(request, "overview/overview.html", shown)


@require_POST
@require("do.import")
def demo_data(request: HttpRequest) -> HttpResponse:
    """Once more, where the first start of the demonstration was interrupted."""
    if not settings.DEMO or store.exists():
        raise Refusal("只有演示方式、且还没有数据时才能准备演示数据", remedy="请在“数据导入”页上传数据。")
    if not jobs.any_active("demo"):
        start("demo", "准备演示数据", request.user)
    return redirect("home")


def _figures(paid: Paid | None, found: Found | None, not_evaluated: int | None) -> list[Figure]:
    year = f"{paid.year} 年" if paid else ""
    unknown = "未核查"
    return [
        Figure("结算单", f"{paid.settlements:,}" if paid else "0", "张", year),
        Figure("政策范围内金额", wan(paid.inscp_fen) if paid else "0.0", "万元", year),
        Figure("基金支付", wan(paid.fund_fen) if paid else "0.0", "万元", year),
        Figure("疑点", f"{found.findings:,}" if found else unknown, "条" if found else "", "最近一次核查"),
        Figure(
            "疑点计入金额", wan(found.counted_fen) if found else unknown, "万元" if found else "", "同一明细只计一次"
        ),
        Figure(
            "未能判断",
            unknown if not_evaluated is None else f"{not_evaluated:,}",
            "" if not_evaluated is None else "处",
            "缺少所需字段",
        ),
    ]


def _first_review(reviewed: tuple[rates.Rate, ...]) -> Figure:
    done, total = sum(one.reviewed for one in reviewed), sum(one.total for one in reviewed)
    return Figure("初审率", percent(done, total) or "0.0%", "", f"{done:,} / {total:,} 张结算")


def _charts(viewer: Viewer, run: Run, found: Found) -> list[Chart]:
    names, institutions = runs.rule_names(run), intake.institution_names(viewer)
    months = _every(found.months)[-MONTHS:]
    unit, scaled = _scale(fen for _, _, fen in months)
    trend = charts.trend(
        [f"{month[:4]}-{month[4:]}" for month, _, _ in months],
        {"计入金额": [scaled(fen) for _, _, fen in months]},
        unit=unit,
        bars=("疑点数", [count for _, count, _ in months]),
        bars_unit="条",
    )
    rules = [(f"{code} {names.get(code, '')}", fen) for code, _, fen in found.rules if fen]
    places = [(institutions.get(code) or code, fen) for code, _, fen in found.institutions if fen]
    return [
        Chart("trend", "疑点月度趋势（按费用发生月份）", trend, f"最近 {len(months)} 个月的疑点数和计入金额"),
        _ranking("rules", "计入金额居前的规则", rules[:TOP]),
        _ranking("institutions", "计入金额居前的定点医药机构", places[:TOP]),
    ]


def _every(months: tuple[tuple[str, int, int], ...]) -> list[tuple[str, int, int]]:
    """All months from the first to the last; one without findings is a zero, not a gap."""
    if not months:
        return []
    told = {month: (count, fen) for month, count, fen in months}
    first, last = (int(month[:4]) * 12 + int(month[4:]) - 1 for month in (months[0][0], months[-1][0]))
    names = (f"{number // 12}{number % 12 + 1:02}" for number in range(first, last + 1))
    return [(name, *told.get(name, (0, 0))) for name in names]


def _ranking(key: str, title: str, rows: list[tuple[str, int]]) -> Chart:
    unit, scaled = _scale(fen for _, fen in rows)
    first = f"，最高为{rows[0][0]} {scaled(rows[0][1])} {unit}" if rows else ""
    option = charts.ranking([label for label, _ in rows], [scaled(fen) for _, fen in rows], name=f"计入金额（{unit}）")
    return Chart(key, f"{title}（{unit}）", option, f"{title}{first}")


def _filled_chart(filled: tuple[Filled, ...]) -> Chart:
    shares = [round(one.filled * 100 / one.total, 2) for one in filled]
    labels = [one.name or one.code for one in filled]
    option = charts.ranking(labels, shares, name="填写率（%）")
    least = f"，最低为{labels[0]} {shares[0]}%" if filled else ""
    return Chart("filled", "核查所需字段填写率最低的机构（%）", option, f"填写率最低的 {len(filled)} 家机构{least}")


def _scale(amounts: Iterable[int]) -> tuple[str, Callable[[int], float]]:
    """The unit that suits the largest amount, and how fen become it."""
    if max(amounts, default=0) < LARGE_FEN:
        return "元", lambda fen: fen / 100
    return "万元", lambda fen: round(fen / 1_000_000, 2)
