"""What the claims store promises its readers and writers (contracts.md, section 2)."""

from __future__ import annotations

import hashlib
import hmac
import stat
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from store_samples import bring, fee, seen, typed

from fundguard.claims.store import Counts, Store
from fundguard.claims.store import store as store_module
from fundguard.claims.store.content import row_hashes
from fundguard.claims.tables import tables
from fundguard.errors import Refusal

JAN, FEB, MAR = datetime(2024, 1, 1), datetime(2024, 2, 1), datetime(2024, 3, 1)
AMOUNTS = "SELECT bkkp_sn, det_item_fee_sumamt FROM fee_list_d ORDER BY 1"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "store")


def test_a_row_is_stored_with_pseudonym_days_minutes_stamp_and_place(store: Store) -> None:
    before_1970 = fee("F2", fee_ocur_time=datetime(1969, 12, 31, 23, 59), updt_time=JAN)
    manifest = bring(store, "fee_list_d", fee("F1"), before_1970, as_of=FEB)
    with store.connect(origin="parquet") as connection:
        rows = connection.sql("SELECT * FROM fee_list_d ORDER BY bkkp_sn").to_arrow_table().to_pylist()
    first, second = rows
    assert list(first) == list(tables()["fee_list_d"].stored())
    assert first["psn_key"] == store.psn_key("9900000001")
    assert "psn_no" not in first
    assert (first["fee_ocur_time_day"], first["fee_ocur_time_min"]) == (19787, 19787 * 1440 + 630)
    assert (second["fee_ocur_time_day"], second["fee_ocur_time_min"]) == (-1, -1)
    assert (first["stamp"], second["stamp"]) == (FEB, JAN)
    assert (first["arrival"], first["source_file"], first["record"]) == (manifest.arrival, "sample.csv", 1)


def test_pseudonyms_are_keyed_and_the_two_ways_to_make_them_agree(store: Store) -> None:
    bring(store, "fee_list_d", *(fee(f"F{i}", psn_no=number) for i, number in enumerate(("1", "员2", "1" * 99))))
    key = (store.root / "keys" / "pseudonym.key").read_bytes()
    expected = "P" + hmac.new(key, "psn:员2".encode(), hashlib.sha256).hexdigest()[:24]
    stored = dict(seen(store, "SELECT bkkp_sn, psn_key FROM fee_list_d"))
    assert stored == {"F0": store.psn_key("1"), "F1": expected, "F2": store.psn_key("1" * 99)}


@pytest.mark.parametrize(
    ("second", "expected", "amount"),
    [
        (fee("F1"), Counts(read=1, unchanged=1), [("F1", 1000)]),
        (fee("F1", 900), Counts(read=1, changed=1), [("F1", 900)]),
        (fee("F1", vali_flag="0"), Counts(read=1, withdrawn=1), []),
        (fee("F2", 5), Counts(read=1, new=1), [("F1", 1000), ("F2", 5)]),
        (fee("F2", 5, vali_flag="0"), Counts(read=1, withdrawn=1), [("F1", 1000)]),
        (fee("F2", -1000, init_feedetl_sn="F1"), Counts(read=1, new=1), [("F1", 1000), ("F2", -1000)]),
    ],
    ids=["same", "corrected", "withdrawn", "another", "void from the start", "a refund is a row"],
)
def test_fate_of_a_second_arrival(store: Store, second: dict, expected: Counts, amount: list) -> None:
    bring(store, "fee_list_d", fee("F1"), as_of=JAN)
    assert bring(store, "fee_list_d", second, as_of=FEB).tables["fee_list_d"] == expected
    assert seen(store, AMOUNTS) == amount


@pytest.mark.parametrize(
    ("batches", "amount"),
    [
        ([(FEB, 2), (JAN, 1)], 2),  # an old export that comes late brings nothing back
        ([(JAN, 1), (MAR, 1), (FEB, 2)], 1),  # confirmed in March, so February's value lost
        ([(JAN, 1), (FEB, 2), (MAR, 1)], 1),  # and an earlier content may win again
        ([(JAN, 1), (FEB, 2), (MAR, 1), (JAN, 1), (FEB, 2)], 1),
        ([(None, 1), (None, 2), (None, 1)], 1),  # without any time the order of import decides
    ],
)
def test_versions_are_ordered_by_their_own_time(store: Store, batches: list, amount: int) -> None:
    for as_of, value in batches:
        bring(store, "fee_list_d", fee("F1", value), as_of=as_of)
    assert seen(store, AMOUNTS) == [("F1", amount)]


