"""Layer 3. Knowledge points (limits, pairs, quantities) as dated tables, and search over them."""

from fundguard.knowledge.base import Item, Knowledge, Point, load
from fundguard.knowledge.finder import Hit, search

__all__ = ["Hit", "Item", "Knowledge", "Point", "load", "search"]
