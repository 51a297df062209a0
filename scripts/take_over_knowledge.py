"""Takes the published national lists over as facts in our own table form. Run again when a batch changes.

    python scripts/take_over_knowledge.py SOURCE_FOLDER [--withdrawn-on YYYY-MM-DD]

SOURCE_FOLDER holds the five CSV files `drug_limits pairs service_limits service_sex_child surgery_groups`. Taken over
are codes, names, the batch, and the limit as typed columns. The sentences of the lists stay where they are.

A point keeps its `point_id`, its days and its signatures from run to run while rule, drug name or service code, and
limit are the same. One whose limit changed is a new point from the day of its batch. What the lists no longer hold is
not deleted but ends on `--withdrawn-on`; without that day the run stops.

A point applies from the publication day of its batch. The re-issue of 2026-01-28 does not say which of its points stood
in the batches of 2025, so its own day counts for all: a later start leaves charges unjudged, an earlier one could
accuse wrongly. Where a limit stands in prose, the tables below say how it is read; what they do not read becomes
`text_only`, never a guess.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pypinyin import Style, lazy_pinyin

from fundguard.knowledge.schema import LIMIT_TABLES, POINT_COLUMNS

OUT = Path(__file__).parents[1] / "src/fundguard/knowledge/points"
Row = dict[str, str]
Limit = tuple[str, Row]  # limit table, its columns

# --- how prose is read -------------------------------------------------------------------------------------------
FEMALE = (
    "女性|妇女|妇科|孕|妊娠|胎儿|胎膜|流产|引产|催产|分娩|产后|产妇|恶露|哺乳|月经|痛经|经期|行经|调经|闭经|绝经|经血|经前|经水|"
    "崩漏|带下|白带|子宫|宫颈|阴道|外阴|卵巢|附件炎|盆腔炎"
)
MALE = "男性|前列腺|阴茎|睾丸|阴囊|精索|包皮"
#: Words after which neither sex is concluded: men fall ill of it too and are treated with the same drug.
EITHER = "乳腺癌"

#: N07, typed by hand from each text: first year of age allowed, first year no longer allowed.
#: "3-12岁" ends at the 13th birthday; "5至12岁以下" is read with its twelfth year; no stated bound: under 14.
CHILD_YEARS = {
    "波生坦分散片": (3, 13),
    "金培生长激素注射液": (0, 14),
    "硫酸氢司美替尼胶囊": (3, 14),
    "玛巴洛沙韦干混悬剂": (5, 13),
    "孟鲁司特钠口溶膜": (1, 15),
    "咪达唑仑口服溶液": (0, 14),
    "水合氯醛/糖浆组合包装": (0, 14),
    "水合氯醛灌肠剂": (0, 14),
    "水合氯醛糖浆": (0, 14),
    "他克莫司颗粒": (0, 14),
    "小儿法罗培南钠颗粒": (0, 14),
    "盐酸可乐定缓释片": (6, 18),
    "怡培生长激素注射液": (3, 14),
}
WAYS = [
    ("急诊或住院", ("1", "1", "0")),
    ("住院", ("1", "0", "0")),
]  # first match wins; inpatient, emergency, outpatient
COURSE_DAYS = re.compile(r"(?:不超过|最多支付)(\d+)天")
YEAR_DAYS = "366"  # "not more than a year": the longer year accuses least
CYCLES = [("2-3个月", "60"), ("2-3周", "14"), ("不短于14天", "14"), ("每周最多支付一次", "7")]
CAPS = {"日": ("day", "10000"), "天": ("day", "10000"), "小时": ("hour", "240000")}  # a day has one day and 24 hours
SEXES = {"男": "1", "女": "2"}


def sex_of_drug(row: Row) -> Limit | None:
    text = row["name"] + row["constraint"]
    female, male, either = (bool(re.search(words, text)) for words in (FEMALE, MALE, EITHER))
    if female == male or either:
        return None
    return "limit", {"sex": "2" if female else "1"}


def child_years(row: Row) -> Limit | None:
    bounds = CHILD_YEARS.get(row["name"])
    return ("limit", {"age_from_years": str(bounds[0]), "age_to_years": str(bounds[1])}) if bounds else None


def hospital_level(row: Row) -> Limit | None:
    """A level tied to the first prescription or to a specialty says nothing about a single charge."""
    return ("limit", {"hosp_lv_min": "2"}) if row["constraint"].startswith("限二级及以上医疗机构") else None


def way_of_treatment(row: Row) -> Limit | None:
    for words, (inpatient, emergency, outpatient) in WAYS:
        if words in row["constraint"]:
            allowed = {"allow_inpatient": inpatient, "allow_emergency": emergency, "allow_outpatient": outpatient}
            return "limit", allowed
    return None


def course(row: Row) -> Limit | None:
    found = COURSE_DAYS.search(row["constraint"])
    days = found.group(1) if found else YEAR_DAYS if "不超过一年" in row["constraint"] else None
    return ("course", {"days": days, "scope": "encounter"}) if days else None


def cycle(row: Row) -> Limit | None:
    days = next((days for words, days in CYCLES if words in row["constraint"]), None)
    return ("cycle", {"days": days, "times": "1"}) if days else None


def quantity(row: Row) -> Limit:
    unit, cap = CAPS[row["constraint"]]
    return "quantity", {"unit": unit, "cap_e4": cap, "window": "day"}


def child_group(row: Row) -> Limit:
    return "limit", {"age_group": "newborn" if row["basis"].startswith("新生儿") else "child"}


def always(table: str, **values: str) -> Callable[[Row], Limit]:
    return lambda row: (table, values)


def unread(row: Row) -> None:
    """Second-line use and indications need records or a diagnosis set: text only."""


# --- the lists ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class List:
    """One rule's list: the letter of its ids, its batch (named by publication day), how a limit is read."""

    rule_code: str
    letter: str
    batch: str
    read: Callable[[Row], Limit | None]
    derived_by: str = "list"