def test_a_content_is_stored_once_for_its_key(store: Store) -> None:
    for as_of, value in [(JAN, 1), (MAR, 1), (FEB, 2), (MAR, 2), (JAN, 1)]:
        bring(store, "fee_list_d", fee("F1", value), fee("F1", value), as_of=as_of)
    files = (store.root / "tables" / "fee_list_d").glob("??????.parquet")
    assert sum(pq.read_metadata(path).num_rows for path in files) == 2


def test_what_loses_is_hidden_at_its_place_even_if_rows_before_it_were_not_stored_again(store: Store) -> None:
    bring(store, "fee_list_d", fee("F1"), fee("F2"), fee("F3"), as_of=JAN)
    bring(store, "fee_list_d", fee("F1"), fee("F1"), fee("F4"), fee("F3", 30), fee("F5"), as_of=FEB)
    bring(store, "fee_list_d", fee("F3", 300), as_of=MAR)
    assert seen(store, AMOUNTS) == [("F1", 1000), ("F2", 1000), ("F3", 300), ("F4", 1000), ("F5", 1000)]


def test_a_withdrawn_row_is_listed_as_void_and_may_become_valid_again(store: Store) -> None:
    void = "SELECT bkkp_sn FROM void_fee_list_d"
    bring(store, "fee_list_d", fee("F1", updt_time=JAN), fee("F2", updt_time=JAN))
    bring(store, "fee_list_d", fee("F1", updt_time=FEB, vali_flag="0"))
    assert (seen(store, AMOUNTS), seen(store, void)) == ([("F2", 1000)], [("F1",)])
    bring(store, "fee_list_d", fee("F1", updt_time=MAR))
    assert (seen(store, AMOUNTS), seen(store, void)) == ([("F1", 1000), ("F2", 1000)], [])


def test_a_deleted_stock_record_is_a_version_of_it(store: Store) -> None:
    sale = {"medins_prod_sel_no": "S1", "fixmedins_code": "P1", "med_list_codg": "X1", "sel_retn_cnt": 10_000}
    bring(store, "sale_3505", {**sale, "updt_time": JAN}, {**sale, "medins_prod_sel_no": "S2", "updt_time": JAN})
    manifest = bring(store, "sale_3505", {**sale, "updt_time": FEB, "vali_flag": "0"})
    assert manifest.tables["sale_3505"] == Counts(read=1, withdrawn=1)
    assert seen(store, "SELECT medins_prod_sel_no FROM sale_3505") == [("S2",)]


def test_empty_key_parts_count_as_one_value_and_an_empty_first_part_is_refused(store: Store) -> None:
    code = {"drug_trac_codg": "81" * 10, "inf_type": "3505"}
    bring(store, "drugtracinfo", code, {**code, "medins_prod_sel_no": "S1"}, as_of=JAN)
    again = bring(store, "drugtracinfo", {**code, "bkkp_sn": "B1"}, as_of=FEB)
    assert again.tables["drugtracinfo"] == Counts(read=1, changed=1)
    assert seen(store, "SELECT medins_prod_sel_no, bkkp_sn FROM drugtracinfo ORDER BY 1") == [
        ("S1", None),
        (None, "B1"),
    ]
    with pytest.raises(ValueError, match="inf_type"):
        bring(store, "drugtracinfo", {**code, "inf_type": None})


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (typed("fee_list_d", fee("F1")).drop_columns(["record"]), "record"),
        (typed("fee_list_d", fee("F1")).append_column("invented", pa.array(["x"])), "invented"),
    ],
)
def test_rows_that_break_the_contract_are_refused(store: Store, rows: pa.Table, problem: str) -> None:
    with pytest.raises(ValueError, match=problem), store.arrival("test") as arrival:
        arrival.add("fee_list_d", rows)


