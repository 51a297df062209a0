"""The insured: ages and sexes of a Chinese county town, clearly invented identities, insurance, chronic disease."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from fundguard.claims.city.calendar import FIRST, LAST, date_digits
from fundguard.claims.city.frames import CHINESE_DIGITS, NONE, Coded, Ints, numbered, texts, to_table, words
from fundguard.claims.city.places import COUNTIES, NEIGHBOUR

SEXES = ("0", "1", "2", "9")
MALE, FEMALE = 1, 2
EMPLOYEE, RESIDENT, MATERNITY = 310, 390, 510
WELL, CHRONIC, DIALYSIS, TUMOUR = range(4)
#: share of the population in per mille by ten years of age
_AGES = (105, 118, 112, 150, 142, 158, 112, 70, 28, 5)
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK = np.frombuffer(b"10X98765432", np.uint8)


@dataclass(frozen=True)
class People:
    """Persons by position. Sex and birthday stand twice: as the register knows them and as claims state them.

    Sexes are positions in `SEXES` (-1 NULL); birthdays and days of death are days (NONE NULL).
    """

    sex: Ints
    born: Ints
    claimed_sex: Ints
    claimed_born: Ints
    county: Ints
    insurance: Ints
    condition: Ints
    assisted: Ints
    died: Ints

    def __len__(self) -> int:
        return len(self.sex)

    def join(self, other: People) -> People:
        return People(*(np.concatenate([getattr(self, f.name), getattr(other, f.name)]) for f in fields(self)))

    def slice(self, start: int, stop: int) -> People:
        return People(*(getattr(self, f.name)[start:stop] for f in fields(self)))


def crowd(count: int, rng: np.random.Generator) -> People:
    """So many ordinary persons."""
    decade = rng.choice(len(_AGES), count, p=np.array(_AGES) / sum(_AGES))
    born = LAST - (decade * 3652 + rng.integers(0, 3652, count)) - 30
    age = (LAST - born) // 365
    sex = np.where(rng.random(count) < np.where(age > 70, 0.46, 0.51), MALE, FEMALE).astype(np.int64)
    county = rng.choice([0, 1, 2, NEIGHBOUR], count, p=[0.36, 0.34, 0.27, 0.03]).astype(np.int64)
    employed = rng.random(count) < np.where(age < 18, 0, np.where(county == 2, 0.22, 0.48))
    draw = rng.random(count)
    chronic = draw < np.clip((age - 38) / 90, 0, 0.45)
    condition = np.where(chronic, CHRONIC, WELL)
    condition = np.where((draw > 0.999) & (age > 25), DIALYSIS, condition)
    condition = np.where((draw > 0.9955) & (draw <= 0.999) & (age > 35), TUMOUR, condition)
    dies = rng.random(count) < np.where(age > 60, 0.012, 0)
    died = np.where(dies, rng.integers(FIRST + 60, LAST, count), NONE)
    return People(
        sex,
        born,
        sex,
        born,
        county,
        np.where(employed, EMPLOYEE, RESIDENT),
        condition,
        (rng.random(count) < 0.04).astype(np.int64),
        died,
    )


def person_numbers(start: int, stop: int) -> pa.Array:
    return numbered(np.arange(start, stop), 12, "99010199")


def person_names(start: int, stop: int) -> pa.Array:
    """Names that nobody bears: 测 and a number."""
    return numbered(np.arange(start, stop), 6, "测甲", CHINESE_DIGITS)


def card_numbers(people: People, start: int) -> pa.Array:
    """Card numbers in the right form with region 99xxxx and a check character that is always wrong.

    No two persons of a block share one: the check character tells apart those born on one day with one serial number.
    (A repeated word in a dictionary also leaves bytes of a Parquet page unset, so that equal data differ in bytes.)
    """
    rows = len(people)
    serial = np.arange(start, start + rows)
    region = np.array([int(code) for code, _ in COUNTIES])[people.county]
    number = region * 10**11 + date_digits(people.claimed_born) * 1000 + serial % 1000
    head = numbered(number, 17)
    matrix = np.frombuffer(head.buffers()[2], np.uint8)[: rows * 17].reshape(rows, 17)
    right = ((matrix - 48) * _WEIGHTS).sum(axis=1) % 11
    wrong = _CHECK[(right + 1 + (serial + _occurrence(number)) % 10) % 11]
    return texts(np.column_stack([matrix, wrong]))


def _occurrence(values: Ints) -> Ints:
    """How many equal values stand before each."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    first = np.searchsorted(ordered, ordered, side="left")
    out = np.empty(len(values), np.int64)
    out[order] = np.arange(len(values)) - first
    return out


