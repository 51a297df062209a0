"""Stock: sales, returns and trace codes (of drugs) of every line, and counts and purchases that balance them.

Stock is kept for the drugs and consumables marked in the price list, at pharmacies and at hospitals of the upper two
levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from fundguard.claims.city.calendar import MINUTES, MONTH_ENDS, month_index
from fundguard.claims.city.catalogue import catalogue
from fundguard.claims.city.claims import Sources
from fundguard.claims.city.frames import Coded, Column, Ints, numbered, to_table, words
from fundguard.claims.city.journal import UNPRESCRIBED, UNTRACED, Batch
from fundguard.claims.city.people import person_numbers
from fundguard.claims.city.places import PHARMACY, SECONDARY, Places

_UNITS = 16  # trace numbers set aside for a line
_MONTHS = len(MONTH_ENDS) - 1
_SHORTAGE = 2


class Ledger:
    """Units sold, sold on a fund's account, and returned, by place, stocked item and month."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.items = np.flatnonzero(catalogue().stocked)
        self._column = np.full(len(catalogue().rows) + 1, -1, np.int64)
        self._column[self.items] = np.arange(len(self.items))
        self._shape = (len(places.kind), len(self.items), _MONTHS)
        self.sold = np.zeros(self._shape, np.int64)
        self.funded = np.zeros(self._shape, np.int64)
        self.returned = np.zeros(self._shape, np.int64)

    def rows(self, batch: Batch) -> Ints:
        """Positions of the lines that move stock."""
        place = batch.encounters.place[batch.lines.encounter]
        kind = self.places.kind[place]
        kept = (kind == PHARMACY) | (kind <= SECONDARY)
        # a negative line that takes nothing back is a wrong detail: no goods came back with it
        moved = (batch.lines.quantity > 0) | (batch.lines.refund_of >= 0)
        return np.flatnonzero(kept & moved & (self._column[batch.lines.item] >= 0))

    def enter(self, batch: Batch, rows: Ints, funded: npt.NDArray[np.bool_]) -> None:
        lines = batch.lines
        place = batch.encounters.place[lines.encounter[rows]]
        month = month_index(lines.minute[rows] // MINUTES)
        units = lines.quantity[rows] // 10**4
        cell = (place * len(self.items) + self._column[lines.item[rows]]) * _MONTHS + month
        self.sold += self._sum(cell, np.maximum(units, 0))
        self.funded += self._sum(cell, np.where(funded, np.maximum(units, 0), 0))
        self.returned += self._sum(cell, np.maximum(-units, 0))

    def _sum(self, cell: Ints, units: Ints) -> Ints:
        sums = np.bincount(cell, units.astype(np.float64), self.sold.size)
        return np.rint(sums).astype(np.int64).reshape(self._shape)


def sale_tables(batch: Batch, rows: Ints, sources: Sources, stamp: int) -> dict[str, pa.Table]:
    """3505, 3506 and trace codes of these lines; `stamp` as in `claim_tables` but always given (minutes)."""
    lines = batch.lines
    sold = rows[lines.quantity[rows] > 0]
    back = rows[(lines.quantity[rows] < 0) & (lines.refund_of[rows] >= 0)]
    original = lines.refund_of[back]
    consumable = catalogue().consumable
    scanned = (~consumable[lines.item]) & (lines.trace != UNTRACED)
    boxes, boxes_back = sold[scanned[sold]], back[scanned[original]]
    sales = _movements(batch, sold, sources, stamp)
    returns = _movements(batch, back, sources, stamp)
    sales["medins_prod_sel_no"] = numbered(lines.number[sold], 12, "9L")
    returns["medins_prod_sel_retn_no"] = numbered(lines.number[back], 12, "9K")
    returns["medins_prod_sel_no"] = numbered(lines.number[original], 12, "9L")
    traces = pa.concat_tables(
        [
            _traces(batch, boxes, boxes, sources, Interface("3505", "9L", stamp)),
            _traces(batch, boxes_back, lines.refund_of[boxes_back], sources, Interface("3506", "9K", stamp)),
        ]
    )
    return {
        "sale_3505": to_table("sale_3505", sales),
        "sale_return_3506": to_table("sale_return_3506", returns),
        "drugtracinfo": traces.unify_dictionaries().combine_chunks(),
    }


def _movements(batch: Batch, rows: Ints, sources: Sources, stamp: int) -> dict[str, Column]:
    lines, e, prices = batch.lines, batch.encounters, catalogue()
    at = lines.encounter[rows]
    numbers = person_numbers(sources.start, sources.start + len(sources.people))
    return {
        "fixmedins_code": Coded(sources.places.code, e.place[at]),
        "med_list_codg": prices.column("code", lines.item[rows]),
        "fixmedins_hilist_name": prices.column("name", lines.item[rows]),
        "setl_id": numbered(e.number[at] * 2 + lines.settlement[rows], 12, "9S"),
        "mdtrt_id": numbered(e.number[at], 11, "9M"),
        "bkkp_sn": numbered(lines.number[rows], 12, "9F"),
        "psn_no": Coded(numbers, e.person[at] - sources.start),
        "trdn_flag": Coded(words(["0", "1"]), lines.split[rows]),
        "finl_trns_pric": lines.price[rows],
        "sel_retn_cnt": np.abs(lines.quantity[rows]),
        "sel_retn_time": lines.minute[rows] + 2,
        "rx_flag": "1",
        "rxno": pc.if_else(lines.trace[rows] != UNPRESCRIBED, numbered(lines.number[rows], 12, "9R"), None),
        "mdtrt_setl_type": Coded(words(["1", "2"]), lines.own[rows]),
        "vali_flag": "1",
        "updt_time": np.maximum(lines.minute[rows] + 60, stamp),
    }


@dataclass(frozen=True)
class Interface:
    """Number of the interface, prefix of its row numbers, and the least time of change (minutes)."""

    code: str
    prefix: str
    stamp: int


def _traces(batch: Batch, rows: Ints, source: Ints, sources: Sources, interface: Interface) -> pa.Table:
    """One row a unit. A returned unit carries the code under which it was sold (`source`: the line of the sale)."""
    lines, e = batch.lines, batch.encounters
    units = np.abs(lines.quantity[rows]) // 10**4
    unit = np.arange(units.sum()) - np.repeat(np.cumsum(units) - units, units)
    first = np.where(lines.trace[source] > 0, lines.trace[source], lines.number[source] * _UNITS)
    row = np.repeat(rows, units)
    columns: dict[str, Column] = {
        "inf_type": interface.code,
        "medins_prod_sel_no": numbered(lines.number[row], 12, interface.prefix),
        "drug_trac_codg": numbered(np.repeat(first, units) + unit, 18, "99"),
        "fixmedins_code": Coded(sources.places.code, e.place[lines.encounter[row]]),
        "bkkp_sn": numbered(lines.number[row], 12, "9F"),
        "trdn_flag": Coded(words(["0", "1"]), lines.split[row]),
        "vali_flag": "1",
        "updt_time": np.maximum(lines.minute[row] + 60, interface.stamp),
    }
    return to_table("drugtracinfo", columns)


def trace_number(line: int) -> int:
    """Number of the first trace code of a line."""
    return line * _UNITS


@dataclass(frozen=True)
class StockCase:
    """A pair of place and item whose books were touched on purpose; `closing` and `opening` are counts' numbers."""

    trap: str
    place: int
    item: int
    month: int
    opening: str
    closing: str

    @property
    def consumable(self) -> bool:
        return bool(catalogue().consumable[self.item])


def stock_tables(
    ledger: Ledger, cases: int, rng: np.random.Generator, updated: int
) -> tuple[dict[str, pa.Table], list[StockCase]]:
    """Counts at every month's end, purchases and their returns, with `cases` short months and as many traps a kind."""
    moving = np.argwhere(ledger.sold.sum(axis=2) > 0)
    pair_place, pair_item = moving[:, 0], moving[:, 1]
    net = (ledger.sold - ledger.returned)[pair_place, pair_item]
    counts = rng.integers(5, 60, (len(moving), _MONTHS + 1))
    bought = net + np.diff(counts, axis=1)
    consumable = catalogue().consumable[ledger.items[pair_item]]
    chosen = [
        case for kind in (~consumable, consumable) for case in _choose(ledger, moving, bought, cases, rng, among=kind)
    ]
    dropped = np.zeros(counts.shape, np.bool_)
    found = []
    for trap, pair, month in chosen:
        if trap in ("", "missing_count"):
            bought[pair, month] -= _SHORTAGE
        if trap == "missing_count":
            dropped[pair, 1:] = True
        number = pair * (_MONTHS + 1) + month
        found.append(
            StockCase(
                trap,
                int(pair_place[pair]),
                int(ledger.items[pair_item[pair]]),
                month,
                f"9N{number:010d}",
                f"9N{number + 1:010d}",
            )
        )
    tables = {
        "stock_count_3501": _counts(ledger, moving, counts, dropped, updated),
        "purchase_3503": _purchases("purchase_3503", ledger, moving, np.maximum(bought, 0), updated),
        "purchase_return_3504": _purchases("purchase_return_3504", ledger, moving, np.maximum(-bought, 0), updated),
    }
    return tables, found


def _choose(  # noqa: PLR0913 (the books and what is asked of them)
    ledger: Ledger,
    moving: Ints,
    bought: Ints,
    cases: int,
    rng: np.random.Generator,
    *,
    among: npt.NDArray[np.bool_],
) -> list[tuple[str, int, int]]:
    """Pairs and months for short books and for traps, out of the pairs of this mask; each pair serves once."""
    returned = ledger.returned[moving[:, 0], moving[:, 1]]
    sold = ledger.sold[moving[:, 0], moving[:, 1]]
    funded = ledger.funded[moving[:, 0], moving[:, 1]]
    enough = (funded > 0) & (sold >= _SHORTAGE) & (bought >= _SHORTAGE) & (returned == 0)
    fitting: dict[str, npt.NDArray[np.bool_]] = {
        "sale_returned": (returned > 0) & (sold > 0),
        "": enough,
        "missing_count": enough,
        "exactly_balanced": enough,
        "purchase_returned": (bought < 0) & (sold > 0),
    }
    wanted = {"": cases}
    used: set[int] = set()
    out = []
    for trap, mask in fitting.items():
        cells = np.argwhere((mask & among[:, None])[:, 3:])
        taken = 0
        for pair, month in cells[rng.permutation(len(cells))].tolist():
            if taken == wanted.get(trap, max(1, cases // 4)):
                break
            if pair not in used:
                used.add(pair)
                out.append((trap, pair, month + 3))
                taken += 1
    return out


def _goods(ledger: Ledger, moving: Ints, pairs: Ints, updated: int) -> dict[str, Column]:
    items = ledger.items[moving[pairs, 1]]
    return {
        "fixmedins_code": Coded(ledger.places.code, moving[pairs, 0]),
        "med_list_codg": catalogue().column("code", items),
        "fixmedins_hilist_name": catalogue().column("name", items),
        "vali_flag": "1",
        "updt_time": np.full(len(pairs), updated),
    }


def _counts(ledger: Ledger, moving: Ints, counts: Ints, dropped: npt.NDArray[np.bool_], updated: int) -> pa.Table:
    pairs, ends = np.nonzero(~dropped)
    columns = _goods(ledger, moving, pairs, updated) | {
        "medins_prod_inv_no": numbered(pairs * (_MONTHS + 1) + ends, 10, "9N"),
        "invdate": MONTH_ENDS[ends],
        "inv_cnt": counts[pairs, ends] * 10**4,
    }
    return to_table("stock_count_3501", columns)


def _purchases(name: str, ledger: Ledger, moving: Ints, units: Ints, updated: int) -> pa.Table:
    pairs, months = np.nonzero(units)
    items = ledger.items[moving[pairs, 1]]
    columns = _goods(ledger, moving, pairs, updated) | {
        "medins_prod_purc_no": numbered(pairs * _MONTHS + months, 10, "9B" if name == "purchase_3503" else "9E"),
        "spler_name": "示例医药配送公司",
        "finl_trns_pric": catalogue().price[items] * 85 // 100,
        "purc_retn_cnt": units[pairs, months] * 10**4,
        "purc_retn_stoin_time": (MONTH_ENDS[months] + 2) * MINUTES + 600,
    }
    return to_table(name, columns)
