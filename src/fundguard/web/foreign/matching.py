"""Each row of a list to the charges it speaks of: exact, probable with reasons, or none; nothing is guessed.

Exact needs a number that the store knows (明细、结算、就诊), an institution and a person that do not contradict it, and
charge lines that are not in doubt. Without a known number, institution, person and day give candidates for a person to
choose from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa

CANDIDATES_SHOWN = 8
EXACT, PROBABLE, NONE, ELSEWHERE, NO_INSTITUTION = "exact", "probable", "none", "elsewhere", "no_institution"
_EPOCH = date(1970, 1, 1)
_ASKED = ("place", "setl_id", "mdtrt_id", "bkkp_sn", "psn_key", "fixmedins_code", "item_code", "first", "last")
_STAYS = """
CREATE OR REPLACE TEMP TABLE found AS
WITH named AS (
  SELECT a.place, 1 AS way, l.setl_id, l.mdtrt_id, l.bkkp_sn
  FROM asked AS a JOIN fee_list_d AS l ON l.bkkp_sn = a.bkkp_sn
  UNION ALL
  SELECT a.place, 2, s.setl_id, s.mdtrt_id, NULL FROM asked AS a JOIN setl_d AS s ON s.setl_id = a.setl_id
  UNION ALL
  SELECT a.place, 3, s.setl_id, m.mdtrt_id, NULL
  FROM asked AS a JOIN mdtrt_d AS m ON m.mdtrt_id = a.mdtrt_id
  LEFT JOIN setl_d AS s ON s.mdtrt_id = m.mdtrt_id AND coalesce(s.refd_setl_flag, '0') = '0'
), alike AS (
  SELECT a.place, 4 AS way, s.setl_id, m.mdtrt_id, CAST(NULL AS VARCHAR) AS bkkp_sn
  FROM asked AS a
  JOIN mdtrt_d AS m ON m.psn_key = a.psn_key AND m.fixmedins_code = a.fixmedins_code
    AND m.begntime_day <= a.last AND coalesce(m.endtime_day, m.begntime_day) >= a.first
  LEFT JOIN setl_d AS s ON s.mdtrt_id = m.mdtrt_id AND coalesce(s.refd_setl_flag, '0') = '0'
  WHERE a.place NOT IN (SELECT place FROM named)
)
SELECT n.place, n.way, coalesce(n.setl_id, '') AS setl_id, coalesce(n.mdtrt_id, s.mdtrt_id, '') AS mdtrt_id,
  coalesce(n.bkkp_sn, '') AS bkkp_sn, coalesce(m.fixmedins_code, s.fixmedins_code, '') AS fixmedins_code,
  coalesce(m.psn_key, s.psn_key, '') AS psn_key, coalesce(s.fix_blng_admdvs, b.fix_blng_admdvs, '') AS region,
  coalesce(m.begntime_day, s.setl_time_day) AS first, coalesce(m.endtime_day, m.begntime_day, s.setl_time_day) AS last,
  coalesce(s.inscp_amt, 0) AS inscp_amt, coalesce(s.refd_setl_flag, '0') = '1' AS refund
FROM (SELECT * FROM named UNION ALL SELECT * FROM alike) AS n
LEFT JOIN setl_d AS s ON s.setl_id = n.setl_id
LEFT JOIN mdtrt_d AS m ON m.mdtrt_id = coalesce(n.mdtrt_id, s.mdtrt_id)
LEFT JOIN fixmedins_b AS b ON b.fixmedins_code = coalesce(m.fixmedins_code, s.fixmedins_code)
"""
_FOUND = "SELECT DISTINCT * FROM found ORDER BY place, way, setl_id, mdtrt_id, bkkp_sn"
#: Lines of the item that a row names, within the days it names; or the line it names.
_LINES = """
SELECT DISTINCT f.place, coalesce(l.setl_id, ''), l.mdtrt_id, l.bkkp_sn, coalesce(l.inscp_amt, 0)
FROM found AS f JOIN asked AS a ON a.place = f.place
JOIN fee_list_d AS l ON l.mdtrt_id = f.mdtrt_id AND (f.setl_id = '' OR l.setl_id IS NULL OR l.setl_id = f.setl_id)
WHERE l.cnt > 0 AND CASE
  WHEN f.bkkp_sn <> '' THEN l.bkkp_sn = f.bkkp_sn
  WHEN a.bkkp_sn <> '' THEN false
  ELSE a.item_code <> '' AND l.med_list_codg = a.item_code
    AND (a.first IS NULL OR f.way = 4 OR l.fee_ocur_time_day BETWEEN a.first AND a.last) END
