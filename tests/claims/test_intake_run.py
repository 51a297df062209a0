"""The import from end to end: every form gives the same store, totals add up, bad input changes nothing."""

from __future__ import annotations

import errno
import os
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from intake_rows import NAME, NUMBER, csv_bytes, fee, write_csv

from fundguard.claims.intake import import_database, import_path
from fundguard.claims.intake.csv_text import csv_source
from fundguard.claims.store import Store
from fundguard.errors import Refusal

ROWS = [fee(n) for n in range(30)]


def lines(store: Path) -> list[tuple[object, ...]]:
    with Store.open(store).connect(origin="parquet") as connection:
        return connection.execute(
            "SELECT bkkp_sn, psn_key IS NOT NULL, fee_ocur_time, cnt, pric, inscp_amt, bilg_dept_name, marks "
            "FROM fee_list_d ORDER BY 1"
        ).fetchall()


def book(path: Path, sheet: str, rows: list[dict[str, str]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as workbook:
        page = workbook.add_worksheet(sheet)
        for i, values in enumerate([list(rows[0]), *(list(r.values()) for r in rows)]):
            for j, value in enumerate(values):
                if i and list(rows[0])[j] in ("cnt", "pric", "inscp_amt", "det_item_fee_sumamt"):
                    page.write_number(i, j, float(value))
                else:
                    page.write_string(i, j, value)
    return path


def parquet(path: Path, folder: Path) -> Path:
    write_csv(folder / "t.csv", ROWS)
    path.parent.mkdir(parents=True)
    pq.write_table(arrow_csv.read_csv(folder / "t.csv"), path)  # types as an analyst's tool guesses them
    return path


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


FORMS: dict[str, Callable[[Path], Path]] = {
    "utf-8": lambda d: write_csv(d / "fee_list_d.csv", ROWS),
    "bom": lambda d: write_csv(d / "FEE_LIST_D.csv", ROWS, encoding="utf-8-sig"),
    "gb18030": lambda d: write_csv(d / "fee_list_d_202601.csv", ROWS, encoding="gb18030"),
    "tab": lambda d: write_csv(d / "fee_list_d.txt", ROWS, delimiter="\t", end="\r\n"),
    "parquet folder": lambda d: parquet(d / "fee_list_d" / "part-0.parquet", d / "aside").parent,
    "excel": lambda d: book(d / "任意.xlsx", "fee_list_d", ROWS),
    "zip": lambda d: zipped(d / "x.zip", {"数据/fee_list_d.csv": csv_bytes(ROWS, "gb18030")}),
    "zip of excel": lambda d: zipped(d / "x.zip", {"a.xlsx": book(d / "b.xlsx", "fee_list_d", ROWS).read_bytes()}),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_rows(form: str, tmp_path: Path) -> None:
    expected = tmp_path / "expected"
    import_path(FORMS["utf-8"](tmp_path / "plain"), expected)
    (tmp_path / "in").mkdir()
    result = import_path(FORMS[form](tmp_path / "in"), tmp_path / "store")
    assert lines(tmp_path / "store") == lines(expected)
    counts = result.tables["fee_list_d"]
    assert (counts.read, counts.new, counts.quarantined) == (30, 30, 0)
    again = import_path(FORMS["utf-8"](tmp_path / "plain"), tmp_path / "store")
    assert again.tables["fee_list_d"].unchanged == 30


def test_a_database_is_read_with_the_password_from_the_environment_only(tmp_path: Path) -> None:
    base = sqlite3.connect(tmp_path / "his.db")
    columns = list(ROWS[0])
    base.execute(f"CREATE TABLE yt_fee_list_d ({', '.join(columns)})")
    base.executemany(
        f"INSERT INTO yt_fee_list_d VALUES ({','.join('?' * len(columns))})", [list(r.values()) for r in ROWS]
    )
    base.execute("CREATE TABLE other (a)")
    base.commit()
    base.close()
    result = import_database(f"sqlite:///{tmp_path / 'his.db'}", tmp_path / "store")
    assert result.tables["fee_list_d"].new == 30
    assert result.unrecognised == ["other"]
    for url in ("postgresql://u:secret@h/db", "oracle://u@h/db", "nonsense"):
        with pytest.raises(Refusal) as refused:
            import_database(url, tmp_path / "store")
        assert refused.value.exit_code == 2
        assert "secret" not in str(refused.value)
    with pytest.raises(Refusal, match="无法读取数据库"):
        import_database(f"sqlite:///{tmp_path / 'absent.db'}", tmp_path / "store")
    assert not (tmp_path / "absent.db").exists()


BAD = [
    (fee(1, bkkp_sn=""), "bkkp_sn", "缺少主键", None),
    (fee(2, cnt="2.00001"), "cnt", "不是数量，或小数超过四位", "2.***"),
    (fee(3, fee_ocur_time="昨天下午"), "fee_ocur_time", "时间无法识别", "昨天***"),
    (fee(4, psn_no="9.9E+17"), "psn_no", "编码已被电子表格改成科学计数法", None),
]


def test_quarantine_tells_place_field_reason_and_nothing_personal(tmp_path: Path) -> None:
    for number, (row, *_) in enumerate(BAD):
        row["bilg_dept_name"] = f"内{number}\n科"
    good = [fee(n, bilg_dept_name="外\n科") for n in range(10, 30)]
    path = write_csv(tmp_path / "fee_list_d.csv", good[:3] + [row for row, *_ in BAD] + good[3:])
    path.write_bytes(path.read_bytes() + b"F9999,too,few\n")
    result = import_path(path, tmp_path / "store")
    counts = result.tables["fee_list_d"]
    assert (counts.read, counts.new, counts.quarantined) == (25, 20, 5)
    assert [(f.read, f.accepted, f.quarantined) for f in result.files] == [(25, 20, 5)]
    store = Store.open(tmp_path / "store")
    told = store.quarantine(result.arrival).to_pylist()
    places = [(t["record"], t["physical_line"], t["source_file"]) for t in told]
    assert sorted(places) == [(n, 2 * n, "fee_list_d.csv") for n in (4, 5, 6, 7)] + [(25, 50, "fee_list_d.csv")]
    faults = {(t["field"], t["reason"], t["seen"]) for t in told}
    assert faults == {tuple(case[1:]) for case in BAD} | {(None, "应有 17 列，实有 3 列", None)}
    raw = {t["record"]: t["raw"] for t in store.quarantine_rows(result.arrival).to_pylist()}
    assert raw[25] == "F9999,too,few"
    assert "9.9E+17" in raw[7]


def test_places_count_on_over_the_blocks_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(csv_source.__kwdefaults__, "block", 700)
    rows = [fee(n, bilg_dept_name="外\n科") for n in range(50)]
    rows[40] |= {"cnt": "x"}
    path = write_csv(tmp_path / "fee_list_d.csv", rows)
    path.write_bytes(path.read_bytes() + b"F9999,too,few\n")
    result = import_path(path, tmp_path / "store")
    store = Store.open(tmp_path / "store")
    told = store.quarantine(result.arrival).to_pylist()
    assert [(t["record"], t["physical_line"]) for t in told] == [(41, 82), (51, 102)]
    with store.connect(origin="parquet") as connection:
        stored = connection.execute("SELECT record, bkkp_sn FROM fee_list_d ORDER BY record").fetchall()
    assert stored == [(n + 1, f"F{n:04d}") for n in range(50) if n != 40]


def test_contradictions_are_accepted_with_marks(tmp_path: Path) -> None:
    rows = [fee(1, med_type="99"), fee(2, det_item_fee_sumamt="8.00"), fee(3)]
    result = import_path(write_csv(tmp_path / "fee_list_d.csv", rows), tmp_path / "store")
    assert result.marked == {"dict:med_type": 1, "sum:det_item_fee_sumamt": 1, "sum:inscp_amt": 1}
    marks = [row[-1] for row in lines(tmp_path / "store")]
    assert marks == ["dict:med_type", "sum:inscp_amt,sum:det_item_fee_sumamt", None]


def test_a_folder_of_everything(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write_csv(folder / "fee_list_d.csv", ROWS)
    write_csv(folder / "fee_list_d_2.csv", [fee(n) for n in range(40, 45)])
    write_csv(folder / "说明.csv", [{"a": "1"}])
    (folder / "readme.md").write_text("x")
    (folder / "setl_d.csv").write_bytes(b"")
    (folder / ".hidden_fee_list_d.csv").write_bytes(b"x")
    header = csv_bytes([fee(1)]).split(b"\n")[0] + b"\n"
    (folder / "fee_list_d_3.csv").write_bytes(header)
    seen: list[tuple[int, int, int]] = []
    result = import_path(folder, tmp_path / "store", progress=lambda *step: seen.append(step))
    assert {(f.source, f.read, f.note) for f in result.files} == {
        ("fee_list_d.csv", 30, ""),
        ("fee_list_d_2.csv", 5, ""),
        ("fee_list_d_3.csv", 0, "没有数据行"),
        ("setl_d.csv", 0, "空文件"),
    }
    assert result.unrecognised == ["说明.csv", "readme.md"]
    assert seen[-1][2] == 35
    assert seen[-1][0] <= seen[-1][1]
    assert [step[0] for step in seen] == sorted(step[0] for step in seen)


def test_formulas_stay_text_and_are_never_run(tmp_path: Path) -> None:
    path = tmp_path / "fee_list_d.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        page = workbook.add_worksheet("fee_list_d")
        page.write_row(0, 0, list(ROWS[0]))
        page.write_row(1, 0, list(fee(1, bilg_dept_name="+内科").values()))
        page.write_formula(1, list(ROWS[0]).index("bilg_dept_name"), '=HYPERLINK("x")', None, "=cmd|' /C calc'!A0")
    import_path(path, tmp_path / "store")
    assert lines(tmp_path / "store")[0][6] == "=cmd|' /C calc'!A0"


def bomb(folder: Path) -> Path:
    return zipped(folder / "x.zip", {"fee_list_d.csv": b"0" * (70 << 20)})


UNUSABLE: list[tuple[str, Callable[[Path], Path], str]] = [
    ("missing path", lambda d: d / "absent", "找不到"),
    ("empty folder", lambda d: d, "没有可以识别的文件"),
    ("unknown file", lambda d: write_csv(d / "收费.csv", ROWS), "没有可以识别的文件"),
    ("empty file", lambda d: write_csv(d / "x.csv", ROWS).rename(d / "setl_d.md"), "没有可以识别的文件"),
    ("header only", lambda d: write_csv(d / "fee_list_d.csv", ROWS[:0] or [fee(1)]), "没有可导入的数据行"),
    ("missing column", lambda d: write_csv(d / "fee_list_d.csv", [{"bkkp_sn": "1"}]), "缺少必需的列"),
    ("broken parquet", lambda d: write_csv(d / "fee_list_d.parquet", ROWS), "无法读取的 Parquet 文件"),
    ("broken excel", lambda d: write_csv(d / "fee_list_d.xlsx", ROWS), "无法读取的 Excel 文件"),
    ("broken zip", lambda d: write_csv(d / "x.zip", ROWS), "无法读取的压缩包"),
    ("nested zip", lambda d: zipped(d / "x.zip", {"y.zip": b"PK"}), "压缩包内还有压缩包"),
    ("traversal", lambda d: zipped(d / "x.zip", {"../fee_list_d.csv": csv_bytes(ROWS)}), "压缩包内路径不安全"),
    ("zip bomb", bomb, "异常膨胀"),
    ("mostly bad", lambda d: write_csv(d / "fee_list_d.csv", [fee(n, cnt="x") for n in range(6)] + ROWS[6:10]), "过多"),
]


@pytest.mark.parametrize(("make", "what"), [case[1:] for case in UNUSABLE], ids=[case[0] for case in UNUSABLE])
def test_unusable_input_is_refused_in_chinese_and_changes_nothing(
    make: Callable[[Path], Path], what: str, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    path = make(tmp_path / "in")
    if what == "没有可导入的数据行":
        path.write_bytes(path.read_bytes().split(b"\n")[0])
    import_path(write_csv(tmp_path / "first" / "fee_list_d.csv", ROWS), tmp_path / "store")
    before = lines(tmp_path / "store")
    with pytest.raises(Refusal, match=what) as refused:
        import_path(path, tmp_path / "store")
    assert refused.value.where
    assert refused.value.remedy
    assert lines(tmp_path / "store") == before
    assert len(Store.open(tmp_path / "store").manifests()) == 1


def test_a_damaged_member_of_a_zip_is_refused_while_reading(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "x.zip",
        {"fee_list_d.csv": csv_bytes([fee(n, bilg_dept_name=os.urandom(40).hex()) for n in range(999)])},
    )
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(Refusal, match="压缩包内文件损坏"):
        import_path(path, tmp_path / "store")


def test_max_bad_is_a_share_of_all_rows(tmp_path: Path) -> None:
    rows = [fee(n, cnt="x") for n in range(6)] + ROWS[6:10]
    path = write_csv(tmp_path / "fee_list_d.csv", rows)
    assert import_path(path, tmp_path / "store", max_bad=0.6).tables["fee_list_d"].quarantined == 6


def test_cancelling_leaves_nothing(tmp_path: Path) -> None:
    class Cancelled(Exception):
        pass

    def stop(*_: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        import_path(write_csv(tmp_path / "fee_list_d.csv", ROWS), tmp_path / "store", progress=stop)
    assert Store.open(tmp_path / "store").manifests() == []


def test_two_imports_at_once(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "fee_list_d.csv", ROWS)

    def second(*_: int) -> None:
        with pytest.raises(Refusal, match="另一个导入正在进行"):
            import_path(path, tmp_path / "store")

    assert import_path(path, tmp_path / "store", progress=second).tables["fee_list_d"].new == 30
    assert len(Store.open(tmp_path / "store").manifests()) == 1


def test_a_full_disk_is_refused_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = write_csv(tmp_path / "fee_list_d.csv", ROWS)
    Store.create(tmp_path / "store")
    monkeypatch.setattr("fundguard.claims.store.arrival.Arrival.add", full)
    with pytest.raises(Refusal, match="磁盘"):
        import_path(path, tmp_path / "store")
    assert Store.open(tmp_path / "store").manifests() == []


def test_identity_is_sealed_and_shown_nowhere(tmp_path: Path) -> None:
    person = {"psn_no": "P000", "psn_name": NAME, "certno": NUMBER, "gend": "1", "brdy": "1990-13-01"}
    rows = [person | {"psn_no": f"P{n}", "brdy": "1990-01-01"} for n in range(3)] + [person]
    result = import_path(write_csv(tmp_path / "psn_info_b.csv", rows), tmp_path / "store")
    assert result.tables["psn_info_b"].quarantined == 1
    everything = b"".join(p.read_bytes() for p in (tmp_path / "store").rglob("*") if p.is_file())
    for secret in (NAME.encode(), NUMBER.encode()):
        assert secret not in everything


MAPPING = """
mapping: stays
sources:
  stays: {files: "stay*.csv", one_row_per: [ID], order: [-file, PART]}
tables:
  - table: setl_diag_list_d
    source: stays
    unpivot: {columns: [DX1, DX2], value: code, number: n}
    fields:
      diag_info_id: {from: [ID, n], do: [{concat: "-"}]}
      mdtrt_id: ID
      diag_code: code
      diag_srt_no: n
      diag_time: DAY
"""


def test_a_mapping_folds_unpivots_and_keeps_places(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(MAPPING)
    stay = {"ID": "1", "PART": "1", "DX1": "A", "DX2": "", "DAY": "2026-01-01"}
    write_csv(tmp_path / "in" / "stay_2025.csv", [stay | {"DX1": "OLD", "DX2": "B"}])
    new = [stay | {"PART": "10", "DX1": "TEN"}, stay | {"PART": "2"}, stay | {"ID": "2", "DX2": "C", "DAY": "x"}]
    write_csv(tmp_path / "in" / "stay_2026.csv", [*new, stay | {"ID": ""}, stay | {"ID": ""}])
    path = tmp_path / "in" / "stay_2026.csv"
    path.write_bytes(path.read_bytes() + b"broken\n")
    result = import_path(tmp_path / "in", tmp_path / "store", mapping=tmp_path / "m.yaml", max_bad=0.9)
    store = Store.open(tmp_path / "store")
    with store.connect(origin="parquet") as connection:
        kept = connection.execute(
            "SELECT diag_info_id, diag_code, source_file, record FROM setl_diag_list_d"
        ).fetchall()
    assert kept == [
        ("1-1", "A", "stay_2026.csv", 2),
        ("1-2", "B", "stay_2026.csv", 2),
        ("1", "A", "stay_2026.csv", 4),
    ]
    told = store.quarantine(result.arrival).to_pylist()
    assert {(t["source_file"], t["record"], t["physical_line"], t["field"]) for t in told} == {
        ("stay_2026.csv", 3, 4, "diag_time"),
        ("stay_2026.csv", 6, 7, None),
    }
