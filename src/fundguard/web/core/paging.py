"""Pages of a list and their order, from the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import QueryDict

PAGE_SIZE = 20


@dataclass(frozen=True)
class Listing:
    """One page of rows: what a list template may see. `sort` is a key of the allowed orders, `-` before it turns it."""

    rows: list[Any]
    number: int
    pages: int
    total: int
    sort: str
    window: list[int | None]  # page numbers to offer; None stands for a gap


def listing(rows: QuerySet, query: QueryDict, orders: Mapping[str, str], default: str) -> Listing:
    """The page that `?page=` and `?sort=` ask for.

    `orders` maps each allowed sort key to a model field; an unknown key falls back to `default`. The order always ends
    with the primary key, so that pages neither overlap nor skip.
    """
    asked = query.get("sort", default)
    sort = asked if asked.removeprefix("-") in orders else default
    sign = "-" if sort.startswith("-") else ""
    ordered = rows.order_by(sign + orders[sort.removeprefix("-")], f"{sign}pk")
    paginator = Paginator(ordered, PAGE_SIZE)
    page = paginator.get_page(query.get("page"))
    window = [n if isinstance(n, int) else None for n in paginator.get_elided_page_range(page.number, on_each_side=2)]
    return Listing(list(page.object_list), page.number, paginator.num_pages, paginator.count, sort, window)
