"""From a batch of encounters to the national tables of claims: mdtrt_d, setl_d, fee_list_d, diagnoses, operations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from fundguard.claims.city.calendar import MINUTES
from fundguard.claims.city.catalogue import LEVELS, catalogue
from fundguard.claims.city.frames import NONE, Coded, Column, Ints, coded, numbered, to_table, words
from fundguard.claims.city.journal import IN_HOSPITAL, KIND, KINDS, Batch, Money, line_money
from fundguard.claims.city.people import (
    EMPLOYEE,
    MATERNITY,
    RESIDENT,
    SEXES,
    People,
    addresses,
    card_numbers,
    person_names,
    person_numbers,
)
from fundguard.claims.city.places import COUNTIES, DEPARTMENTS, Places, doctor_codes, doctor_names
from fundguard.claims.city.settle import Settlements, settle

DIAGNOSES = (
    ("J06.900", "急性上呼吸道感染"),
    ("I10.x00x002", "高血压病"),
    ("E11.900", "2型糖尿病"),
    ("J18.900", "肺炎"),
    ("K29.700", "胃炎"),
    ("M54.500", "腰痛"),
    ("K35.900", "急性阑尾炎"),
    ("S52.500", "桡骨远端骨折"),
    ("H25.900", "老年性白内障"),
    ("O80.900", "单胎顺产"),
    ("O82.900", "剖宫产"),
    ("Z49.100", "体外透析"),
    ("Z51.103", "恶性肿瘤化学治疗"),
    ("I63.900", "脑梗死"),
    ("I69.300", "脑梗死后遗症"),
    ("I50.900", "心力衰竭"),
    ("R05.x00", "咳嗽"),
    ("N76.000", "急性阴道炎"),
    ("J44.900", "慢性阻塞性肺疾病"),
    ("K80.200", "胆囊结石"),
    ("Z34.900", "妊娠监督"),
    ("N18.900", "慢性肾脏病"),
    ("T14.100", "开放性伤口"),
    ("P59.900", "新生儿黄疸"),
    ("I21.900", "急性心肌梗死"),
    ("C16.000", "贲门恶性肿瘤"),
    ("K31.700", "胃息肉"),
    ("K40.900", "单侧腹股沟疝"),
    ("T81.400", "操作后感染"),
    ("N19.x00", "肾衰竭"),
    ("K85.900", "急性胰腺炎"),
    ("L40.000", "寻常型银屑病"),
    ("S42.200", "肱骨近端骨折"),
    ("N40.x00", "前列腺增生"),
    ("F03.x00", "痴呆"),
    ("D48.900", "动态未定或动态未知的肿瘤"),
    ("C79.800", "其他特指部位的继发性恶性肿瘤"),
    ("LOCAL:0421", "机构自编诊断"),
)
#: Position of each diagnosis by its category; `none`: an encounter without any.
DIAGNOSIS = {code[:3]: number for number, (code, _) in enumerate(DIAGNOSES)} | {"none": -1}
#: Disease of chronic care under which a visit for it is settled.
DISEASES = {"I10": "M03900", "E11": "M01600", "Z49": "M07800"}
_OPERATIONS = {
    "K35": ("47.0900", "阑尾切除术"),
    "K80": ("51.2200", "胆囊切除术"),
    "S52": ("79.3200", "桡骨骨折切开复位"),
}
_OPERATIONS |= {"C16": ("43.4105", "内镜下胃息肉切除术"), "K31": ("43.4105", "内镜下胃息肉切除术")}
_OPERATIONS |= {"K40": ("53.0000", "单侧腹股沟疝修补术")}
_OPERATIONS |= {"D48": ("68.4100", "经腹全子宫切除术"), "C79": ("60.5x00", "前列腺根治切除术")}
_OPERATIONS |= {"H25": ("13.4100", "晶状体摘除术"), "O82": ("74.1x00", "剖宫产术")}
#: Not there on admission (`adm_cond` 4); everything else was (1).
_ARISEN = DIAGNOSIS["T81"]
#: from a settlement to the row's time of change, in minutes
_CHANGE = 600
_INSURANCE = (EMPLOYEE, RESIDENT, MATERNITY)


@dataclass(frozen=True)
class Sources:
    """What a batch's tables refer to: the people it may name (from number `start` on) and the places."""

    people: People
    start: int
    places: Places


