"""How often an institution fills a field in a month: whether absence is evidence.

`source_profile(table_name, field, fixmedins_code, month, total, filled)`: `month` is text `yyyymm` of the
charge, settlement or admission, `total` counts the latest valid rows, `filled` those where the field is not NULL.
"""

from __future__ import annotations

from fundguard.claims.tables import tables

COLUMNS = ("table_name", "field", "fixmedins_code", "month", "total", "filled")
_TIME = {"fee_list_d": "fee_ocur_time", "setl_d": "setl_time", "mdtrt_d": "begntime"}


def profile_sql() -> str:
    """SELECT over the tables of `_TIME` as a connection names them; one pass over each."""
    return " UNION ALL ".join(_one(name, time) for name, time in _TIME.items())


def _one(name: str, time: str) -> str:
    table = tables()[name]
    fields = ["psn_key" if f.kind == "person" else f.name for f in table.fields if not (f.is_identity or f.key)]
    counts = ", ".join(f'count("{f}") AS "{f}"' for f in fields)
    names = ", ".join(f"'{f}'" for f in fields)
    values = ", ".join(f'p."{f}"' for f in fields)
    return f"""
        SELECT '{name}' AS table_name, unnest([{names}]) AS field, p.institution AS fixmedins_code,
            p.yyyymm::VARCHAR AS month, p.total, unnest([{values}]) AS filled
        FROM (SELECT fixmedins_code AS institution, year({time}) * 100 + month({time}) AS yyyymm,
            count(*) AS total, {counts} FROM {name} GROUP BY 1, 2) p"""
