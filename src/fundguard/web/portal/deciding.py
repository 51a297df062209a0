"""From what an institution says of each charge line to the one step that says it to the bureau."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from fundguard.errors import Refusal
from fundguard.web.desk.forms import TextField

ACCEPT, OBJECT = "accept", "object"
SAID = {ACCEPT: "认可", OBJECT: "申诉"}
#: Stands for the finding as a whole where it rests on no charge line.
WHOLE = ""


@dataclass(frozen=True)
class Decision:
    verb: str
    papers: dict[str, Any]


def decided(lines: Collection[str], said: Mapping[str, str], statement: str) -> Decision | None:
    """The step for a finding on these lines, or None where nothing is said of any.

    `said` maps a line (`WHOLE` where there is none) to `accept`, `object` or nothing. All lines accepted: the finding
    is accepted. Any line objected to: an objection that names those lines and, apart, the ones accepted; of the others
    nothing is said. Refusal where only a part is accepted and nothing objected to, or the reasons are missing.
    """
    known = set(lines) or {WHOLE}
    accepted = sorted(line for line in known if said.get(line) == ACCEPT)
    objected = sorted(line for line in known if said.get(line) == OBJECT)
    if not accepted and not objected:
        return None
    if not objected:
        if len(accepted) < len(known):
            raise Refusal(
                "只认可了一部分明细，其余没有答复",
                where="逐条答复",
                seen=f"共 {len(known)} 条，认可 {len(accepted)} 条",
                remedy="请对其余明细选择认可或者申诉；全部认可的，才能按认可提交",
            )
        return Decision(ACCEPT, {})
    papers = {
        "objection_statement": stated(statement),
        "lines": [line for line in objected if line],
        "accepted_lines": [line for line in accepted if line],
    }
    return Decision(OBJECT, papers)


def stated(text: str) -> str:
    """The reasons as the form of the single step would take them; Refusal where it would not."""
    try:
        return TextField().clean(text)
    except ValidationError as fault:
        words = "申诉没有写理由" if not text.strip() else "申诉理由不能这样填写"
        raise Refusal(
            words, where="申诉理由", seen="；".join(fault.messages), remedy="请改正申诉理由后再提交"
        ) from None