@dataclass(frozen=True)
class Ready:
    """A batch with its money and tables."""

    batch: Batch
    money: Money
    settlements: Settlements
    tables: dict[str, pa.Table]

    @property
    def funded(self) -> npt.NDArray[np.bool_]:
        """The lines in scope whose settlement a fund paid for."""
        paid = np.zeros(len(self.batch.encounters), np.bool_)
        paid[self.settlements.encounter[self.settlements.fund > 0]] = True
        return (self.money.in_scope > 0) & paid[self.batch.lines.encounter]


def claim_tables(batch: Batch, sources: Sources, stamp: int = NONE) -> Ready:
    """National tables of the batch. `stamp`: the rows' time of change in minutes; NONE: soon after settlement."""
    money = line_money(batch.lines, batch.encounters.payer)
    settlements = settle(batch, money, sources.people, sources.places, sources.start)
    person = _person_columns(sources)
    rows = batch.encounters.person - sources.start
    claimed = {name: Coded(column, rows) for name, column in person.items()}
    tables = {
        "mdtrt_d": _encounters(batch, sources, claimed, stamp),
        "setl_d": _settlements(batch, sources, settlements, person, stamp),
        "fee_list_d": _lines(batch, sources, money, person["psn_no"], stamp),
        "setl_diag_list_d": _diagnoses(batch, claimed["psn_no"], stamp),
        "oprninfo": _operations(batch, sources, claimed["psn_no"], stamp),
    }
    return Ready(batch, money, settlements, tables)


def _person_columns(sources: Sources) -> dict[str, pa.Array]:
    stop = sources.start + len(sources.people)
    return {
        "psn_no": person_numbers(sources.start, stop),
        "psn_name": person_names(sources.start, stop),
        "certno": card_numbers(sources.people, sources.start),
    }


