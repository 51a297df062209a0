"""Chart options that are the same everywhere. A chart is a plain ECharts option; `chart.js` draws it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Option = dict[str, Any]


def bars(labels: Sequence[str], values: Sequence[float], name: str) -> Option:
    """Columns over labels."""
    return {
        "xAxis": {"type": "category", "data": list(labels)},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [{"type": "bar", "name": name, "data": list(values), "barMaxWidth": 28}],
    }


def ranking(labels: Sequence[str], values: Sequence[float], name: str) -> Option:
    """Horizontal bars, the first label on top."""
    return {
        "xAxis": {"type": "value", "minInterval": 1},
        "yAxis": {"type": "category", "data": list(labels), "inverse": True},
        "series": [
            {
                "type": "bar",
                "name": name,
                "data": list(values),
                "barMaxWidth": 22,
                "label": {"show": True, "position": "right"},
            }
        ],
    }
