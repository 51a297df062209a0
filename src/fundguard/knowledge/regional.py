"""The knowledge of a region: the nation's, with the folders of its province, its city and its county on top."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fundguard.knowledge.base import Knowledge, load

#: One folder a division, named by the digits it shares with all in it (`99`, `9901`, `990101`). 99 is the synthetic
#: city: its price lists, departments and classes are our own, so that rules that need local knowledge can be shown.
REGIONS = Path(__file__).parent / "regions"


def of_region(region: str) -> Knowledge:
    """What holds in this division ("" : the nation's alone). The same folders give the same object."""
    return load(*_folders(region))


@cache
def _folders(region: str) -> tuple[Path, ...]:
    prefixes = (region[:length] for length in (2, 4, 6) if len(region) >= length)
    return tuple(folder for folder in (REGIONS / prefix for prefix in prefixes) if folder.is_dir())
