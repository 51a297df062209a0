"""Small tables that staging and shapes read beside the knowledge: calendar, ways of treatment, planned diagnoses."""

from __future__ import annotations

import datetime as dt
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

EPOCH = dt.date(1970, 1, 1)
#: Medical category (first two digits of `med_type`) → way of treatment. Day surgery (28) is inpatient (DESIGN, N13).
WAYS = {
    "11": "outpatient", "12": "outpatient", "13": "emergency", "14": "outpatient", "15": "outpatient",
    "16": "outpatient", "21": "inpatient", "22": "inpatient", "23": "inpatient", "24": "inpatient",
    "25": "inpatient", "26": "inpatient", "27": "inpatient", "28": "inpatient", "41": "pharmacy",
    "51": "outpatient", "52": "inpatient", "81": "outpatient",
}  # fmt: skip
#: ICD-10 categories of planned series: dialysis, radio- and chemotherapy, follow-up care such as removal of fixation.
PLANNED_DIAGNOSES = ("Z47", "Z48", "Z49", "Z51", "Z54")


@cache
def calendar() -> pa.Table:
    """Each day from 1880 to 2099: number since 1970-01-01, yyyymmdd, yyyymm, year; no engine needs dates of its own."""
    first, last = ((day - EPOCH).days for day in (dt.date(1880, 1, 1), dt.date(2099, 12, 31)))
    day = pa.array(range(first, last + 1), pa.int32())
    date = day.cast(pa.date32())
    year, month = pc.year(date), pc.month(date)
    year_month = pc.add(pc.multiply(year, 100), month)
    columns = {
        "day": day,
        "ymd": pc.add(pc.multiply(year_month, 100), pc.day(date)),
        "month": year_month,
        "year": year,
    }
    return pa.table({name: column.cast(pa.int32()) for name, column in columns.items()})


def text_table(columns: dict[str, list[str]]) -> pa.Table:
    """A table of text columns, typed also when it is empty."""
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def fixed() -> dict[str, pa.Table]:
    """The tables that are the same for every run."""
    return {
        "calendar": calendar(),
        "med_way": text_table({"med_type": list(WAYS), "way": list(WAYS.values())}),
        "planned_diagnosis": text_table({"prefix": list(PLANNED_DIAGNOSES)}),
    }
