"""A recovery notice, and values for every kind of paper."""

from __future__ import annotations

import datetime as dt

from fundguard.papers import Heading, Paper, compose, kinds

DAY = dt.date(2026, 11, 22)
HEADING = Heading("云岭区医保追〔2026〕3号", DAY, "云岭区医疗保障事务中心", "云岭示例医院")
EXAMPLES = {"text": "示例", "money": 123_456, "count": 1_200, "day": dt.date(2026, 12, 1)}
URL = "https://fundguard.example/papers/verify/abc/"
RECOVERY = {
    "decision": "云岭区医保认〔2026〕2号",
    "fund": 123_456,
    "due_on": dt.date(2026, 12, 11),
    "due_mark": "（演示值）",
    "payee": "示例专户",
    "accounts": [{"account": "职工统筹", "fen": 100_000}, {"account": "医疗救助", "fen": 23_456}],
}


def values(kind: str) -> dict[str, object]:
    told = kinds()[kind]
    rows = {
        name: [{column: EXAMPLES[type_] for column, (_, type_) in columns.items()}] * 2
        for name, (_, columns) in told.tables.items()
    }
    return {name: EXAMPLES[type_] for name, type_ in told.fields.items()} | rows


def paper(**changes: object) -> Paper:
    return compose(kinds()["recovery"], HEADING, RECOVERY | changes)
