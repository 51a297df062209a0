"""Names of files as they are kept: what a person can read, nothing that misleads or names somebody by number."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

LONGEST = 80
_NUMBERS = re.compile(r"(?<!\d)(\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?!\d)")
_UNFIT = re.compile(r'[\\/:*?"<>|]')


def cleaned(name: str) -> str:
    """Without folders, control and direction signs; identity and telephone numbers become asterisks."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    plain = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    masked = _NUMBERS.sub(lambda found: "＊" * len(found[0]), plain)
    return _UNFIT.sub("_", masked).strip(" .") or "附件"


def ending(name: str, suffix: str) -> str:
    """With the ending that its content asks for, and no longer than a name may be."""
    path = PurePosixPath(name)
    known = path.suffix.lower() == suffix or (suffix, path.suffix.lower()) == (".jpg", ".jpeg")
    stem = path.stem if known else name
    return stem[:LONGEST].rstrip(" .") + suffix