def addresses(people: People, start: int) -> pa.Array:
    district = np.array([list(f"示例市{name[:3]}".encode()) for _, name in COUNTIES], np.uint8)[people.county]
    street = numbered(np.arange(start, start + len(people)), 7, "示例路", "0123456789")
    tail = np.frombuffer(street.buffers()[2], np.uint8)[: len(people) * 16].reshape(len(people), 16)
    return texts(np.column_stack([district, tail]))


def people_tables(people: People, start: int, updated: int) -> dict[str, pa.Table]:
    """Registers of persons, insurance, chronic-disease entitlements and treatment elsewhere. `updated` in minutes."""
    rows = len(people)
    stop = start + rows
    every = np.arange(start, stop)
    numbers = person_numbers(start, stop)
    stamp = np.full(rows, updated)
    home = words([code for code, _ in COUNTIES])
    region = Coded(home, people.county)
    common = {"vali_flag": "1", "updt_time": stamp}
    register = to_table(
        "psn_info_b",
        common
        | {
            "psn_no": numbers,
            "psn_name": person_names(start, stop),
            "psn_cert_type": "01",
            "certno": card_numbers(people, start),
            "gend": Coded(words(SEXES), people.sex),
            "brdy": people.born,
            "naty": "01",
            "surv_stas": Coded(words(["1", "2"]), (people.died != NONE).astype(np.int64)),
            "die_date": people.died,
            "live_addr": addresses(people, start),
            "mob": numbered(every, 8, "000"),
            "poolarea_no": "990100",
        },
    )
    kinds = [EMPLOYEE, RESIDENT, MATERNITY]
    insurance = Coded(words([str(k) for k in kinds]), np.searchsorted(kinds, people.insurance))
    insured = to_table(
        "psn_insu_d",
        common
        | {
            "psn_insu_rlts_id": numbered(every, 10, "9R"),
            "psn_no": numbers,
            "insutype": insurance,
            "psn_insu_stas": "1",
            "psn_type": Coded(words(["11", "15"]), (people.insurance == RESIDENT).astype(np.int64)),
            "insu_admdvs": region,
            "psn_insu_date": np.maximum(people.born, FIRST - 2000),
            "poolarea_no": "990100",
        },
    )
    return {
        "psn_info_b": register,
        "psn_insu_d": insured,
        "opsp_reg_d": _entitlements(people, start, insurance, updated),
        "out_appy_d": _elsewhere(people, start, insurance, updated),
    }


def _entitlements(people: People, start: int, insurance: Coded, updated: int) -> pa.Table:
    rows = np.flatnonzero(people.condition != WELL)
    diseases = [("M03900", "高血压"), ("M07800", "透析治疗"), ("M00500", "恶性肿瘤门诊治疗")]
    which = people.condition[rows] - 1
    return to_table(
        "opsp_reg_d",
        {
            "trt_dcla_detl_sn": numbered(start + rows, 10, "9T1"),
            "psn_no": numbered(start + rows, 12, "99010199"),
            "insutype": Coded(insurance.words, insurance.codes[rows]),
            "med_type": "14",
            "opsp_dise_code": Coded(words([code for code, _ in diseases]), which),
            "opsp_dise_name": Coded(words([name for _, name in diseases]), which),
            "begndate": np.full(len(rows), FIRST - 273),
            "enddate": np.full(len(rows), LAST + 92),
            "chk_flag": "1",
            "vali_flag": "1",
            "updt_time": np.full(len(rows), updated),
        },
    )


def _elsewhere(people: People, start: int, insurance: Coded, updated: int) -> pa.Table:
    rows = np.flatnonzero(people.county == NEIGHBOUR)
    return to_table(
        "out_appy_d",
        {
            "trt_dcla_detl_sn": numbered(start + rows, 10, "9T2"),
            "insutype": Coded(insurance.words, insurance.codes[rows]),
            "psn_no": numbered(start + rows, 12, "99010199"),
            "psn_name": numbered(start + rows, 6, "测甲", CHINESE_DIGITS),
            "insu_admdvs": COUNTIES[NEIGHBOUR][0],
            "rloc_admdvs": "990100",
            "rloc_rea": "异地工作",
            "begndate": np.full(len(rows), FIRST - 90),
            "enddate": np.full(len(rows), LAST + 92),
            "vali_flag": "1",
            "updt_time": np.full(len(rows), updated),
        },
    )
