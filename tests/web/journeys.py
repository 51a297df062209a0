"""One finding's way as data: the rows of the tutorial, and what two regions do otherwise from the objection on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorials" / "life-of-a-finding.md"
CLAIMS = TUTORIAL.with_name("claims")
VARIANTS = Path(__file__).with_name("variants")
_ROW = re.compile(r"^\| `(\w+)` \| (.+?) \|(.*?)\| (.+?) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Act:
    """A row: who does what, what is filled in (label → words), and what the page says then."""

    account: str
    name: str
    filled: dict[str, str]
    after: str


@dataclass(frozen=True)
class Journey:
    """`region` is a county that no real place is, below the region whose workflow it follows; empty: demonstration."""

    acts: tuple[Act, ...]
    region: str = ""
    institution: str = ""
    person: str = ""

    @property
    def suffix(self) -> str:
        """Of its accounts."""
        return f"-{self.region}" if self.region else ""


def acts(text: str) -> tuple[Act, ...]:
    return tuple(Act(who, name, _filled(words), after) for who, name, words, after in _ROW.findall(text))


def _filled(words: str) -> dict[str, str]:
    return dict(one.strip().rsplit("：", 1) for one in words.split("；") if one.strip())


def journey(name: str, region: str, person: str) -> Journey:
    """The tutorial's rows down to the objection, in this county, then those of `variants/NAME.md`."""
    rest = VARIANTS.joinpath(f"{name}.md").read_text("utf-8")
    told = acts(TUTORIAL.read_text("utf-8"))
    until = next(place for place, one in enumerate(told) if one.name == "申诉")
    institution = f"H{region}88001"
    own = {"核查区划": f"示例县 {region}", "机构": institution, "涉及的费用明细": f"L-{person}"}
    common = (
        Act(one.account, one.name, {label: own.get(label, words) for label, words in one.filled.items()}, one.after)
        for one in told[: until + 1]
    )
    return Journey((*common, *acts(rest)), region, institution, person)


NATION = Journey(acts(TUTORIAL.read_text("utf-8")))
HUNAN = journey("hunan", "439901", "庚")
SHAOXING = journey("shaoxing", "330699", "辛")
JOURNEYS = {"nation": NATION, "hunan": HUNAN, "shaoxing": SHAOXING}
