"""The knowledge of a region: the nation's, with the folders of province, city and county on top."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path

from fundguard.knowledge import versions
from fundguard.knowledge.base import Knowledge, load

#: One folder a division, named by the digits it shares with all in it (`99`, `9901`, `990101`). 99 is the synthetic
#: city: its price lists, departments and classes are our own, so that rules that need local knowledge can be shown.
REGIONS = Path(__file__).parent / "regions"


def of_region(region: str, site: Path | None = None, proposed: Path | None = None) -> Knowledge:
    """What holds in this division ("" : the nation's alone): what is shipped and, on top, the signed versions below
    `site` that hold there; with the folder `proposed` what would hold after it. The same folders give the same object.
    Refuses a signed version that was tampered with."""
    signed = versions.laid(region, site) if site else ()
    return _laid(_folders(region), signed, proposed)


@lru_cache(maxsize=64)
def _laid(shipped: tuple[Path, ...], signed: tuple[versions.Version, ...], proposed: Path | None) -> Knowledge:
    above = (*(version.folder for version in signed), *([proposed] if proposed else ()))
    return replace(load(*shipped, *above), signed=tuple(versions.names(signed)))


@cache
def _folders(region: str) -> tuple[Path, ...]:
    prefixes = (region[:length] for length in (2, 4, 6) if len(region) >= length)
    return tuple(folder for folder in (REGIONS / prefix for prefix in prefixes) if folder.is_dir())
