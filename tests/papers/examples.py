"""A recovery notice, values for every kind of paper, a bureau's own kind and layout."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

from fundguard.papers import LAYOUT, Heading, Paper, compose, kinds

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

KIND = """
kind: own
name: 自定文书
word: 自
title: 自定
fields: {a: text}
paragraphs: ["{a}"]
"""


def values(kind: str) -> dict[str, object]:
    told = kinds()[kind]
    rows = {
        name: [{column: EXAMPLES[type_] for column, (_, type_) in columns.items()}] * 2
        for name, (_, columns) in told.tables.items()
    }
    return {name: EXAMPLES[type_] for name, type_ in told.fields.items()} | rows


def paper(**changes: object) -> Paper:
    return compose(kinds()["recovery"], HEADING, RECOVERY | changes)


def layout(folder: Path, change: tuple[str, str] | None = None, extra: dict[str, bytes] | None = None) -> Path:
    """The product's layout with text of its body replaced, or with further parts."""
    path = folder / "own.docx"
    with zipfile.ZipFile(LAYOUT) as package, zipfile.ZipFile(path, "w") as own:
        for name in package.namelist():
            content = package.read(name)
            if name == "word/document.xml" and change:
                assert change[0].encode() in content
                content = content.replace(change[0].encode(), change[1].encode())
            own.writestr(name, content)
        for name, content in (extra or {}).items():
            own.writestr(name, content)
    return path
