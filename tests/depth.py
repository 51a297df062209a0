"""How many random inputs the tests of properties try: few each time, several times as many in `make kill`."""

from __future__ import annotations

import os

DEPTH = int(os.environ.get("FUNDGUARD_DEPTH") or 1)


def examples(number: int) -> int:
    """`number` of an ordinary run, times the depth that was asked for."""
    return number * DEPTH
