"""The province of the example: two cities, five districts, hospitals of three levels, clinics, pharmacies, doctors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from fundguard.claims.city.frames import CHINESE_DIGITS, Coded, Ints, coded, numbered, to_table, words

COUNTIES = (
    ("990101", "云岭区"),
    ("990102", "东湖区"),
    ("990103", "安宁县"),
    ("990201", "临川县"),
    ("990100", "市本级"),
)
HOME = (0, 1, 2)
NEIGHBOUR, CITY_SEAT = 3, 4
TERTIARY, SECONDARY, TOWNSHIP, CLINIC, PHARMACY = range(5)
DEPARTMENTS = (
    ("A03", "内科"),
    ("A04", "外科"),
    ("A05", "妇产科"),
    ("A07", "儿科"),
    ("A20", "急诊医学科"),
    ("A50", "中医科"),
    ("A03.07", "肾病学专业"),
    ("A19", "肿瘤科"),
    ("A21", "康复医学科"),
    ("A02", "全科医疗科"),
)
INTERNAL, SURGERY, OBSTETRICS, CHILDREN, EMERGENCY, CHINESE, KIDNEY, TUMOUR, REHABILITATION, GENERAL = range(10)
DOCTORS_PER_DEPARTMENT = 3
SEATS = len(DEPARTMENTS) * DOCTORS_PER_DEPARTMENT
CHAINS = "甲乙丙丁"
#: kind: hospital level, level for price limits, level code, places a district at least, and more per million lines
_KINDS: dict[int, tuple[str, str | None, int, int]] = {
    TERTIARY: ("02", "3", 1, 1),
    SECONDARY: ("05", "2", 1, 1),
    TOWNSHIP: ("08", "1", 2, 4),
    CLINIC: ("11", None, 3, 12),
    PHARMACY: ("11", None, 3, 8),
}
_TITLES = {TERTIARY: "中心医院", SECONDARY: "人民医院", TOWNSHIP: "卫生院", CLINIC: "村卫生室"}


@dataclass(frozen=True)
class Places:
    """Institutions by position: kind, district, serial number in the district."""

    kind: Ints
    county: Ints
    serial: Ints
    code: pa.Array
    name: pa.Array

    @property
    def careless(self) -> int:
        """The hospital whose system writes its first doctor of internal medicine on all but the children's charges."""
        return int(self.of(TOWNSHIP)[0])

    @property
    def misled(self) -> int:
        """The hospital that has mapped an item of its own to the wrong national code."""
        return int(self.of(TOWNSHIP)[1])

    def of(self, kind: int, counties: tuple[int, ...] = (*HOME, CITY_SEAT)) -> Ints:
        """Positions of the institutions of a kind in these districts."""
        return np.flatnonzero((self.kind == kind) & np.isin(self.county, counties))

    def by_county(self, kind: int, homes: Ints, rng: np.random.Generator) -> Ints:
        """One institution of `kind` for each home district, at random there; tertiary care is at the city's seat."""
        out = np.empty(len(homes), np.int64)
        for county in range(len(COUNTIES)):
            pool = self.of(kind, (county,))
            if not len(pool):
                pool = self.of(kind, (CITY_SEAT,))
            mask = homes == county
            out[mask] = pool[rng.integers(0, len(pool), int(mask.sum()))]
        return out

    def text(self, field: str, rows: Ints) -> Coded:
        """Text column `region`, `hosp_lv`, `lmtpric_hosp_lv` or `poolarea_no` for these positions."""
        regions = [COUNTIES[county][0] for county in self.county.tolist()]
        kinds = [_KINDS[kind] for kind in self.kind.tolist()]
        values: dict[str, list[str | None]] = {
            "region": [*regions],
            "hosp_lv": [kind[0] for kind in kinds],
            "lmtpric_hosp_lv": [kind[1] for kind in kinds],
            "poolarea_no": [region[:4] + "00" for region in regions],
        }
        return coded(values[field], rows)

    def doctor(self, places: Ints, department: Ints, seat: Ints) -> Ints:
        """Number of a doctor: hospitals have three a department, clinics one, pharmacies none (-1)."""
        kind = self.kind[places]
        number = places * SEATS + department * DOCTORS_PER_DEPARTMENT + seat
        default = self.careless * SEATS + INTERNAL * DOCTORS_PER_DEPARTMENT
        number = np.where((places == self.careless) & (department != CHILDREN), default, number)
        number = np.where(kind == CLINIC, places * SEATS + GENERAL * DOCTORS_PER_DEPARTMENT, number)
        return np.where(kind == PHARMACY, -1, number)

    def department(self, places: Ints, department: Ints) -> Ints:
        kind = self.kind[places]
        return np.where(kind == PHARMACY, -1, np.where(kind == CLINIC, GENERAL, department))


def build_places(lines: int) -> Places:
    """Institutions of a city of so many fee lines; the neighbouring city stays as small as it can be."""
    kinds: list[int] = []
    counties: list[int] = []
    serials: list[int] = []
    for kind, (_, _, base, more) in _KINDS.items():
        seats = (CITY_SEAT, NEIGHBOUR) if kind == TERTIARY else (*HOME, NEIGHBOUR)
        for county in seats:
            count = base + more * lines // 1_000_000 if county != NEIGHBOUR else base
            kinds += [kind] * count
            counties += [county] * count
            serials += range(1, count + 1)
    kind_array, county_array = np.array(kinds, np.int64), np.array(counties, np.int64)
    names = [_name(k, c, s) for k, c, s in zip(kinds, counties, serials, strict=True)]
    codes = [
        f"{'P' if k == PHARMACY else 'H'}{COUNTIES[c][0]}{k}{s:04d}"
        for k, c, s in zip(kinds, counties, serials, strict=True)
    ]
    return Places(kind_array, county_array, np.array(serials, np.int64), words(codes), words(names))


