"""The answer sheet: every planted row and every trap, for either state of the delivery."""

from __future__ import annotations

import pyarrow as pa

from fundguard.claims.city.catalogue import catalogue
from fundguard.claims.city.claims import Ready
from fundguard.claims.city.frames import numbered
from fundguard.claims.city.people import person_numbers
from fundguard.claims.city.person_cases import FIRST_NUMBER
from fundguard.claims.city.places import Places
from fundguard.claims.city.stage import BOTH, TRAP, VIOLATION, Stage, amounts
from fundguard.claims.city.stock import StockCase

#: `cause`: of rows of the kind `gated`, the cause that the accusation gate gives.
#: `amount_fen` NULL: no source fixes the amount. `delivery`: `first` (the folder alone) or `final` (with corrections).
SCHEMA = pa.schema(
    [
        ("plant_id", pa.int64()),
        ("rule_code", pa.string()),
        ("kind", pa.string()),
        ("trap", pa.string()),
        ("ref_table", pa.string()),
        ("ref_key", pa.string()),
        ("related_key", pa.string()),
        ("psn_no", pa.string()),
        ("fixmedins_code", pa.string()),
        ("mdtrt_id", pa.string()),
        ("med_list_codg", pa.string()),
        ("amount_fen", pa.int64()),
        ("delivery", pa.string()),
        ("cause", pa.string()),
    ]
)

#: What begins the number of a charge and of the sale that comes with it.
_OF_A_LINE = {"fee_list_d": "9F", "sale_3505": "9L"}


def truth_table(stage: Stage, ready: Ready, stock: list[StockCase], places: Places) -> pa.Table:
    """One row an accused or innocent row and delivery, in the order of the plants."""
    fen = amounts(stage.truths, ready, FIRST_NUMBER)
    persons = person_numbers(0, len(stage.persons)).to_pylist()
    visits = numbered(ready.batch.encounters.number, 11, "9M").to_pylist()
    operations = numbered(ready.batch.encounters.number, 11, "9O").to_pylist()
    named = {"mdtrt_d": visits, "oprninfo": operations, "fixmedins_b": places.code.to_pylist()}
    prices = catalogue().rows
    rows: list[dict[str, object]] = []
    for truth, amount in zip(stage.truths, fen, strict=True):
        line = truth.table in _OF_A_LINE
        item = stage.lines[truth.key][2] if line else -1
        ref_key = f"{_OF_A_LINE[truth.table]}{FIRST_NUMBER + truth.key:012d}" if line else named[truth.table][truth.key]
        row = {
            "plant_id": truth.plant,
            "rule_code": truth.rule,
            "kind": truth.kind,
            "trap": truth.trap or None,
            "ref_table": truth.table,
            "ref_key": ref_key,
            "related_key": truth.related or None,
            "psn_no": persons[truth.person],
            "fixmedins_code": places.code[stage.encounters[truth.encounter][2]].as_py(),
            "mdtrt_id": visits[truth.encounter],
            "med_list_codg": prices[item]["code"] if item >= 0 else None,
            "amount_fen": amount,
            "cause": truth.cause or None,
        }
        rows += [row | {"delivery": delivery} for delivery in truth.deliveries]
    for number, case in enumerate(stock, stage.plants + 1):
        row = {
            "plant_id": number,
            "rule_code": "N48" if case.consumable else "N43",
            "kind": TRAP if case.trap else VIOLATION,
            "trap": case.trap or None,
            "ref_table": "stock_count_3501",
            "ref_key": case.closing,
            "related_key": case.opening,
            "fixmedins_code": places.code[case.place].as_py(),
            "med_list_codg": prices[case.item]["code"],
            "amount_fen": 0 if case.trap else None,
        }
        rows += [row | {"delivery": delivery} for delivery in BOTH]
    return pa.Table.from_pylist(rows, SCHEMA)
