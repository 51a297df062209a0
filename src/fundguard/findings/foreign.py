"""Foreign findings: what others accuse, as hits under a pseudo-rule of its source, so that gate, money and queue are
those of our own hits.

`foreign_sources.csv` lists the sources: code (W and two digits, in the place of a rule code), name, the gravest
verdict a finding of it may have, message.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa

from fundguard.rules.compiler import HIT
from fundguard.rules.rule import Rule

TABLE = Path(__file__).with_name("foreign_sources.csv")
_SINCE = "1970-01-01"
#: Version of the way in which accusations of others become hits: part of every such finding.
VERSION = 1


@dataclass(frozen=True)
class ForeignSource:
    code: str
    name: str
    verdict: str
    message: str


@dataclass(frozen=True)
class Charge:
    """One row that a sender accuses: `table` fee_list_d, setl_d or mdtrt_d, `key` of the row, what of it in fen (None:
    all that is in scope), the sender's rule and words."""

    table: str
    key: str
    fen: int | None
    named: str
    words: str


@dataclass(frozen=True)
class ForeignHit:
    """What becomes one finding: a source, the encounter, the list and the sender's rule as anchor, its rows."""

    source: str
    mdtrt_id: str
    anchor: str
    charges: tuple[Charge, ...]

    @property
    def finding_key(self) -> str:
        """The key that `findings.keys` will give it."""
        parts = (self.source, "encounter", self.mdtrt_id, self.anchor)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


@cache
def foreign_sources() -> dict[str, ForeignSource]:
    """All sources by code, in the order in which they are offered."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return {row["code"]: ForeignSource(**row) for row in csv.DictReader(stream)}


def is_foreign(rule_code: str) -> bool:
    return rule_code in foreign_sources()


def pseudo_rule(source: ForeignSource) -> Rule:
    """The source in the place of a rule: valid on all days, in all regions, judged by nobody but people."""
    content = f"{source.code}|{source.verdict}|{source.message}|{VERSION}"
    return Rule(
        code=source.code,
        name=source.name,
        klass="",
        shape="",
        verdict=source.verdict,
        stages=(),
        scenes=(),
        article="",
        message=source.message,
        papers=(),
        state="published",
        version=VERSION,
        valid_from=_SINCE,
        valid_to=None,
        former=None,
        insurance=(),
        regions=(),
        verdict_limit=None,
        limit_reason=None,
        derived_by=None,
        notes=None,
        parameters={},
        content_hash=hashlib.sha256(content.encode()).hexdigest()[:32],
    )


#: More than anything in scope: the cap of the row itself decides.
_ALL = 10**15


def hits_table(hits: Sequence[ForeignHit]) -> pa.Table:
    """The hits as rows of the table `hit`; the sender's words are what was seen."""
    rows = [
        {
            "rule_code": hit.source,
            "point": charge.named,
            "verdict": foreign_sources()[hit.source].verdict,
            "subject_kind": "encounter",
            "subject_id": hit.mdtrt_id,
            "anchor": hit.anchor,
            "ref_table": charge.table,
            "ref_key": charge.key,
            "role": "accused",
            "amount_fen": _ALL if charge.fen is None else charge.fen,
            "seen": f"来文：{charge.named}" + (f"（{charge.words}）" if charge.words else ""),
        }
        for hit in hits
        for charge in hit.charges
    ]
    kinds = {"VARCHAR": pa.string(), "BIGINT": pa.int64()}
    return pa.Table.from_pylist(rows, pa.schema([(name, kinds[kind]) for name, kind in HIT]))
