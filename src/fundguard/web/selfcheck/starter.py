"""The problems that a new list may begin with: condensed, in our own words, with the number of the source."""

from __future__ import annotations

from fundguard import knowledge

TITLE = "定点医药机构自查自纠问题清单（参照 2025 版起草）"
SOURCE = "国家医保局《医保函〔2025〕2号》所附问题清单（2025 版），按序号概括，未收全部条目；以公布的原文为准"
_COLUMNS = ("number", "field", "kind", "text", "evidence", "audience")


def problems() -> tuple[dict[str, str], ...]:
    """Columns of `Problem`."""
    return tuple({name: getattr(one, name) for name in _COLUMNS} for one in knowledge.problems().values())