def test_known_on_shows_what_had_arrived_by_the_end_of_that_day(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for day, value in ((1, 10), (2, 20), (3, 30)):
        monkeypatch.setattr(store_module, "now", lambda day=day: datetime(2024, 6, day, 23, 59))
        bring(store, "fee_list_d", fee("F1", value))
    found = {day: seen(store, AMOUNTS, known_on=date(2024, 6, day)) for day in (1, 2, 3)}
    assert found == {1: [("F1", 10)], 2: [("F1", 20)], 3: [("F1", 30)]}
    assert seen(store, AMOUNTS, known_on=date(2024, 5, 31)) == []
    assert seen(store, AMOUNTS, known_on=date(2024, 6, 1), origin="derived") == [("F1", 10)]


def test_an_arrival_comes_after_the_last_even_if_the_clock_went_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for moment, value in ((MAR, 1), (JAN, 2)):
        monkeypatch.setattr(store_module, "now", lambda moment=moment: moment)
        bring(store, "fee_list_d", fee("F1", value))
    assert seen(store, AMOUNTS) == [("F1", 2)]


def test_counts_add_up_and_quarantined_rows_keep_their_content_sealed(store: Store) -> None:
    raw = "F9,测试张三,99010119990230999X"
    rejected = pa.table(
        {"record": [7, 7], "physical_line": [9, 9], "source_file": ["f.csv"] * 2, "table_name": ["fee_list_d"] * 2,
         "field": ["cnt", "pric"], "reason": ["不是数字"] * 2, "seen": ["**"] * 2, "raw": [raw] * 2}
    )  # fmt: skip
    with store.arrival("test") as arrival:
        arrival.add("fee_list_d", typed("fee_list_d", fee("F1"), fee("F1"), fee("F1", 5), fee("F2", vali_flag="0")))
        arrival.reject(rejected)
        manifest = arrival.commit()
    assert manifest.tables["fee_list_d"] == Counts(read=5, new=1, changed=1, unchanged=1, withdrawn=1, quarantined=1)
    assert store.manifests() == [manifest]
    listed = store.quarantine()
    assert listed.column("field").to_pylist() == ["cnt", "pric"]
    assert "raw" not in listed.column_names
    assert store.quarantine_rows(1).column("raw").to_pylist() == [raw, raw]
    assert store.quarantine(2).num_rows == 0
    assert not clear_in_files(store.root, "测试张三")


def clear_in_files(root: Path, *values: str) -> list[Path]:
    return [p for p in root.rglob("*") if p.is_file() and any(v.encode() in p.read_bytes() for v in values)]


def test_identity_is_sealed_by_subject_and_never_lies_in_clear(store: Store) -> None:
    person = {"psn_no": "9900000001", "psn_name": "测试张三", "certno": "99010119990230999X", "gend": "1"}
    with store.arrival("test") as arrival:
        arrival.add("psn_info_b", typed("psn_info_b", {**person, "mob": "19900000000", "updt_time": JAN}))
        arrival.add("fee_list_d", typed("fee_list_d", fee("F1", bilg_dr_code="D1", bilg_dr_name="测试医师甲")))
        arrival.add("fixmedins_b", typed("fixmedins_b", {"fixmedins_code": "H1", "hi_resper_name": "测试负责人"}))
        sale = {"medins_prod_sel_no": "S1", "phar_name": "测试药师", "psn_name": "测试无号者"}
        arrival.add("sale_3505", typed("sale_3505", sale))
        assert not clear_in_files(store.root, "9900000001", "测试", "99010119990230999X", "19900000000")
        arrival.commit()
    store.connect().close()
    assert not clear_in_files(store.root, "9900000001", "测试", "99010119990230999X", "19900000000")
    identity = store.identity()
    told = {k: v for k, v in person.items() if k != "gend"} | {"mob": "19900000000"}
    assert identity.of("person", store.psn_key("9900000001")) == told
    assert identity.of("practitioner", "D1") == {"dr_name": "测试医师甲"}
    assert identity.of("institution", "H1") == {"hi_resper_name": "测试负责人"}
    assert identity.of("sale", "S1") == {"phar_name": "测试药师"}
    assert identity.of("row", "sale_3505/S1") == {"psn_name": "测试无号者"}
    assert identity.of("person", "nobody") == {}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (0, 2, 1, 0)])
def test_the_latest_name_is_that_of_the_latest_stamp_in_any_order_of_import(store: Store, order: tuple) -> None:
    versions = [("测试旧名", JAN), ("测试别名", FEB), ("测试旧名", MAR)]
    for name, stamp in (versions[i] for i in order):
        bring(store, "psn_info_b", {"psn_no": "99", "psn_name": name, "updt_time": stamp})
    assert store.identity().of("person", store.psn_key("99"))["psn_name"] == "测试旧名"


@pytest.mark.parametrize("name", ['测"试', "测\\试", "测\n试\t\x01", "𠮷示", " ", "null", "{}"])
def test_a_name_of_any_characters_comes_back_as_it_was(store: Store, name: str) -> None:
    bring(store, "psn_info_b", {"psn_no": name, "psn_name": name, "certno": None})
    assert store.identity().of("person", store.psn_key(name)) == {"psn_no": name, "psn_name": name}


