"""How a limit that a published list states in words is read into columns. What is not read becomes no limit: the point
is kept as text only and accuses nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

Row = dict[str, str]
Limit = tuple[str, Row]  # limit table, its columns

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


def sex_of_service(row: Row) -> Limit | None:
    sex = SEXES.get(row["limit_sex"].removesuffix("性"))
    return ("limit", {"sex": sex}) if sex else None


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


def quantity(row: Row) -> Limit | None:
    unit, cap = CAPS.get(row["constraint"], ("", ""))
    return ("quantity", {"unit": unit, "cap_e4": cap, "window": "day"}) if unit else None


def child_group(row: Row) -> Limit:
    return "limit", {"age_group": "newborn" if row["basis"].startswith("新生儿") else "child"}


def group(row: Row) -> Limit | None:
    name = row["same_incision_group"]
    return ("item_group", {"group_name": name}) if name else None


def pair(row: Row) -> Limit:
    return "pair", {"code_a": row["code_a"], "code_b": row["code_b"], "window": "day", "keep": "a"}


def always(table: str, **values: str) -> Callable[[Row], Limit]:
    return lambda row: (table, values)


def unread(row: Row) -> None:
    """Second-line use and indications need records or a diagnosis set: text only."""


@dataclass(frozen=True)
class Reading:
    """How one rule's list is read: the kind letter of its points, the limit of a row, whether the list states it."""

    letter: str
    read: Callable[[Row], Limit | None]
    derived_by: str = "list"


#: Rules whose lists are published in words that can be read.
READINGS = {
    "N01": Reading("D", always("limit", insurance="injury")),
    "N02": Reading("D", always("limit", insurance="maternity")),
    "N03": Reading("H", always("herb", mode="both")),
    "N04": Reading("H", always("herb", mode="single")),
    "N05": Reading("D", unread),
    "N07": Reading("D", child_years, "prose"),
    "N08": Reading("D", unread),
    "N10": Reading("D", course, "prose"),
    "N12": Reading("D", hospital_level, "prose"),
    "N13": Reading("D", way_of_treatment, "prose"),
    "N15": Reading("S", group),
    "N23": Reading("S", course, "prose"),
    "N25": Reading("S", pair),
    "N27": Reading("S", quantity),
    "N29": Reading("S", always("limit", age_group="working")),
    "N31": Reading("S", cycle, "prose"),
    "N47": Reading("D", always("limit", allow_internet="0")),
    "N65": Reading("D", always("limit", age_group="child")),
    "N67": Reading("D", sex_of_drug, "prose"),
    "N80": Reading("S", child_group),
    "N81": Reading("S", sex_of_service),
}


def initials(text: str) -> str:
    """First letters of the pinyin of a name, lower case, letters and digits only."""
    from pypinyin import Style, lazy_pinyin  # its dictionaries cost every start a third of a second

    folded = unicodedata.normalize("NFKC", text)
    return re.sub(r"[^a-z0-9]", "", "".join(lazy_pinyin(folded, style=Style.FIRST_LETTER)).lower())
