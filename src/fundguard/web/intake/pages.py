"""What the templates of the import pages see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fundguard.claims.store.manifest import Counts, Manifest

TITLES = {
    "setl_d": "结算",
    "mdtrt_d": "就诊",
    "fee_list_d": "费用明细",
    "setl_diag_list_d": "诊断",
    "oprninfo": "手术操作",
    "drord_d": "医嘱",
    "fixmedins_b": "定点医药机构",
    "medins_info_b": "医疗机构",
    "rtal_phac_b": "零售药店",
    "fixmedins_cntr_reg_d": "协议",
    "dr_info_b": "医师",
    "psn_info_b": "人员",
    "psn_insu_d": "参保",
    "opsp_reg_d": "门诊慢特病登记",
    "out_appy_d": "转诊转院",
    "stock_count_3501": "库存盘点",
    "stock_change_3502": "库存变更",
    "purchase_3503": "采购",
    "purchase_return_3504": "采购退货",
    "sale_3505": "销售",
    "sale_return_3506": "销售退货",
    "drugtracinfo": "追溯码",
}
CODE, MONTH, TABLE = "fixmedins_code", "month", "table_name"


def titled(table: str) -> str:
    return f"{TITLES[table]} {table}" if table in TITLES else table


@dataclass(frozen=True)
class TableTotals:
    title: str
    counts: Counts


@dataclass(frozen=True)
class ArrivalPage:
    """An arrival as its manifest tells it, and, where it came in by this site, who brought it and what was ignored."""

    number: int
    received: datetime
    as_of: datetime | None
    source: str
    files: int
    settings: str
    tables: tuple[TableTotals, ...]
    total: Counts
    who: str = ""
    reasons: tuple[tuple[str, int], ...] = ()
    unrecognised: tuple[str, ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()  # source, columns

    @classmethod
    def of(cls, manifest: Manifest, who: str = "", result: Mapping[str, Any] | None = None) -> ArrivalPage:
        told = result or {}
        files = told.get("files", [])
        return cls(
            number=manifest.arrival,
            received=manifest.received,
            as_of=manifest.as_of,
            source=manifest.source,
            files=len(manifest.files),
            settings=manifest.settings.removeprefix("mapping="),
            tables=tuple(TableTotals(titled(name), counts) for name, counts in manifest.tables.items()),
            total=summed(manifest),
            who=who,
            reasons=tuple(sorted(told.get("reasons", {}).items(), key=lambda pair: -pair[1])),
            unrecognised=tuple(told.get("unrecognised", ())),
            ignored=tuple(
                (one["source"], "、".join(one["ignored_columns"])) for one in files if one["ignored_columns"]
            ),
        )


def summed(manifest: Manifest) -> Counts:
    """The counts of all tables together; they add up as those of each table do."""
    names = Counts.__dataclass_fields__
    return Counts(**{name: sum(getattr(counts, name) for counts in manifest.tables.values()) for name in names})


@dataclass(frozen=True)
class SectionPage:
    """One section of the quality report, filtered, one page of its rows. A head or cell is (text, whether it is a number)."""

    name: str
    title: str
    note: str
    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[tuple[str, bool], ...], ...]
