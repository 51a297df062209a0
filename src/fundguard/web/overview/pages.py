"""What the overview's template may see."""

from __future__ import annotations

from dataclasses import dataclass

from fundguard.web.core.charts import Option
from fundguard.web.jobs.models import Job


@dataclass(frozen=True)
class Figure:
    label: str
    value: int
    unit: str


@dataclass(frozen=True)
class Overview:
    figures: list[Figure]
    trend: Option
    states: Option
    latest: list[Job]
