"""Takes the published national lists over as facts in our own table form. Run again when a batch changes.

    python scripts/take_over_knowledge.py SOURCE_FOLDER [--withdrawn-on YYYY-MM-DD]

SOURCE_FOLDER holds the five CSV files `drug_limits pairs service_limits service_sex_child surgery_groups`. Taken over
are codes, names, the batch, and the limit as typed columns. The sentences of the lists stay where they are.

A point keeps its `point_id`, its days and its signatures from run to run while rule, drug name or service code, and
limit are the same. One whose limit changed is a new point from the day of its batch. What the lists no longer hold is
not deleted but ends on `--withdrawn-on`; without that day the run stops.

A point applies from the publication day of its batch. The re-issue of 2026-01-28 does not say which of its points stood
in the batches of 2025, so its own day counts for all: a later start leaves charges unjudged, an earlier one could
accuse wrongly. Where a limit stands in prose, `fundguard.knowledge.prose` says how it is read; what it does not read
becomes `text_only`, never a guess.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fundguard.knowledge.prose import READINGS, Limit, Row, initials
from fundguard.knowledge.schema import LIMIT_TABLES, POINT_COLUMNS

OUT = Path(__file__).parents[1] / "src/fundguard/knowledge/points"
# --- the lists ---------------------------------------------------------------------------------------------------
KEPT = ("point_id", "valid_from", "valid_to", "signed_1", "signed_2")
REISSUE = "NHSA-2026-01-28"
#: The name of a list in the files → its rule and its batch, named by publication day.
LISTS = {
    "药品限工伤保险": ("N01", REISSUE),
    "药品限生育保险": ("N02", REISSUE),
    "中药饮片单复方均不予支付": ("N03", "NHSA-2026-05-11"),
    "中药饮片单方使用不予支付": ("N04", "NHSA-2026-05-11"),
    "药品限二线使用": ("N05", "NHSA-2026-04-21"),
    "药品限儿童使用": ("N07", REISSUE),
    "药品限适应症": ("N08", "NHSA-2026-06-01"),
    "药品限支付疗程": ("N10", REISSUE),
    "药品限医疗机构级别": ("N12", REISSUE),
    "药品限就医方式": ("N13", REISSUE),
    "手术项目未按规定折价收费": ("N15", "NHSA-2025-07-22"),
    "医疗服务项目限支付疗程": ("N23", "NHSA-2026-01-06"),
    "医疗服务项目重复收费": ("N25", "NHSA-2025-12-12"),
    "医疗服务项目限定频次": ("N27", "NHSA-2026-01-06"),
    "医疗服务项目限年龄": ("N29", "NHSA-2026-01-06"),
    "医疗服务项目周期超频次": ("N31", "NHSA-2026-01-06"),
    "超互联网医院药品支付范围": ("N47", "NHSA-2026-04-28"),
    "药品儿童专用": ("N65", REISSUE),
    "药品区分性别使用": ("N67", REISSUE),
    "医疗服务项目儿童专用": ("N80", "NHSA-2025-05-23"),
    "医疗服务项目区分性别使用": ("N81", "NHSA-2025-05-23"),
}
#: N08 came out by drug class; the batch follows the first letters of the codes (alimentary and metabolism came first).
INDICATION_BATCHES = {"XA": "NHSA-2026-05-23", "XB": "NHSA-2026-06-01"}
FILES = ("drug_limits", "service_limits", "service_sex_child", "pairs", "surgery_groups")


@dataclass
class Taken:
    """One source row as a point with its codes and, where it could be read, its limit."""

    point: Row
    key: tuple[str, ...]
    codes: list[str]
    names: dict[str, list[str]]  # name -> codes
    limit: Limit | None = field(default=None)


def take(folder: Path) -> Iterator[Taken]:
    for file in FILES:
        with (folder / f"{file}.csv").open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                yield _take_row(*LISTS[row["rule"]], row)


def _take_row(rule_code: str, batch: str, row: Row) -> Taken:
    source = READINGS[rule_code]
    if "code_a" in row:
        names = {row["name_a"]: [row["code_a"]]}
        names.setdefault(row["name_b"], []).append(row["code_b"])
        name = f"{row['name_a']} / {row['name_b']}"
    else:
        names = {row["name"]: (row.get("codes") or row.get("code", "")).split("|")}
        name = row["name"]
    codes = [code for group in names.values() for code in group]
    limit = source.read(row)
    if rule_code == "N08":
        batch = INDICATION_BATCHES[codes[0][:2]]
    point = {
        "rule_code": rule_code,
        "name": name,
        "batch": batch,
        "valid_from": batch.removeprefix("NHSA-"),
        "status": "usable" if limit else "text_only",
        "derived_by": source.derived_by if limit else "",
        "initials": initials(name),
    }
    by_name = (rule_code, name)
    by_code = (rule_code, *sorted(codes), (limit[1].get("group_name", "") if limit else ""))
    return Taken(point, by_name if source.letter in "DH" else by_code, codes, names, limit)


# --- writing -----------------------------------------------------------------------------------------------------
def read_table(name: str) -> list[Row]:
    path = OUT / f"{name}.csv"
    return list(csv.DictReader(path.read_text("utf-8").splitlines())) if path.exists() else []


def write_table(name: str, columns: list[str], rows: list[Row]) -> None:
    with (OUT / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)


def standing_points() -> dict[tuple[str, ...], Row]:
    """The points taken over and not ended, by the same key as `Taken.key`."""
    codes = {row["point_id"]: row["med_list_codg"].split("|") for row in read_table("point_code")}
    codes |= {row["point_id"]: [row["code_a"], row["code_b"]] for row in read_table("pair")}
    groups = {row["point_id"]: row["group_name"] for row in read_table("item_group")}
    standing = {}
    for row in read_table("point"):
        point_id, rule_code = row["point_id"], row["rule_code"]
        by_code = (rule_code, *sorted(codes[point_id]), groups.get(point_id, ""))
        if not row["valid_to"]:
            standing[(rule_code, row["name"]) if point_id[0] in "DH" else by_code] = row
    return standing


def number(taken: list[Taken]) -> None:
    """Gives each point its permanent id; a standing point with the same limit is the same point."""
    standing = standing_points()
    limits: dict[str, Limit] = {
        row.pop("point_id"): (table, {column: cell for column, cell in row.items() if cell})
        for table in LIMIT_TABLES
        for row in read_table(table)
    }
    letters = {rule_code: reading.letter for rule_code, reading in READINGS.items()}
    last: dict[str, int] = {}
    for row in read_table("point"):
        last[row["rule_code"]] = max(last.get(row["rule_code"], 0), int(row["point_id"][-4:]))
    for one in taken:
        rule_code, old = one.point["rule_code"], standing.get(one.key)
        if old and limits.get(old["point_id"]) == one.limit:
            one.point |= {column: old[column] for column in KEPT}
        else:
            last[rule_code] = last.get(rule_code, 0) + 1
            one.point["point_id"] = f"{letters[rule_code]}-0{rule_code[1:]}-{last[rule_code]:04d}"


def write(taken: list[Taken], ended: list[Row]) -> None:
    gone = {row["point_id"] for row in ended}
    points = sorted([one.point for one in taken] + ended, key=lambda row: row["point_id"])
    codes = [
        {"point_id": one.point["point_id"], "med_list_codg": "|".join(sorted(one.codes))}
        for one in taken
        if one.point["rule_code"] != "N25"
    ]
    limits: dict[str, list[Row]] = {
        name: [r for r in read_table(name) if r["point_id"] in gone] for name in LIMIT_TABLES
    }
    for one in taken:
        if one.limit:
            limits[one.limit[0]].append({"point_id": one.point["point_id"], **one.limit[1]})
    codes += [row for row in read_table("point_code") if row["point_id"] in gone]
    write_table("point", list(POINT_COLUMNS), points)
    write_table("point_code", ["point_id", "med_list_codg"], sorted(codes, key=lambda row: row["point_id"]))
    for name, columns in LIMIT_TABLES.items():
        write_table(name, ["point_id", *columns], sorted(limits[name], key=lambda row: row["point_id"]))
    write_table("item", ["name", "initials", "med_list_codg"], _items(taken))


def _items(taken: list[Taken]) -> list[Row]:
    """Names of codes, one row a name; a code spelt in two ways keeps the first name; ended codes stay."""
    named: dict[str, str] = {}
    for one in taken:
        for name, codes in one.names.items():
            for code in codes:
                named.setdefault(code, name)
    for row in read_table("item"):
        for code in row["med_list_codg"].split("|"):
            named.setdefault(code, row["name"])
    by_name: dict[str, list[str]] = {}
    for code, name in sorted(named.items()):
        by_name.setdefault(name, []).append(code)
    return [{"name": n, "initials": initials(n), "med_list_codg": "|".join(c)} for n, c in sorted(by_name.items())]


def main() -> None:
    parser = argparse.ArgumentParser(description="Take the published lists over as tables.")
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--withdrawn-on", default="", help="first day on which points no longer on the lists do not apply"
    )
    options = parser.parse_args()
    taken = list(take(options.folder))
    number(taken)
    present = {one.point["point_id"] for one in taken}
    ended = [row for row in read_table("point") if row["point_id"] not in present]
    if any(not row["valid_to"] for row in ended) and not options.withdrawn_on:
        sys.exit(f"{len(ended)} points are no longer on the lists as they were; say --withdrawn-on YYYY-MM-DD")
    write(taken, [row | {"valid_to": row["valid_to"] or options.withdrawn_on} for row in ended])


if __name__ == "__main__":
    main()
