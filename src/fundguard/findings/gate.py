"""The accusation gate: before a finding names anyone, its data are checked for what looks like guilt and is none.

The gate deletes nothing. A check that applies sets the finding's cause, lowers its verdict and says so in the message;
where several apply the first in `CHECKS` gives cause and message. The gate's own rate is reported with the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from fundguard import law
from fundguard.findings.schema import CODING, DEFAULT, ENTRY, OPEN

#: What the checks measure against; the law parameter of each is `gate.` and its name.
LIMITS = (
    "person_birthdays", "person_settlements", "oldest_age", "doctor_share", "doctor_lines", "doctors",
    "mapped_persons", "mapped_share", "peers",
)  # fmt: skip
Limits = tuple[law.Value, ...]

#: Rules about sex or age: an item that hits many patients of one institution is more likely mapped wrongly.
MAPPING_RULES = ("N65", "N67", "N80", "N81")
DEFAULT_CODES = ("未知", "无", "不详", "默认", "其他", "admin", "administrator", "test", "null", "none", "unknown")


@dataclass(frozen=True)
class Check:
    """`select` gives the finding_key of each finding the check applies to, with the names of `LIMITS` in braces.

    `verdict` is the strongest it leaves; `unnames` takes the practitioner out of the finding.
    """

    name: str
    cause: str
    verdict: str
    says: str
    select: str
    unnames: bool = False


def limits(region: str, day: date) -> Limits:
    """The values of `LIMITS` in a region on a day; Refusal where one is not set."""
    return tuple(law.parameter(f"gate.{name}", day=day, region=region) for name in LIMITS)


def _list(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


#: A code that is one repeated character after its letters (0000, D9999, 1), or a word that stands for nobody.
_DEFAULT_CODE = f"""lower(trim({{0}})) IN ({_list(DEFAULT_CODES)})
  OR replace(regexp_replace({{0}}, '^[A-Za-z]+', ''), right({{0}}, 1), '') = ''"""

CHECKS = (
    Check(
        name="placeholder_person",
        cause=DEFAULT,
        verdict="可疑",
        says="同一人员编号下出生日期互相矛盾或单日结算过多，疑为占位编号，先核实人员",
        select="""
SELECT h.finding_key
FROM finding_head AS h
JOIN (
  SELECT psn_key, count(DISTINCT brdy_day) AS birthdays, 0 AS settlements
  FROM finding_settlement GROUP BY psn_key
  UNION ALL
  SELECT psn_key, 0, count(*)
  FROM finding_settlement GROUP BY psn_key, setl_time_day
) AS s ON s.psn_key = h.psn_key
WHERE s.birthdays >= {person_birthdays} OR s.settlements >= {person_settlements}""",
    ),
    Check(
        name="default_practitioner",
        cause=DEFAULT,
        verdict="可疑",
        says="医师编码疑为默认值，不能据此认定到人",
        unnames=True,
        select=f"""
WITH of_institution AS (
  SELECT *, sum(lines) OVER (PARTITION BY fixmedins_code) AS all_lines FROM practised
), registered AS (
  SELECT medins_code, count(*) AS doctors FROM dr_info_b GROUP BY medins_code
)
SELECT h.finding_key
FROM finding_head AS h
LEFT JOIN of_institution AS o ON o.fixmedins_code = h.fixmedins_code AND o.dr_code = h.dr_code
  AND o.all_lines >= {{doctor_lines}} AND o.lines * 10000 >= o.all_lines * {{doctor_share}}
LEFT JOIN registered AS r ON r.medins_code = o.fixmedins_code AND r.doctors >= {{doctors}}
WHERE r.medins_code IS NOT NULL OR ({_DEFAULT_CODE.format("h.dr_code")})""",
    ),
    Check(
        name="mapping_error",
        cause=CODING,
        verdict="可疑",
        says="该机构此项目多数使用都不符，疑为目录对码错误，先核实对码",
        select=f"""
