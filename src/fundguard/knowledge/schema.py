"""What the knowledge files hold: the columns of each table, their kinds and allowed values.

One knowledge point has one row in `point`, its codes in `point_code` (several in one cell, parted by `|`) and one row
in one limit table. A point `text_only` has no limit row: its words fit no column, and no rule uses it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: National rules N01…N88, local rules L001…
RULE_CODE = re.compile(r"N(0[1-9]|[1-7][0-9]|8[0-8])|L[0-9]{3}")
#: Kind letter (D drug, S service, H herb, C consumable, X other), rule number in three digits, running number. A point
#: that a site added names its division before the running number, so that no other division draws the same.
POINT_ID = re.compile(r"[DSHCX]-[0-9]{3}-(R([0-9]{2}){1,3}-)?[0-9]{4,6}")
ITEM_CODE = re.compile(r"[0-9A-Z]{6,30}")

POINT_COLUMNS = (
    "point_id",
    "rule_code",
    "name",
    "batch",
    "valid_from",  # first day to which the point applies: the publication day of its batch
    "valid_to",  # first day to which it no longer applies; empty while it stands
    "status",  # usable | text_only
    "derived_by",  # list: stated by the list itself | prose: typed by us from its words | empty when text_only
    "signed_1",
    "signed_2",
    "initials",
)


@dataclass(frozen=True)
class Column:
    """A column of a limit table: `number` (whole, from `least` on) or text out of `values` (none declared: any).

    A cell of `codes` holds item codes, several parted by `|`: the table in memory has one row for each of them.
    `ranges`: a set of codes as `ranges.code_ranges` reads it.
    """

    number: bool = False
    least: int = 0
    values: tuple[str, ...] = ()
    required: bool = True
    codes: bool = False
    ranges: bool = False


_FLAG = Column(number=True, values=("0", "1"), required=False)
_YEARS = Column(number=True, required=False)
_DAYS = Column(number=True, least=1)
_FEN = Column(number=True, required=False)
_CODES = Column(codes=True)
_ICD = Column()  # the ends of a half-open range of codes of diagnoses or operations, compared as text
_MAYBE_CODES = Column(codes=True, required=False)
_RANGES = Column(ranges=True)
_SEX = Column(values=("1", "2"), required=False)  # 1 male, 2 female: the only sex allowed

#: The limit tables. `Knowledge.tables` has one row a code (`med_list_codg`), but for `OWN_CODES`.
LIMIT_TABLES: dict[str, dict[str, Column]] = {
    "limit": {
        "sex": _SEX,
        "age_group": Column(values=("newborn", "child", "working"), required=False),  # bounds: the rule's, the law's
        "age_from_years": _YEARS,  # completed years, half-open [from, to)
        "age_to_years": _YEARS,
        "insurance": Column(values=("injury", "maternity"), required=False),  # the only insurance that pays
        "hosp_lv_min": Column(values=("2", "3"), required=False),  # lowest lmtpric_hosp_lv (1, 2, 3) allowed
        "allow_inpatient": _FLAG,  # ways of treatment: 1 payable, 0 not; all three stated or none
        "allow_emergency": _FLAG,
        "allow_outpatient": _FLAG,
        "allow_internet": _FLAG,  # 0: not payable when prescribed in internet diagnosis
    },
    "pair": {  # items not payable together; of several codes on a side each counts
        "code_a": _CODES,
        "code_b": _CODES,
        # charged together: on a day at an institution, on a day of an encounter, in an encounter, in a prescription
        "window": Column(values=("day", "session", "encounter", "prescription")),
        "keep": Column(values=("a", "dear")),  # what stays payable: a (it contains b), or what costs more
        "unless": _MAYBE_CODES,  # fine where one of these was charged that day too
    },
    "quantity": {
        "unit": Column(values=("day", "hour", "time", "gram", "piece")),
        "cap_e4": Column(number=True, least=1),  # the most of it in a window, in 10^-4 like cnt
        "window": Column(values=("day", "encounter")),
        "per": _MAYBE_CODES,  # the cap holds for each one of these charged in the window; none charged: not judged
    },
    "need": {  # not payable without another item
        "needs": _CODES,  # one of them is enough
        "window": Column(values=("day", "encounter", "before")),  # before: that day or in the days before it
        "days": Column(number=True, least=1, required=False),  # how many days before
    },
    "amount": {  # the most that is payable of all codes together
        "cap_fen": Column(number=True, least=1),
        "window": Column(values=("day", "encounter", "year")),
        "parts": Column(number=True, least=2, required=False),  # only where so many different codes come together
    },
    "price": {"level_1_fen": _FEN, "level_2_fen": _FEN, "level_3_fen": _FEN},  # highest price by lmtpric_hosp_lv
    "course": {
        "days": _DAYS,
        "scope": Column(values=("encounter", "episode", "year")),
    },  # distinct natural days payable
    "cycle": {"days": _DAYS, "times": Column(number=True, least=1)},  # times payable in any that many days
    "stay_quantity": {  # in one stay, at most so many for each hour or day it lasted
        "unit": Column(values=("hour", "day")),
        "each_e4": Column(number=True, least=1),
    },
    "herb": {"mode": Column(values=("single", "both"))},  # never payable alone | never payable at all
    "item_group": {"group_name": Column()},  # items of one group: a group of operations is not one incision
    # payable only (require) or never (forbid) with such a diagnosis, department or disease of chronic care
    "code_set": {"mode": Column(values=("require", "forbid")), "codes": _RANGES},
    # diagnoses or operations that only persons of this sex and age can have
    "record_code": {
        "source": Column(values=("diagnosis", "operation")),
        "codes": _RANGES,
        "sex": _SEX,
        "age_from_years": _YEARS,
        "age_to_years": _YEARS,
    },
    # the items charged where a diagnosis or an operation of this range is true
    "evidence": {"from_code": _ICD, "to_code": _ICD},
    # an operation that is not done for such a main diagnosis
    "mismatch": {"from_operation": _ICD, "to_operation": _ICD, "from_diagnosis": _ICD, "to_diagnosis": _ICD},
    # drugs given before a clean operation: days from the last one on, 0 for a drug that is not given for prevention
    "prophylaxis": {"from_operation": _ICD, "to_operation": _ICD, "days": Column(number=True)},
    "drug_grade": {"grade": Column(values=("restricted", "special"))},  # who may prescribe it, and where
}
#: Tables whose rows name the codes themselves: their points have no row in `point_code`.
OWN_CODES = ("pair", "record_code", "mismatch")
