"""What the overview shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paid:
    """Settlements of the last year in the data, in the viewer's regions; amounts in fen."""

    year: int
    settlements: int
    inscp_fen: int
    fund_fen: int


@dataclass(frozen=True)
class Found:
    """What the latest published run found in the viewer's regions."""

    findings: int
    counted_fen: int
    months: tuple[tuple[str, int, int], ...]  # yyyymm, findings, counted fen
    rules: tuple[tuple[str, int, int], ...]  # code, findings, counted fen
    institutions: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Filled:
    """How completely an institution fills the fields that rules need."""

    code: str
    name: str
    total: int
    filled: int