def test_known_identity_is_not_sealed_again(store: Store) -> None:
    bring(store, "fee_list_d", fee("F1", bilg_dr_code="D1", bilg_dr_name="测试医师甲", updt_time=FEB))
    again = bring(store, "fee_list_d", fee("F2", acord_dr_code="D1", acord_dr_name="测试医师甲", updt_time=JAN))
    assert not any(name.startswith("identity/") for name in again.pieces)


def test_the_derived_file_equals_the_parquet_view_and_follows_it(store: Store) -> None:
    bring(store, "fee_list_d", fee("F1"), fee("F2"), as_of=JAN)
    first = store.connect()
    bring(store, "fee_list_d", fee("F1", vali_flag="0"), fee("F3"), as_of=FEB)
    assert first.execute(AMOUNTS).fetchall() == [("F1", 1000), ("F2", 1000)]
    assert seen(store, AMOUNTS, origin="derived", build=False) == [("F1", 1000), ("F2", 1000)]
    names = [*tables(), "void_fee_list_d", "void_setl_d", "void_mdtrt_d", "source_profile"]
    with store.connect() as derived, store.connect(origin="parquet") as truth:
        for name in names:
            for query in (f"SELECT * FROM {name} ORDER BY ALL", f"DESCRIBE {name}"):
                assert derived.execute(query).fetchall() == truth.execute(query).fetchall(), query
    assert [p.name for p in (store.root / "derived").glob("*.duckdb")] == ["000002.duckdb"]
    first.close()


def test_a_reader_may_make_tables_of_its_own_but_not_change_the_claims(store: Store) -> None:
    bring(store, "fee_list_d", fee("F1"))
    with store.connect() as connection:
        connection.execute("CREATE TABLE hit AS SELECT bkkp_sn FROM fee_list_d")
        with pytest.raises(Exception, match="read-only"):
            connection.execute("DELETE FROM derived.main.fee_list_d")


def test_a_derived_file_is_not_built_where_that_is_not_wanted(store: Store) -> None:
    with pytest.raises(Refusal, match="查询库"):
        store.connect(build=False)


@pytest.mark.parametrize("origin", ["parquet", "derived"])
@pytest.mark.parametrize(
    ("regions", "institutions"),
    [({"330106"}, ["H1"]), ({"3301"}, ["H1", "H2"]), (set(), []), (None, ["H1", "H2", "H3"])],
)
def test_a_region_sees_its_own_institutions_only(
    store: Store, origin: str, regions: set[str] | None, institutions: list[str]
) -> None:
    homes = {"H1": "330106", "H2": "330110", "H3": "320100"}
    with store.arrival("test") as arrival:
        arrival.add("fixmedins_b", typed("fixmedins_b", *(
            {"fixmedins_code": h, "fix_blng_admdvs": region} for h, region in homes.items())))  # fmt: skip
        visits = [{"mdtrt_id": f"M{h}", "psn_no": "99", "fixmedins_code": h, "begntime": JAN} for h in homes]
        arrival.add("mdtrt_d", typed("mdtrt_d", *visits))
        arrival.add("setl_d", typed("setl_d", *({**v, "setl_id": f"S{v['fixmedins_code']}"} for v in [
            {k: v for k, v in visit.items() if k != "begntime"} for visit in visits])))  # fmt: skip
        arrival.add("fee_list_d", typed("fee_list_d", *(fee(f"F{h}", fixmedins_code=h) for h in homes)))
        arrival.add("iteminfo", typed("iteminfo", *({"setl_id": f"S{h}", "med_chrgitm": "01"} for h in homes)))
        arrival.add("drord_d", typed("drord_d", *({"drord_detl_id": f"D{h}", "mdtrt_id": f"M{h}"} for h in homes)))
        arrival.commit()
    how = {"origin": origin, "regions": regions}
    for table, column in (("fee_list_d", "bkkp_sn"), ("fixmedins_b", "fixmedins_code"), ("iteminfo", "setl_id"),
                          ("drord_d", "drord_detl_id"), ("mdtrt_d", "mdtrt_id")):  # fmt: skip
        shown = [value[-2:] for (value,) in seen(store, f"SELECT {column} FROM {table} ORDER BY 1", **how)]
        assert shown == institutions, table
    profile = "SELECT DISTINCT fixmedins_code FROM source_profile ORDER BY 1"
    assert [code for (code,) in seen(store, profile, **how)] == institutions