def _name(kind: int, county: int, serial: int) -> str:
    where = f"示例{COUNTIES[county][1]}"
    if kind == PHARMACY:
        return f"示例{CHAINS[serial % len(CHAINS)]}连锁大药房{COUNTIES[county][1]}{serial:03d}店"
    return f"{where}第{serial}{_TITLES[kind]}"


def doctor_codes(places: Places) -> pa.Array:
    return numbered(np.arange(len(places.kind) * SEATS), 10, "D9")


def doctor_names(places: Places) -> pa.Array:
    return numbered(np.arange(len(places.kind) * SEATS), 6, "示医", CHINESE_DIGITS)


def place_tables(places: Places, opened: int, updated: int) -> dict[str, pa.Table]:
    """Registers of institutions, pharmacies, agreements and doctors. `opened` and `updated` in minutes."""
    every = np.arange(len(places.kind))
    tables = {"fixmedins_b": _register(places, every, opened, updated)}
    hospitals = every[places.kind != PHARMACY]
    pharmacies = every[places.kind == PHARMACY]
    beds = np.array([800, 300, 40, 0, 0])[places.kind[hospitals]]
    common = {"vali_flag": "1"}
    tables["medins_info_b"] = to_table(
        "medins_info_b",
        common
        | {
            "medins_code": places.code.take(pa.array(hospitals)),
            "medins_name": places.name.take(pa.array(hospitals)),
            "admdvs": places.text("region", hospitals),
            "hosp_lv": places.text("hosp_lv", hospitals),
            "aprv_bed_cnt": beds,
            "fixmedins_type": "1",
            "updt_time": np.full(len(hospitals), updated),
            "poolarea_no": places.text("poolarea_no", hospitals),
        },
    )
    chain = [f"P99LS{CHAINS[s % len(CHAINS)]}" for s in places.serial[pharmacies].tolist()]
    tables["rtal_phac_b"] = to_table(
        "rtal_phac_b",
        common
        | {
            "rtal_phac_code": places.code.take(pa.array(pharmacies)),
            "rtal_phac_name": places.name.take(pa.array(pharmacies)),
            "admdvs": places.text("region", pharmacies),
            "brch_flag": "1",
            "phar_psncnt": np.full(len(pharmacies), 2),
            "prnt_rtal_phac_code": words(chain),
            "updt_time": np.full(len(pharmacies), updated),
            "poolarea_no": places.text("poolarea_no", pharmacies),
        },
    )
    tables["fixmedins_cntr_reg_d"] = to_table(
        "fixmedins_cntr_reg_d",
        common
        | {
            "fix_cntr_id": numbered(every, 8, "9C"),
            "fixmedins_code": places.code,
            "cntr_sign_year": np.full(len(every), 2025),
            "begntime": np.full(len(every), opened),
            "cntr_stas": "1",
            "updt_time": np.full(len(every), updated),
        },
    )
    tables["dr_info_b"] = _doctors(places, updated)
    return tables


def _register(places: Places, every: Ints, opened: int, updated: int) -> pa.Table:
    return to_table(
        "fixmedins_b",
        {
            "fixmedins_code": places.code,
            "fix_blng_admdvs": places.text("region", every),
            "fixmedins_name": places.name,
            "fixmedins_type": Coded(words(["1", "2"]), (places.kind == PHARMACY).astype(np.int64)),
            "hosp_lv": places.text("hosp_lv", every),
            "lmtpric_hosp_lv": places.text("lmtpric_hosp_lv", every),
            "dedc_hosp_lv": places.text("lmtpric_hosp_lv", every),
            "begntime": np.full(len(every), opened),
            "hi_resper_name": numbered(every, 4, "示管", CHINESE_DIGITS),
            "hi_resper_tel": numbered(every, 8, "000"),
            "vali_flag": "1",
            "updt_time": np.full(len(every), updated),
            "poolarea_no": places.text("poolarea_no", every),
        },
    )


def _doctors(places: Places, updated: int) -> pa.Table:
    number = np.arange(len(places.kind) * SEATS)
    place, seat = np.divmod(number, SEATS)
    kind = places.kind[place]
    real = (kind < CLINIC) | ((kind == CLINIC) & (seat == GENERAL * DOCTORS_PER_DEPARTMENT))
    number, place, seat = number[real], place[real], seat[real]
    department = Coded(words([name for _, name in DEPARTMENTS]), seat // DOCTORS_PER_DEPARTMENT)
    return to_table(
        "dr_info_b",
        {
            "dr_code": numbered(number, 10, "D9"),
            "dr_name": numbered(number, 6, "示医", CHINESE_DIGITS),
            "dr_prac_scp_name": department,
            "medins_code": Coded(places.code, place),
            "medins_name": Coded(places.name, place),
            "prac_stas": "1",
            "vali_flag": "1",
            "updt_time": np.full(len(number), updated),
        },
    )
