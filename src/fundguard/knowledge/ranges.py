"""Sets of codes as half-open ranges: `C50|E10-E14|K25.4` means everything that begins with one of these."""

from __future__ import annotations

import re

from fundguard.errors import Refusal

#: A code or the beginning of one: an ICD category, an operation, a department, a disease of chronic care.
_START = re.compile(r"[0-9A-Z][0-9A-Za-z.+]*")


def code_ranges(text: str, where: str) -> list[tuple[str, str]]:
    """The ranges [from, to) of a cell; `A-B` includes all that begins with B. Refuses what is malformed, at `where`.

    Codes are compared as text, so a code that begins with a start lies in its range: K25.400 in [K25.4, K25.5).
    """
    found = []
    for part in text.split("|"):
        first, _, last = part.partition("-")
        last = last or first
        if not (_START.fullmatch(first) and _START.fullmatch(last) and first <= last):
            raise Refusal(
                "编码范围不合规范",
                where=where,
                seen=part,
                remedy="写编码的开头部分，如 K25.4；一段范围写作 E10-E14；多个以“|”分隔",
            )
        found.append((first, last[:-1] + chr(ord(last[-1]) + 1)))
    return found
