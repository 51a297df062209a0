"""The menu, as data: groups of entries, each shown to those who hold its permission."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """`url` is the name of an address; pages below it light the same entry."""

    label: str
    url: str
    permission: str


MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    ("稽核工作", (Entry("运行总览", "overview", "overview.view"),)),
    (
        "系统",
        (
            Entry("后台任务", "jobs", "jobs.view"),
            Entry("审计日志", "ledger", "ledger.view"),
        ),
    ),
)