KEPT = ("point_id", "valid_from", "valid_to", "signed_1", "signed_2")
REISSUE = "NHSA-2026-01-28"
LISTS = {
    "药品限工伤保险": List("N01", "D", REISSUE, always("limit", insurance="injury")),
    "药品限生育保险": List("N02", "D", REISSUE, always("limit", insurance="maternity")),
    "中药饮片单复方均不予支付": List("N03", "H", "NHSA-2026-05-11", always("herb", mode="both")),
    "中药饮片单方使用不予支付": List("N04", "H", "NHSA-2026-05-11", always("herb", mode="single")),
    "药品限二线使用": List("N05", "D", "NHSA-2026-04-21", unread),
    "药品限儿童使用": List("N07", "D", REISSUE, child_years, "prose"),
    "药品限适应症": List("N08", "D", "NHSA-2026-06-01", unread),
    "药品限支付疗程": List("N10", "D", REISSUE, course, "prose"),
    "药品限医疗机构级别": List("N12", "D", REISSUE, hospital_level, "prose"),
    "药品限就医方式": List("N13", "D", REISSUE, way_of_treatment, "prose"),
    "手术项目未按规定折价收费": List(
        "N15",
        "S",
        "NHSA-2025-07-22",
        lambda r: ("item_group", {"group_name": r["same_incision_group"]}),
    ),
    "医疗服务项目限支付疗程": List("N23", "S", "NHSA-2026-01-06", course, "prose"),
    "医疗服务项目重复收费": List(
        "N25",
        "S",
        "NHSA-2025-12-12",
        lambda r: ("pair", {"code_a": r["code_a"], "code_b": r["code_b"], "window": "day", "keep": "a"}),
    ),
    "医疗服务项目限定频次": List("N27", "S", "NHSA-2026-01-06", quantity),
    "医疗服务项目限年龄": List("N29", "S", "NHSA-2026-01-06", always("limit", age_group="working")),
    "医疗服务项目周期超频次": List("N31", "S", "NHSA-2026-01-06", cycle, "prose"),
    "超互联网医院药品支付范围": List("N47", "D", "NHSA-2026-04-28", always("limit", allow_internet="0")),
    "药品儿童专用": List("N65", "D", REISSUE, always("limit", age_group="child")),
    "药品区分性别使用": List("N67", "D", REISSUE, sex_of_drug, "prose"),
    "医疗服务项目儿童专用": List("N80", "S", "NHSA-2025-05-23", child_group),
    "医疗服务项目区分性别使用": List(
        "N81", "S", "NHSA-2025-05-23", lambda r: ("limit", {"sex": SEXES[r["limit_sex"]]})
    ),
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


def initials(text: str) -> str:
    """First letters of the pinyin of a name, lower case, letters and digits only."""
    folded = unicodedata.normalize("NFKC", text)
    return re.sub(r"[^a-z0-9]", "", "".join(lazy_pinyin(folded, style=Style.FIRST_LETTER)).lower())


def take(folder: Path) -> Iterator[Taken]:
    for file in FILES:
        with (folder / f"{file}.csv").open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                yield _take_row(LISTS[row["rule"]], row)


def _take_row(source: List, row: Row) -> Taken:
    if "code_a" in row:
        names = {row["name_a"]: [row["code_a"]]}
        names.setdefault(row["name_b"], []).append(row["code_b"])
        name = f"{row['name_a']} / {row['name_b']}"
    else:
        names = {row["name"]: (row.get("codes") or row.get("code", "")).split("|")}
        name = row["name"]
    codes = [code for group in names.values() for code in group]
    limit = source.read(row)
    batch = INDICATION_BATCHES[codes[0][:2]] if source.rule_code == "N08" else source.batch
    point = {
        "rule_code": source.rule_code,
        "name": name,
        "batch": batch,
        "valid_from": batch.removeprefix("NHSA-"),
        "status": "usable" if limit else "text_only",
        "derived_by": source.derived_by if limit else "",
        "initials": initials(name),
    }
    by_name = (source.rule_code, name)
    by_code = (source.rule_code, *sorted(codes), (limit[1].get("group_name", "") if limit else ""))
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
    letters = {source.rule_code: source.letter for source in LISTS.values()}
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
