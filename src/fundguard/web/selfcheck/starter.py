"""The problems that a new list may begin with: condensed, in our own words, with the number of the source."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("starter.csv")
TITLE = "定点医药机构自查自纠问题清单（参照 2025 版起草）"
SOURCE = "国家医保局《医保函〔2025〕2号》所附问题清单（2025 版），按序号概括，未收全部条目；以公布的原文为准"


@cache
def problems() -> tuple[dict[str, str], ...]:
    """Columns of `Problem`."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))
