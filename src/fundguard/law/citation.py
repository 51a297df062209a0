"""Articles a finding or step rests on: number, our own label, days in force, how well the text is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from fundguard.errors import Refusal

FOLDER = Path(__file__).parent / "articles"
#: P text read in full · E excerpt · S secondary source · M from memory · X looked for, not found
TAGS = ("P", "E", "S", "M", "X")
UNVERIFIED = "未核实"
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Article:
    """An article, paragraph or item, or a whole instrument (`number` 0 or a local document's own heading).

    `label` is our summary of the conduct, never the statute's text. `in_force_to` is the first day no longer in force.
    """

    ref: str
    instrument: str
    title: str
    document: str
    number: str
    label: str
    in_force_from: date
    in_force_to: date | None
    tag: str
    source: str
    paragraph: int = 0
    item: int = 0

    @property
    def cited(self) -> str:
        """As written in a paper: 《…条例》第三十八条第（一）项."""
        place = f"第{chinese_number(int(self.number))}条" if self.number.isdigit() else self.number
        place += f"第{chinese_number(self.paragraph)}款" if self.paragraph else ""
        place += f"第（{chinese_number(self.item)}）项" if self.item else ""
        return f"《{self.title}》{place}"

    @property
    def flag(self) -> str:
        """What must stand beside the citation: empty where the text itself was read."""
        return "" if self.tag in ("P", "E") else UNVERIFIED

    def in_force(self, day: date) -> bool:
        """Whether it applies on a day that the caller names."""
        return self.in_force_from <= day and (self.in_force_to is None or day < self.in_force_to)


def article(ref: str) -> Article:
    """The article `条例:38(1)`, or an instrument by its name alone. Refusal if it is not on file."""
    found = _articles().get(ref)
    if found is None:
        raise Refusal("法律依据未登记", seen=ref, remedy="请核对文件简称和条款号，或在 law/articles 中补登该条")
    return found


def articles() -> tuple[Article, ...]:
    """All articles on file, by instrument and in the order of the files."""
    return tuple(_articles().values())


def chinese_number(number: int) -> str:
    """1 to 99 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones or not tens else "")


@cache
def _articles() -> dict[str, Article]:
    found: dict[str, Article] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        head = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
        entries = head.pop("articles")
        common = {"in_force_to": None, **head}
        found[head["instrument"]] = Article(**common, ref=head["instrument"], number="", label=head["title"])
        for place, entry in entries.items():
            ref = f"{head['instrument']}:{place}"
            number = re.split(r"[(]", place)[0]
            found[ref] = Article(**(common | entry), ref=ref, number=number)
    return found
