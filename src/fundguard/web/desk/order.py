"""In which order work is worth doing: expected yuan per hour of a reviewer, within a day's hours, plus a random slice.

Until enough findings of a rule have been reviewed, the share expected to be upheld is that of the verdict's class: a
prior, and shown as such. Each reviewed finding moves it: (prior x WEIGHT + upheld) / (WEIGHT + reviewed).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from fundguard.findings.schema import REVIEW_MINUTES, VERDICTS

#: Share upheld expected before any review, in ten-thousandths. Starting values, not measured.
PRIOR_E4 = dict(zip(VERDICTS, (9000, 4000, 1500, 2000), strict=True))
WEIGHT = 20  # reviewed findings that weigh as much as the prior
MINUTES = REVIEW_MINUTES
DAY_MINUTES = 360  # of a reviewer, what meetings and papers leave
RANDOM_SHARE = 10  # one in so many of a day's minutes goes to the random slice
LOTS = 1 << 31


@dataclass(frozen=True)
class Tally:
    """Findings of a rule that were reviewed, and those of them upheld."""

    upheld: int = 0
    reviewed: int = 0


def share_e4(verdict: str, tally: Tally) -> int:
    """The share expected to be upheld, in ten-thousandths."""
    return (PRIOR_E4[verdict] * WEIGHT + tally.upheld * 10_000) // (WEIGHT + tally.reviewed)


def score(counted_fen: int, verdict: str, subject_kind: str, tally: Tally) -> int:
    """Expected fen per hour of review."""
    return counted_fen * share_e4(verdict, tally) * 60 // (MINUTES[subject_kind] * 10_000)


def lot(key: str) -> int:
    """A number below `LOTS` that the key alone decides."""
    return int.from_bytes(hashlib.sha256(f"lot:{key}".encode()).digest()[:4], "big") % LOTS


def start(day: date) -> int:
    """Where the random slice of a day begins: the items with the next lots are drawn, the same all day."""
    return lot(day.isoformat())
