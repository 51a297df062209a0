"""What the rules said of the rows of examples, read from `hit` and `unknown`, and where that is not what they state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fundguard.rules.compiler import HIT, UNKNOWN
from fundguard.rules.examples import CLEAR, Example
from fundguard.rules.examples import UNKNOWN as COULD_NOT
from fundguard.rules.rule import VERDICTS

Row = Sequence[Any]
_HIT = {name: place for place, (name, _) in enumerate(HIT)}
_UNKNOWN = {name: place for place, (name, _) in enumerate(UNKNOWN)}


@dataclass(frozen=True)
class Answers:
    """By (rule, key of the judged row): the answer, and the violation amount in fen; clear rows are absent."""

    verdict: dict[tuple[str, str], str]
    amount: dict[tuple[str, str], int]


@dataclass(frozen=True)
class Failure:
    """A row of an example that was judged otherwise than stated (an amount in fen where it was that)."""

    rule_code: str
    example: str
    row: str
    expected: str | int
    given: str | int | None


def answers(hit: Iterable[Row], unknown: Iterable[Row]) -> Answers:
    """Rows of the two answer tables in the order of their columns; a row both hit and not evaluated is hit."""
    verdict = {(row[_UNKNOWN["rule_code"]], row[_UNKNOWN["ref_key"]]): COULD_NOT for row in unknown}
    amount: dict[tuple[str, str], int] = {}
    gravest: dict[tuple[str, str], str] = {}
    for row in hit:
        if row[_HIT["role"]] != "accused":
            continue
        at = row[_HIT["rule_code"]], row[_HIT["ref_key"]]
        gravest[at] = min(row[_HIT["verdict"]], gravest.get(at, VERDICTS[-1]), key=VERDICTS.index)
        amount[at] = amount.get(at, 0) + int(row[_HIT["amount_fen"]])
    return Answers(verdict | gravest, amount)


def failures(found: Sequence[Example], given: Answers) -> list[Failure]:
    """Rows whose answer or stated amount is another, and rows nobody named that are not clear."""
    wrong: list[Failure] = []
    named: set[tuple[str, str]] = set()
    for example in found:
        rule = example.rule_code
        for key, expected in example.expected.items():
            named.add((rule, key))
            said = given.verdict.get((rule, key), CLEAR)
            if said != expected:
                wrong.append(Failure(rule, example.name, key, expected, said))
        for key, fen in example.amounts.items():
            if given.amount.get((rule, key)) != fen:
                wrong.append(Failure(rule, example.name, key, fen, given.amount.get((rule, key))))
    rules = {example.rule_code for example in found}
    stray = (at for at in given.verdict if at[0] in rules and at[1].startswith(at[0] + "-") and at not in named)
    return wrong + [Failure(rule, "", key, CLEAR, given.verdict[rule, key]) for rule, key in stray]