WITH accused AS (
  SELECT DISTINCT e.finding_key, e.rule_code, l.fixmedins_code, l.item, l.bkkp_sn, l.psn_key
  FROM finding_evidence AS e
  JOIN line AS l ON l.bkkp_sn = e.ref_key
  WHERE e.ref_table = 'fee_list_d' AND e.role = 'accused' AND e.rule_code IN ({_list(MAPPING_RULES)})
), used AS (
  SELECT l.fixmedins_code, l.item, count(*) AS uses
  FROM line AS l
  WHERE l.payable = 1 AND l.item IN (SELECT item FROM accused)
  GROUP BY l.fixmedins_code, l.item
), mapped AS (
  SELECT a.rule_code, a.fixmedins_code, a.item
  FROM accused AS a
  JOIN used AS u ON u.fixmedins_code = a.fixmedins_code AND u.item = a.item
  GROUP BY a.rule_code, a.fixmedins_code, a.item, u.uses
  HAVING count(DISTINCT a.psn_key) >= {{mapped_persons}}
    AND count(DISTINCT a.bkkp_sn) * 10000 >= u.uses * {{mapped_share}}
)
SELECT a.finding_key
FROM accused AS a
JOIN mapped AS m ON m.rule_code = a.rule_code AND m.fixmedins_code = a.fixmedins_code AND m.item = a.item""",
    ),
    Check(
        name="impossible_age",
        cause=ENTRY,
        verdict="可疑",
        says="按登记的出生日期推算年龄不可能，先核实出生日期",
        select="""
SELECT h.finding_key
FROM finding_head AS h
LEFT JOIN psn_info_b AS p ON p.psn_key = h.psn_key
LEFT JOIN finding_settlement AS s ON s.setl_id = h.setl_id
WHERE coalesce(p.brdy, s.brdy) > h.occurred_to
  OR coalesce(p.brdy, s.brdy) + to_years({oldest_age} + 1) <= h.occurred_from""",
    ),
    Check(
        name="small_peer_group",
        cause=OPEN,
        verdict="统计",
        says="同类机构过少，比较结果仅供参考",
        select="""
WITH peers AS (
  SELECT fixmedins_code, count(*) OVER (PARTITION BY fixmedins_type, coalesce(lmtpric_hosp_lv, '')) AS institutions
  FROM fixmedins_b
)
SELECT h.finding_key
FROM finding_head AS h
JOIN finding_rule AS r ON r.code = h.rule_code
JOIN peers AS p ON p.fixmedins_code = h.fixmedins_code
WHERE h.subject_kind = 'institution_period' AND r.verdict = '统计' AND p.institutions < {peers}""",
    ),
)


def judge(connection: duckdb.DuckDBPyConnection, measures: Limits) -> dict[str, int]:
    """`finding_head` and what it stands on → `finding_gate` (finding_key, check_name), the first check that applies.

    The answer tells of each check how many findings it applies to, zero included, beside other checks or not. A finding
    whose practitioner is a default value names none any more.
    """
    values = _by_name(measures)
    connection.execute("CREATE OR REPLACE TEMP TABLE gated (finding_key VARCHAR, place INTEGER)")
    counts = {}
    for place, check in enumerate(CHECKS):
        select = check.select.format(**values)
        connection.execute(f"INSERT INTO gated SELECT DISTINCT finding_key, {place} FROM ({select})")
        found = connection.execute(f"SELECT count(*) FROM gated WHERE place = {place}").fetchone()
        counts[check.name] = int(found[0]) if found else 0
        if check.unnames:
            held = f"SELECT finding_key FROM gated WHERE place = {place}"
            connection.execute(f"UPDATE finding_head SET dr_code = NULL WHERE finding_key IN ({held})")
    names = _list(tuple(check.name for check in CHECKS))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE finding_gate AS "
        f"SELECT finding_key, [{names}][min(place) + 1] AS check_name FROM gated GROUP BY finding_key"
    )
    return counts


def _by_name(measures: Limits) -> Mapping[str, int]:
    return {limit.key.removeprefix("gate."): limit.value for limit in measures}
