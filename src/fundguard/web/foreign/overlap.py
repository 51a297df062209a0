"""What already stands on the same charges: a line is asked back once, whoever found it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fundguard.errors import Refusal
from fundguard.findings.foreign import is_foreign
from fundguard.web.desk.models import StateRow
from fundguard.web.desk.services import Done
from fundguard.web.findings.models import Finding
from fundguard.web.fund import selectors as fund

FLOW = "finding"
#: In these states a finding asks nothing back and stands in no one's way.
DROPPED = ("dismissed", "cleared", "withdrawn")


@dataclass(frozen=True)
class Stands:
    """A finding that stands: its encounter, its settlement (empty: several), the accused lines (empty: the whole)."""

    key: str
    mdtrt_id: str
    setl_id: str
    lines: frozenset[str]

    def touches(self, setl_id: str) -> bool:
        return not setl_id or not self.setl_id or self.setl_id == setl_id


def standing(encounters: Iterable[str]) -> dict[str, list[Stands]]:
    """Encounter → findings that stand on it, whoever told them; three statements however many encounters."""
    wanted = [one for one in set(encounters) if one]
    told = Finding.objects.filter(mdtrt_id__in=wanted, state=Finding.State.OPEN).values_list(
        "pk", "mdtrt_id", "setl_id"
    )
    places = {key: (mdtrt_id, setl_id) for key, mdtrt_id, setl_id in told}
    rows = StateRow.objects.filter(workflow=FLOW, object_id__in=places).exclude(state__in=DROPPED)
    found: dict[str, list[Stands]] = defaultdict(list)
    for key, lines in rows.values_list("object_id", "lines").order_by("object_id"):
        mdtrt_id, setl_id = places[key]
        found[mdtrt_id].append(Stands(key, mdtrt_id, setl_id, frozenset(lines)))
    return found


def unsure(found: Iterable[Stands], setl_id: str, lines: Iterable[str]) -> list[str]:
    """Keys of findings of which nobody can say whether they mean the same money: one side names no lines."""
    chosen = frozenset(lines)
    return [one.key for one in found if one.touches(setl_id) and not (one.lines and chosen)]


def taken(found: Iterable[Stands], lines: Iterable[str]) -> dict[str, str]:
    """Line → key of the finding that accuses it already."""
    wanted = frozenset(lines)
    return {line: one.key for one in found for line in sorted(one.lines & wanted)}


def asked_once(done: Done) -> None:
    """Before a debt is recorded: none of the lines may be asked back for another finding, where one of the two is
    foreign. Our own findings on one line share its money by the counted amount."""
    one = Finding.objects.get(pk=done.row.object_id)
    if not one.mdtrt_id:
        return
    found = [other for other in standing([one.mdtrt_id])[one.mdtrt_id] if other.key != one.pk]
    rules = dict(Finding.objects.filter(pk__in=[other.key for other in found]).values_list("pk", "rule_code"))
    for other in found:
        foreign = is_foreign(one.rule_code) or is_foreign(rules[other.key])
        if foreign and _same(done.row.lines, one.setl_id, other) and fund.standing(other.key) is not None:
            raise Refusal(
                "同一费用已由另一疑点登记追回，不能再次登记",
                where="费用明细",
                seen=f"疑点 {Finding(pk=other.key).number}",
                remedy="请改为认定不成立并写明并入的疑点，或先撤销另一疑点的认定",
            )


def _same(lines: Mapping[str, int], setl_id: str, other: Stands) -> bool:
    if lines and other.lines:
        return bool(frozenset(lines) & other.lines)
    return other.touches(setl_id)
