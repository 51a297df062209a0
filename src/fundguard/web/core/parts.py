"""What a view hands to the templates in `templates/core/`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Column:
    """Head of a table column. `sort` is the value of `?sort=` (with `-` in front: descending), empty: not sortable."""

    label: str
    sort: str = ""
    number: bool = False


@dataclass(frozen=True)
class Figure:
    """One number of the row at the top of a page; `value` is already formatted."""

    label: str
    value: str
    unit: str = ""
    note: str = ""
    url: str = ""


@dataclass(frozen=True)
class Chart:
    """`option` is an ECharts option of `core.charts`; `summary` says in words what it shows, for screen readers."""

    key: str
    title: str
    option: dict[str, object]
    summary: str
    tall: bool = False

    @property
    def option_id(self) -> str:
        """Id of the data block that holds the option."""
        return f"{self.key}-option"


@dataclass(frozen=True)
class Happening:
    """One entry of a timeline."""

    when: datetime
    title: str
    who: str = ""
    text: str = ""