def _shared(batch: Batch, sources: Sources, rows: Ints) -> dict[str, Column]:
    """Columns that settlements and encounters have in common, for the encounters at these positions."""
    e = batch.encounters
    person = e.person[rows] - sources.start
    people, places, place = sources.people, sources.places, e.place[rows]
    born = people.claimed_born[person]
    age = np.where(born == NONE, NONE, (e.begin[rows] // MINUTES - born) * 10 // 365)
    return {
        "mdtrt_id": numbered(e.number[rows], 11, "9M"),
        "psn_insu_rlts_id": numbered(e.person[rows], 10, "9R"),
        "psn_cert_type": "01",
        "gend": Coded(words(SEXES), people.claimed_sex[person]),
        "brdy": born,
        "age": age,
        "insutype": Coded(words([str(k) for k in _INSURANCE]), np.searchsorted(_INSURANCE, e.insurance[rows])),
        "nwb_flag": Coded(words(["0", "1"]), e.newborn[rows]),
        "dise_no": _disease(e.kind[rows], e.diagnosis[rows]),
        "insu_admdvs": Coded(words([code for code, _ in COUNTIES]), people.county[person]),
        "fixmedins_code": Coded(places.code, place),
        "fixmedins_name": Coded(places.name, place),
        "hosp_lv": places.text("hosp_lv", place),
        "lmtpric_hosp_lv": places.text("lmtpric_hosp_lv", place),
        "fix_blng_admdvs": places.text("region", place),
        "med_type": Coded(words([code for _, code in KINDS]), e.kind[rows]),
        "mdtrt_cert_type": "03",
        "vali_flag": Coded(words(["0", "1"]), e.valid[rows]),
        "poolarea_no": places.text("poolarea_no", place),
    }


def _disease(kind: Ints, diagnosis: Ints) -> Coded:
    """What a visit for a chronic disease is settled as; NULL for all others."""
    names = list(DISEASES.values())
    which = np.full(len(DIAGNOSES) + 1, -1, np.int64)  # the last is for no diagnosis (-1)
    for place, category in enumerate(DISEASES):
        which[DIAGNOSIS[category]] = place
    return Coded(words(names), np.where(kind == KIND["chronic"], which[diagnosis], -1))


def _changed(times: Ints, stamp: int) -> Ints:
    return times + _CHANGE if stamp == NONE else np.full(len(times), stamp)


def _encounters(batch: Batch, sources: Sources, claimed: dict[str, Coded], stamp: int) -> pa.Table:
    e = batch.encounters
    inside = np.isin(e.kind, IN_HOSPITAL)
    open_stay = e.settled == NONE
    days = np.where(inside & ~open_stay, e.end // MINUTES - e.begin // MINUTES, NONE)
    places = sources.places
    department = places.department(e.place, e.department)
    doctor = places.doctor(e.place, e.department, e.seat)
    deceased = inside & (e.leaving == 5)
    columns = _shared(batch, sources, np.arange(len(e))) | {
        "psn_no": claimed["psn_no"],
        "psn_name": claimed["psn_name"],
        "certno": claimed["certno"],
        "tel": numbered(e.person, 8, "000"),
        "addr": Coded(addresses(sources.people, sources.start), e.person - sources.start),
        "begntime": e.begin,
        "endtime": np.where(open_stay, NONE, e.end),
        "ipt_otp_no": numbered(e.number, 9, "MZ"),
        "chfpdr_code": Coded(doctor_codes(places), doctor),
        "chfpdr_name": Coded(doctor_names(places), doctor),
        "adm_dept_codg": Coded(words([code for code, _ in DEPARTMENTS]), department),
        "adm_dept_name": Coded(words([name for _, name in DEPARTMENTS]), department),
        "dscg_maindiag_code": Coded(words([code for code, _ in DIAGNOSES]), e.diagnosis),
        "dscg_maindiag_name": Coded(words([name for _, name in DIAGNOSES]), e.diagnosis),
        "dscg_way": Coded(words(list("123459")), np.where(inside & ~open_stay, np.minimum(e.leaving, 6) - 1, -1)),
        "inhosp_stas": Coded(words(["0", "1"]), open_stay.astype(np.int64)),
        "die_date": np.where(deceased, e.end // MINUTES, NONE),
        "ipt_days": days,
        "crte_time": e.begin + 3,
        "updt_time": _changed(np.where(open_stay, e.begin, e.end), stamp),
    }
    return to_table("mdtrt_d", columns)


def _settlements(batch: Batch, sources: Sources, s: Settlements, person: dict[str, pa.Array], stamp: int) -> pa.Table:
    e = batch.encounters
    rows = s.encounter
    who = e.person[rows] - sources.start
    refund = s.of >= 0
    packaged = e.packaged[rows] == 1
    columns = _shared(batch, sources, rows) | {
        "setl_id": numbered(s.number, 12, "9S"),
        "medins_setl_id": numbered(s.number, 12, "9I"),
        "init_setl_id": _reference(s.of, 12, "9S"),
        "psn_no": Coded(person["psn_no"], who),
        "psn_name": Coded(person["psn_name"], who),
        "certno": Coded(person["certno"], who),
        "begndate": e.begin[rows] // MINUTES,
        "enddate": e.end[rows] // MINUTES,
        "setl_time": s.minute,
        "setl_type": "2",
        "psn_setlway": Coded(words(["01", "02"]), e.packaged[rows]),
        "medfee_sumamt": s.total,
        "fulamt_ownpay_amt": s.full_own,
        "overlmt_selfpay": s.above_cap,
        "preselfpay_amt": s.first_own,
        "inscp_amt": s.in_scope,
        "dedc_std": s.threshold,
        "crt_dedc": s.threshold,
        "act_pay_dedc": s.threshold_paid,
        "hifp_pay": s.pool,
        "pool_prop_selfpay": s.rate * 100,
        "hi_agre_sumfee": s.in_scope,
        "cvlserv_pay": np.zeros_like(s.pool),
        "hifes_pay": np.zeros_like(s.pool),
        "hifmi_pay": s.serious,
        "hifob_pay": s.large,
        "hifdm_pay": np.zeros_like(s.pool),
        "maf_pay": s.assistance,
        "othfund_pay": np.zeros_like(s.pool),
        "fund_pay_sumamt": s.fund,
        "psn_pay": s.total - s.fund,
        "acct_pay": s.account,
        "cash_payamt": s.cash,
        "acct_mulaid_pay": s.family,
        "refd_setl_flag": Coded(words(["0", "1"]), refund.astype(np.int64)),
        "bydise_setl_payamt": np.where(packaged, s.pool, NONE),
        "year": Coded(words(["2025", "2026"]), (s.minute >= 20454 * MINUTES).astype(np.int64)),
        "crte_time": s.minute,
        "updt_time": _changed(s.minute, stamp),
    }
    return to_table("setl_d", columns)


def _reference(numbers: Ints, width: int, prefix: str) -> Coded:
    """A text column that is NULL nearly everywhere: numbers, -1 for NULL."""
    rows = np.flatnonzero(numbers >= 0)
    codes = np.full(len(numbers), -1, np.int64)
    codes[rows] = np.arange(len(rows))
    return Coded(numbered(numbers[rows], width, prefix), codes)


def _lines(batch: Batch, sources: Sources, money: Money, persons: pa.Array, stamp: int) -> pa.Table:
    e, lines, prices, places = batch.encounters, batch.lines, catalogue(), sources.places
    at = lines.encounter
    place = e.place[at]
    department = places.department(e.place, e.department)[at]
    doctor = places.doctor(e.place, e.department, e.seat)[at]
    refunded = np.where((lines.refund_of >= 0) & (lines.linked == 1), lines.number[lines.refund_of], -1)
    recipes = numbered(np.column_stack([e.number * 2, e.number * 2 + 1]).ravel(), 12, "9X")
    share = np.where(lines.item < 0, 0, prices.share[lines.item]) * 100
    columns: dict[str, Column] = {
        "bkkp_sn": numbered(lines.number, 12, "9F"),
        "mdtrt_id": Coded(numbered(e.number, 11, "9M"), at),
        "setl_id": _settlement_of(batch),
        "init_feedetl_sn": _reference(refunded, 12, "9F"),
        "psn_no": Coded(persons, (e.person - sources.start)[at]),
        "insu_admdvs": Coded(words([c for c, _ in COUNTIES]), sources.people.county[e.person - sources.start][at]),
        "fixmedins_code": Coded(places.code, place),
        "fixmedins_name": Coded(places.name, place),
        "med_type": Coded(words([code for _, code in KINDS]), e.kind[at]),
        "fee_ocur_time": lines.minute,
        "rx_drord_no": Coded(recipes, at * 2 + lines.prescription),
        "cnt": lines.quantity,
        "pric": lines.price,
        "det_item_fee_sumamt": money.amount,
        "pric_uplmt_amt": np.where(lines.item < 0, NONE, prices.cap[lines.item]),
        "selfpay_prop": share,
        "fulamt_ownpay_amt": money.full_own,
        "overlmt_selfpay": money.above_cap,
        "preselfpay_amt": money.first_own,
        "inscp_amt": money.in_scope,
        "chrgitm_lv": Coded(words(LEVELS), _level(lines.item, money)),
        "med_chrgitm_type": prices.column("charge", lines.item),
        "list_type": prices.column("list_type", lines.item),
        "hilist_code": prices.column("code", lines.item),
        "hilist_name": prices.column("name", lines.item),
        "med_list_codg": prices.column("code", lines.item),
        "spec": prices.column("spec", lines.item),
        "bilg_dept_codg": Coded(words([code for code, _ in DEPARTMENTS]), department),
        "bilg_dept_name": Coded(words([name for _, name in DEPARTMENTS]), department),
        "bilg_dr_code": Coded(doctor_codes(places), doctor),
        "bilg_dr_name": Coded(doctor_names(places), doctor),
        "acord_dept_codg": Coded(words([code for code, _ in DEPARTMENTS]), department),
        "hosp_appr_flag": "0",
        "matn_fee_flag": Coded(words(["0", "1"]), (e.kind[at] == KIND["maternity_stay"]).astype(np.int64)),
        "tcmdrug_used_way": Coded(words(["1"]), np.where(prices.herb[lines.item] & (lines.item >= 0), 0, -1)),
        "prd_days": lines.days,
        "vali_flag": Coded(words(["0", "1"]), lines.valid),
        "crte_time": lines.minute + lines.upload,
        "updt_time": _changed(lines.minute, stamp),
        "poolarea_no": places.text("poolarea_no", place),
    }
    return to_table("fee_list_d", columns)


def _settlement_of(batch: Batch) -> Coded:
    """Settlement of each line: the encounter's own, its refund, or none yet."""
    e, lines = batch.encounters, batch.lines
    refunded, rank = np.unique(lines.encounter[lines.settlement == 1], return_inverse=True)
    codes = np.where(e.settled[lines.encounter] == NONE, -1, lines.encounter)
    codes[lines.settlement == 1] = len(e) + rank
    return Coded(numbered(np.concatenate([e.number * 2, e.number[refunded] * 2 + 1]), 12, "9S"), codes)


def _level(item: Ints, money: Money) -> Ints:
    """Class of payment: what is wholly the patient's counts as class three."""
    share = np.where(item < 0, 0, catalogue().share[item])
    return np.where(money.full_own != 0, 2, np.searchsorted([0, 10, 100], share))


def _diagnoses(batch: Batch, person: Coded, stamp: int) -> pa.Table:
    e = batch.encounters
    rows = np.flatnonzero((e.kind != KIND["pharmacy"]) & (e.settled != NONE) & (e.diagnosis >= 0))
    inside = np.isin(e.kind, IN_HOSPITAL)
    arisen = np.where(inside, (e.diagnosis == _ARISEN).astype(np.int64), -1)
    return to_table(
        "setl_diag_list_d",
        {
            "diag_info_id": numbered(e.number[rows], 11, "9D"),
            "mdtrt_id": numbered(e.number[rows], 11, "9M"),
            "psn_no": Coded(person.words, person.codes[rows]),
            "inout_diag_type": "2",
            "diag_type": "1",
            "maindiag_flag": "1",
            "diag_srt_no": np.ones(len(rows), np.int64),
            "diag_code": Coded(words([code for code, _ in DIAGNOSES]), e.diagnosis[rows]),
            "diag_name": Coded(words([name for _, name in DIAGNOSES]), e.diagnosis[rows]),
            "adm_cond": Coded(words(["1", "4"]), arisen[rows]),
            "diag_time": e.begin[rows],
            "vali_flag": "1",
            "updt_time": _changed(e.end[rows], stamp),
        },
    )


def _operations(batch: Batch, sources: Sources, person: Coded, stamp: int) -> pa.Table:
    e = batch.encounters
    done = list(dict.fromkeys(_OPERATIONS.values()))  # each word once: a repeated one is not written the same each time
    known = {DIAGNOSIS[code]: done.index(operation) for code, operation in _OPERATIONS.items()}
    which = np.array([*(known.get(d, -1) for d in range(len(DIAGNOSES))), -1])[e.diagnosis]  # -1: no diagnosis told
    operated = np.isin(e.kind, IN_HOSPITAL) & (which >= 0) & (e.settled != NONE)
    rows = np.flatnonzero(operated)
    doctor = sources.places.doctor(e.place, e.department, e.seat)[rows]
    return to_table(
        "oprninfo",
        {
            "oprn_info_id": numbered(e.number[rows], 11, "9O"),
            "mdtrt_id": numbered(e.number[rows], 11, "9M"),
            "setl_id": numbered(e.number[rows] * 2, 12, "9S"),
            "psn_no": Coded(person.words, person.codes[rows]),
            "oprn_oprt_code": coded([code for code, _ in done], which[rows]),
            "oprn_oprt_name": coded([name for _, name in done], which[rows]),
            "oprn_oprt_date": e.begin[rows] // MINUTES,
            "oper_dr_code": Coded(doctor_codes(sources.places), doctor),
            "oper_dr_name": Coded(doctor_names(sources.places), doctor),
            "vali_flag": "1",
            "updt_time": _changed(e.end[rows], stamp),
        },
    )