def test_source_profile_counts_what_an_institution_fills_each_month(store: Store) -> None:
    bring(store, "fee_list_d", fee("F1", bilg_dr_code="D1"), fee("F2"), fee("F3", fee_ocur_time=datetime(2024, 4, 1)))
    query = "SELECT month, total, filled FROM source_profile WHERE table_name = 'fee_list_d' AND field = ? ORDER BY 1"
    with store.connect() as connection:
        assert connection.execute(query, ["bilg_dr_code"]).fetchall() == [("202403", 2, 1), ("202404", 1, 0)]
        assert connection.execute(query, ["psn_key"]).fetchall() == [("202403", 2, 2), ("202404", 1, 1)]


def test_a_file_is_known_once_committed_with_the_same_settings(store: Store) -> None:
    with store.arrival("test", files={"a.csv": "ab12"}, settings="mapping 1") as arrival:
        arrival.add("fee_list_d", typed("fee_list_d", fee("F1")))
        assert not store.knows("ab12", "mapping 1")
        arrival.commit()
    known = [store.knows("ab12", "mapping 1"), store.knows("ab12"), store.knows("ab12", "mapping 1", JAN)]
    assert known == [True, False, False]


def test_keys_are_private_and_a_store_refuses_others(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {stat.S_IMODE(p.stat().st_mode) for p in (store.root / "keys").iterdir()} == {0o600}
    monkeypatch.setenv("FUNDGUARD_KEYS", str(tmp_path / "elsewhere"))
    with pytest.raises(Refusal, match="密钥缺失"):
        store.psn_key("1")
    other = Store.create(tmp_path / "other")
    assert not (other.root / "keys").exists()
    assert other.psn_key("1")
    with pytest.raises(Refusal, match="密钥与数据仓库不符"):
        store.identity()


def test_opening_what_is_no_store_or_creating_it_twice_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="不是数据仓库"):
        Store.open(tmp_path)
    with pytest.raises(Refusal, match="已是数据仓库"):
        Store.create(store.root)
    (store.root / "store.json").write_text('{"format": 1, "schema": 0, "keys": ""}')
    with pytest.raises(Refusal, match="版本"):
        Store.open(store.root)


def test_the_content_hash_never_changes() -> None:
    """Stored hashes are compared with those of later imports for years: this number must stay as it is."""
    columns = {
        "code": pa.array(["X" * 8, "药品", "", None, "药" * 9]),
        "amount": pa.array([1, -1, None, None, 2**62]),
        "day": pa.array([None, date(2024, 2, 29), None, None, date(1950, 1, 1)], pa.date32()),
    }
    hashes = row_hashes(columns, 5).to_pylist()
    assert hashes == [
        4140962605480324075,
        3827845798065827888,
        6554942528417310964,
        0,
        5932673010258960774,
    ]
    sliced = {name: column.slice(1, 3) for name, column in columns.items()}
    assert row_hashes(sliced, 3).to_pylist() == hashes[1:4]
    assert row_hashes({**dict(reversed(columns.items())), "absent": pa.nulls(5, pa.string())}, 5).to_pylist() == hashes
    coded = columns | {"code": columns["code"].dictionary_encode()}
    assert row_hashes(coded, 5).to_pylist() == hashes


@pytest.mark.parametrize("first_repeats", [True, False])
def test_text_that_starts_or_ceases_to_repeat_is_stored_all_the_same(
    store: Store, first_repeats: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether text is written as distinct values is decided by the first rows of a file, and rewritten so."""
    monkeypatch.setattr("fundguard.claims.store.staging.ROW_GROUP", 5)
    same = [fee(f"A{i}", rx_drord_no="R0") for i in range(6)]
    own = [fee(f"B{i}", rx_drord_no=f"R{i}") for i in range(6)]
    absent = [fee(f"C{i}") for i in range(6)]
    with store.arrival("test") as arrival:
        for rows in [same, own, absent, own[:1]] if first_repeats else [own, same, absent, own[:1]]:
            arrival.add("fee_list_d", typed("fee_list_d", *rows))
        counts = arrival.commit().tables["fee_list_d"]
    assert (counts.new, counts.unchanged) == (18, 1)
    expected = [(row["bkkp_sn"], row.get("rx_drord_no")) for row in same + own + absent]
    assert seen(store, "SELECT bkkp_sn, rx_drord_no FROM fee_list_d ORDER BY bkkp_sn") == expected
    with store.connect(origin="derived") as derived:
        assert derived.sql("SELECT bkkp_sn, rx_drord_no FROM fee_list_d ORDER BY bkkp_sn").fetchall() == expected
