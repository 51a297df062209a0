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

#: ICD-10 ranges [from, to) of infections that a hospital counts when they were not there on admission.
INFECTION_DIAGNOSES = (
    ("A00", "B95"), ("J09", "J23"), ("L00", "L09"), ("N39.0", "N39.1"), ("O85", "O87"), ("P36", "P40"),
    ("T80.2", "T80.3"), ("T81.4", "T81.5"), ("T82.6", "T82.8"), ("T83.5", "T83.7"), ("T84.5", "T84.8"),
)  # fmt: skip


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
        "infection_diagnosis": text_table(
            {"from_code": [a for a, _ in INFECTION_DIAGNOSES], "to_code": [b for _, b in INFECTION_DIAGNOSES]}
        ),
    }
