"""A synthetic city: national tables as a bureau would export them, with planted violations and hard negatives.

Nobody in it exists: names are 测 and 示, card numbers fail their check and lie in region 99, phones begin with 000.
"""

from fundguard.claims.city.build import CitySummary, build_city

__all__ = ["CitySummary", "build_city"]