ORDER BY ALL
"""
_INSTITUTIONS = "SELECT fixmedins_code FROM fixmedins_b WHERE fixmedins_code IN (SELECT fixmedins_code FROM asked)"


@dataclass(frozen=True)
class Asked:
    """What a row says of the charges it means; empty text and None: nothing."""

    place: int
    setl_id: str = ""
    mdtrt_id: str = ""
    bkkp_sn: str = ""
    psn_key: str = ""
    fixmedins_code: str = ""
    item_code: str = ""
    first_day: date | None = None
    last_day: date | None = None
    amount_fen: int | None = None


@dataclass(frozen=True)
class Candidate:
    """Charges that a row may mean: the encounter or settlement, its lines with their fen in scope, and what
    speaks against it. `way`: found by line (1), settlement (2), encounter (3), institution, person and day (4)."""

    setl_id: str
    mdtrt_id: str
    fixmedins_code: str
    psn_key: str
    region: str
    first: int | None
    last: int | None
    whole_fen: int
    way: int
    reasons: tuple[str, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)


@dataclass(frozen=True)
class Outcome:
    state: str
    reason: str = ""
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class _Known:
    """What the store says of a batch."""

    candidates: Mapping[int, list[Candidate]]
    institutions: AbstractSet[str]


def match(
    connection: duckdb.DuckDBPyConnection, asked: Sequence[Asked], regions: AbstractSet[str]
) -> dict[int, Outcome]:
    """Place of each row → what it was matched with. `regions` are the divisions of the list: charges of others are
    said to lie elsewhere and nothing else is told of them."""
    known = _read(connection, asked)
    return {one.place: judge(one, known.candidates.get(one.place, []), known.institutions, regions) for one in asked}


def judge(one: Asked, found: Sequence[Candidate], institutions: AbstractSet[str], regions: AbstractSet[str]) -> Outcome:
    """The outcome of one row from the candidates that the store has for it."""
    if not found:
        return _nothing(one, institutions)
    here = [candidate for candidate in found if candidate.region in regions]
    if not here:
        return Outcome(ELSEWHERE, "费用发生在其他统筹区，不由本统筹区办理")
    best = [replace(c, reasons=_doubts(one, c)) for c in here if c.way == min(c.way for c in here)]
    if len(best) > 1 and {(c.mdtrt_id) for c in best} == {best[0].mdtrt_id} and best[0].way == 3:
        best = [_together(best)]
    if len(best) == 1 and not best[0].reasons:
        return Outcome(EXACT, "", tuple(best))
    if len(best) > CANDIDATES_SHOWN:
        said = f"有 {len(best)} 次就诊与本行相符，只列前 {CANDIDATES_SHOWN} 次"
    elif len(best) > 1:
        said = f"有 {len(best)} 次就诊与本行相符"
    else:
        said = "；".join(best[0].reasons)
    return Outcome(PROBABLE, said[:300], tuple(best[:CANDIDATES_SHOWN]))


def _nothing(one: Asked, institutions: AbstractSet[str]) -> Outcome:
    if one.fixmedins_code and one.fixmedins_code not in institutions:
        return Outcome(NO_INSTITUTION, "定点机构编号在本地数据中没有")
    numbers = [name for name, value in (("明细", one.bkkp_sn), ("结算", one.setl_id), ("就诊", one.mdtrt_id)) if value]
    if numbers:
        return Outcome(NONE, f"{'、'.join(numbers)}编号在本地数据中没有")
    if one.fixmedins_code and one.psn_key and one.first_day:
        return Outcome(NONE, "该机构在该日期没有此人的就诊")
    return Outcome(NONE, "没有编号，机构、人员、日期也不齐，无法查找")


def _doubts(one: Asked, found: Candidate) -> tuple[str, ...]:
    """Why a person must look at it."""
    told = []
    if found.way == 4:
        missing = "所列编号在本地数据中没有，" if one.setl_id or one.mdtrt_id or one.bkkp_sn else "没有编号，"
        told.append(f"{missing}按机构、人员、日期查到")
    if one.bkkp_sn and found.way in (2, 3):
        told.append("明细编号在本地数据中没有，结算或就诊编号相符")
    if one.setl_id and found.setl_id != one.setl_id and found.way != 4:
        told.append("结算编号与其他编号不是同一笔")
    if one.mdtrt_id and found.mdtrt_id != one.mdtrt_id and found.way != 4:
        told.append("就诊编号与其他编号不是同一次")
    if one.fixmedins_code and found.fixmedins_code != one.fixmedins_code:
        told.append("编号相符，机构不一致")
    if one.psn_key and found.psn_key != one.psn_key:
        told.append("编号相符，人员不一致")
    if found.way == 1 and not found.lines:
        told.append("所列明细是退费，或者数量为零")
    elif one.item_code and not found.lines:
        told.append("其中没有所列项目的费用")
    elif len(found.lines) > 1 and one.amount_fen not in (None, sum(found.lines.values())):
        told.append(f"所列项目有 {len(found.lines)} 条明细，金额与来文不等，须选定")
    return tuple(told)


def _together(parts: Sequence[Candidate]) -> Candidate:
    """An encounter with several settlements, taken as a whole."""
    first = parts[0]
    lines = {line: fen for part in parts for line, fen in part.lines.items()}
    whole = sum(part.whole_fen for part in parts)
    reasons = tuple(dict.fromkeys(reason for part in parts for reason in part.reasons))
    return replace(first, setl_id="", whole_fen=whole, lines=lines, reasons=reasons)


def _read(connection: duckdb.DuckDBPyConnection, asked: Sequence[Asked]) -> _Known:
    _load(connection, asked)
    connection.execute(_STAYS)
    lines: dict[tuple[int, str, str], dict[str, int]] = defaultdict(dict)
    for place, setl_id, mdtrt_id, line, fen in connection.execute(_LINES).fetchall():
        lines[place, setl_id, mdtrt_id][line] = fen
    candidates: dict[int, list[Candidate]] = defaultdict(list)
    for place, way, setl_id, mdtrt_id, _, institution, psn_key, region, first, last, fen, refund in connection.execute(
        _FOUND
    ).fetchall():
        if refund or not mdtrt_id:
            continue
        own = {**lines[place, "", mdtrt_id], **lines[place, setl_id, mdtrt_id]}
        made = Candidate(setl_id, mdtrt_id, institution, psn_key, region, first, last, fen, way, (), own)
        if made not in candidates[place]:
            candidates[place].append(made)
    institutions = frozenset(row[0] for row in connection.execute(_INSTITUTIONS).fetchall())
    return _Known(candidates, institutions)


def _load(connection: duckdb.DuckDBPyConnection, asked: Sequence[Asked]) -> None:
    rows = [
        {
            **{name: getattr(one, name) for name in _ASKED[1:7]},
            "place": one.place,
            "first": _day(one.first_day),
            "last": _day(one.last_day or one.first_day),
        }
        for one in asked
    ]
    text = [(name, pa.string()) for name in _ASKED[1:7]]
    days = [(name, pa.int32()) for name in ("first", "last")]
    table = pa.Table.from_pylist(rows, pa.schema([("place", pa.int32()), *text, *days]))
    connection.register("asking", table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE asked AS SELECT {', '.join(_ASKED)} FROM asking")
    connection.unregister("asking")


def _day(day: date | None) -> int | None:
    return None if day is None else (day - _EPOCH).days


def day_of(number: int | None) -> date | None:
    """A day as the store counts it."""
    return None if number is None else _EPOCH + timedelta(days=number)


def candidate_of(told: Mapping[str, Any]) -> Candidate:
    """What `Candidate.told` kept."""
    return Candidate(**{**told, "reasons": tuple(told["reasons"])})


def charged(candidate: Candidate, lines: Iterable[str], amount_fen: int | None) -> dict[str, int]:
    """The chosen lines with the fen accused in each: all in scope, and together never more than the sender names."""
    left, shares = amount_fen, {}
    for line in sorted(lines):
        fen = candidate.lines[line]
        shares[line] = fen if left is None else min(fen, left)
        left = None if left is None else left - shares[line]
    return {line: fen for line, fen in shares.items() if fen or left is None or len(shares) == 1}
