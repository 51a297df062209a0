"""ECharts options as plain dicts, in the colours of the skin.

Tooltips are drawn as rich text inside the SVG: the default HTML tooltip sets inline styles,
which the content security policy forbids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

LINE_COLOURS = ("#1557b0", "#2b8a63", "#b3720f", "#7a3fb0")
PALE = "#c9d6ea"
INK, MUTED, RULE = "#1f2a3d", "#5b6678", "#dfe3ea"
Option = dict[str, Any]


def ranking(labels: Sequence[str], values: Sequence[float], *, name: str) -> Option:
    """Horizontal bars, the first label on top, each with its value. `name` says what is counted, with its unit."""
    return {
        **_frame(),
        "tooltip": _tooltip("item"),
        "grid": {"left": 8, "right": 72, "top": 8, "bottom": 4, "containLabel": True},
        "xAxis": _value_axis(""),
        "yAxis": {**_label_axis(labels), "inverse": True},
        "series": [
            {
                "type": "bar",
                "name": name,
                "data": _labelled(values),
                "barMaxWidth": 18,
                "itemStyle": {"color": LINE_COLOURS[0]},
                "label": {"show": True, "position": "right", "color": INK},
            }
        ],
    }


def trend(
    labels: Sequence[str],
    lines: Mapping[str, Sequence[float]],
    *,
    unit: str,
    bars: tuple[str, Sequence[float]] | None = None,
    bars_unit: str = "",
) -> Option:
    """Lines over a common axis in `unit`; `bars` (name, values) stand behind them on their own axis at the right."""
    series: list[Option] = []
    axes = [_value_axis(unit)]
    if bars:
        axes.append({**_value_axis(bars_unit), "splitLine": {"show": False}})
        series.append(
            {
                "type": "bar",
                "name": bars[0],
                "data": list(bars[1]),
                "yAxisIndex": 1,
                "barMaxWidth": 26,
                "itemStyle": {"color": PALE},
            }
        )
    for place, (name, values) in enumerate(lines.items()):
        colour = LINE_COLOURS[place % len(LINE_COLOURS)]
        series.append(
            {
                "type": "line",
                "name": name,
                "data": list(values),
                "symbolSize": 6,
                "itemStyle": {"color": colour},
                "lineStyle": {"color": colour},
            }
        )
    return {
        **_frame(),
        "tooltip": _tooltip("axis"),
        "legend": {"top": 0, "textStyle": {"color": MUTED}},
        "grid": {"left": 8, "right": 8, "top": 40, "bottom": 4, "containLabel": True},
        "xAxis": _label_axis(labels),
        "yAxis": axes,
        "series": series,
    }


def _labelled(values: Sequence[float]) -> list[Option]:
    """Each value with its label: thousands grouped, all with the same number of decimals."""
    decimals = 0 if all(float(value).is_integer() for value in values) else 2
    return [{"value": value, "label": {"formatter": f"{value:,.{decimals}f}"}} for value in values]


def _frame() -> Option:
    return {"animation": False, "textStyle": {"color": INK}}


def _tooltip(trigger: str) -> Option:
    return {"trigger": trigger, "renderMode": "richText", "confine": True}


def _label_axis(labels: Sequence[str]) -> Option:
    return {"type": "category", "data": list(labels), "axisTick": {"show": False}, "axisLabel": {"color": MUTED}}


def _value_axis(unit: str) -> Option:
    return {
        "type": "value",
        "name": unit,
        "nameTextStyle": {"color": MUTED},
        "axisLabel": {"color": MUTED},
        "splitLine": {"lineStyle": {"color": RULE}},
    }
