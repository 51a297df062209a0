"""Layer 3. Knowledge points (limits, pairs, quantities) as dated tables, and search over them."""

from fundguard.knowledge.base import Item, Knowledge, Point, fingerprint, load
from fundguard.knowledge.finder import Hit, search
from fundguard.knowledge.problems import Problem, problems
from fundguard.knowledge.ranges import code_ranges
from fundguard.knowledge.regional import of_region
from fundguard.knowledge.schema import LIMIT_TABLES

__all__ = [
    "LIMIT_TABLES",
    "Hit",
    "Item",
    "Knowledge",
    "Point",
    "Problem",
    "code_ranges",
    "fingerprint",
    "load",
    "of_region",
    "problems",
    "search",
]
