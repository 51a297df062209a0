"""Imports on the site: what comes in adds up, what is rejected is told and masked, everyone sees the own region."""

from __future__ import annotations

import io

import pytest
from python_calamine import CalamineWorkbook

from fundguard.claims.store import Store
from fundguard.web.intake import selectors, services
from fundguard.web.jobs.models import Job
from fundguard.web.ledger.models import Entry
from tests.web import small_claims

pytestmark = pytest.mark.django_db


def workbook(answer) -> CalamineWorkbook:
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content))


def test_an_upload_becomes_an_arrival_whose_rows_add_up(upload, signed_in, settings):
    answer = upload()
    job = Job.objects.get()
    assert answer.url == f"/intake/jobs/{job.pk}/"
    assert (job.state, job.error, job.title) == ("done", {}, "导入 fixmedins_b.csv 等 5 个文件")
    chief = signed_in("chief")
    assert chief.get(answer.url).url == "/intake/1/"
    total = chief.get("/intake/").context["rows"][0].total
    assert total.read == total.new + total.changed + total.unchanged + total.withdrawn + total.quarantined == 24
    assert total.quarantined == 1
    page = chief.get("/intake/1/").text
    assert "院内备注" in page
    assert small_claims.SECRET not in page
    assert list(settings.UPLOADS.iterdir()) == []  # clear identities do not stay beside the store
    assert list(Entry.objects.order_by("pk").values_list("act", flat=True)) == ["发起数据导入", "数据导入完成"]


def test_the_same_files_again_change_nothing(upload, signed_in):
    upload()
    upload()
    total = signed_in("chief").get("/intake/").context["rows"][0].total
    assert (total.new, total.changed, total.unchanged, total.quarantined) == (0, 0, 23, 1)


def test_raw_rows_leave_only_with_permission_and_reason(upload, signed_in):
    upload()
    address = "/intake/1/quarantine/raw/"
    chief = signed_in("chief")
    assert signed_in("reviewer1").post(address, {"reason": "核对报送错误原因"}).status_code == 403
    assert chief.get(address).status_code == 405
    assert chief.post(address, {"reason": "看看"}).status_code == 422
    assert not Entry.objects.filter(act="下载被隔离的原始行").exists()
    raw = workbook(chief.post(address, {"reason": "核对报送错误原因"})).get_sheet_by_index(0).to_python()
    assert small_claims.SECRET in str(raw)
    assert Entry.objects.get(act="下载被隔离的原始行").detail == {"理由": "核对报送错误原因", "行数": 1}
    masked = workbook(signed_in("reviewer1").get("/intake/1/quarantine/")).get_sheet_by_index(0).to_python()
    assert masked[1][:2] == ["fee_list_d.csv", "fee_list_d"]
    assert small_claims.SECRET not in str(masked)


@pytest.mark.parametrize(
    ("institution", "sees"),
    [
        (small_claims.YUNLING, {"reviewer1", "chief", "admin"}),
        (small_claims.DONGHU, {"chief", "admin"}),
        (small_claims.NEIGHBOUR, {"admin"}),
    ],
)
def test_a_rejected_row_that_names_an_institution_is_seen_in_its_region_only(
    upload, viewer, signed_in, institution, sees
):
    upload(small_claims.files({"甲": institution}))
    for username in ("reviewer1", "chief", "admin"):
        who = viewer(username)
        rows = (selectors.quarantine_rows(who, 1).num_rows, selectors.quarantine(who, 1).num_rows)
        assert rows == ((1, 1) if username in sees else (0, 0)), username
    raw = workbook(signed_in("chief").post("/intake/1/quarantine/raw/", {"reason": "核对报送错误原因"}))
    assert (small_claims.SECRET in str(raw.get_sheet_by_index(0).to_python())) is ("chief" in sees)


def test_a_rejected_row_that_names_no_place_is_seen_by_all_and_one_of_a_division_there(upload, viewer):
    bad = {"psn_no": "psn-丙", "psn_insu_rlts_id": "1", "insutype": "310", "psn_insu_date": small_claims.SECRET}
    for number, (region, seen) in enumerate(((None, True), ("990101", True), ("990201", False)), 1):
        row = bad | ({"insu_admdvs": region} if region else {})
        upload(small_claims.files(bad=False) | {"psn_insu_d.csv": small_claims.csv_of([row])})
        assert selectors.quarantine_rows(viewer("reviewer1"), number).num_rows == int(seen), region
        assert selectors.quarantine_rows(viewer("admin"), number).num_rows == 1


def test_the_quality_report_shows_institutions_of_the_own_region_only(upload, signed_in):
    upload()
    for username, seen in {
        "reviewer1": {small_claims.YUNLING},
        "chief": {small_claims.YUNLING, small_claims.DONGHU},
        "admin": {small_claims.YUNLING, small_claims.DONGHU, small_claims.NEIGHBOUR},
    }.items():
        client = signed_in(username)
        page = client.get("/intake/quality/?section=settlements").text
        sheets = workbook(client.get("/intake/quality/excel/"))
        text = str([sheets.get_sheet_by_name(name).to_python() for name in sheets.sheet_names])
        for code, name in small_claims.NAMES.items():
            assert (code in page) == (name in page) == (code in text) == (code in seen), (username, code)


def test_the_report_is_filtered(upload, signed_in):
    upload()
    chief = signed_in("chief")
    for query, rows in {
        "": 2,
        "institution=东湖": 1,
        f"institution={small_claims.YUNLING}": 1,
        f"institution={small_claims.NEIGHBOUR}": 0,
        "month=202605": 2,
        "month=202604": 0,
        "month=5月": 2,  # no month: filters nothing, and the bar says so
    }.items():
        answer = chief.get(f"/intake/quality/?section=settlements&{query}")
        assert len(answer.context["section"].rows) == rows, query


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"fee_list_d.csv": b"a,b\n1,2\n"}, "缺少"),
        ({"something.csv": b"a,b\n1,2\n"}, "没有可以识别的文件"),
        ({"fee_list_d.xlsx": b"PK no workbook"}, ""),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_four_parts_and_nothing_comes_in(
    upload, signed_in, settings, files, what
):
    address = upload(files).url
    job = Job.objects.get()
    assert job.state == "failed"
    assert what in job.error["what"]
    assert job.error["remedy"]
    assert job.error["what"] in signed_in("chief").get(address).text
    assert not list(settings.STORE.glob("arrivals/*"))
    assert not list(settings.UPLOADS.iterdir())


@pytest.mark.parametrize(
    ("files", "limit", "told"),
    [
        ({"run.exe": b"MZ"}, 10, "不支持的文件类型"),
        ({"fee_list_d.csv": b"x" * 2_000_000}, 1, "文件合计超过 1 MB"),
    ],
)
def test_a_file_of_another_kind_or_too_large_is_refused_at_the_form(upload, settings, files, limit, told):
    settings.UPLOAD_LIMIT_MB = limit
    answer = upload(files)
    assert answer.status_code == 200
    assert told in answer.text
    assert not Job.objects.exists()


def test_a_request_beyond_the_limit_is_refused_before_it_is_read(upload, settings):
    settings.UPLOAD_LIMIT_MB = 1
    assert upload({"fee_list_d.csv": b"x" * 3_000_000}).status_code == 400


@pytest.mark.parametrize(
    ("given", "taken", "kept"),
    [
        ("fee_list_d_202609.csv", [], "fee_list_d_202609.csv"),
        ("../../etc/fee_list_d.CSV", [], "fee_list_d.csv"),
        ("C:\\数据\\结算 表.xlsx", [], "结算_表.xlsx"),
        (".hidden.csv", [], "hidden.csv"),
        ("..csv", [], "file.csv"),
        ("a;rm -rf $x.csv", [], "a_rm_-rf_x.csv"),
        ("setl_d.csv", ["setl_d.csv"], "setl_d-2.csv"),
    ],
)
def test_a_file_name_is_rebuilt_and_never_a_path(given, taken, kept):
    assert services.rebuilt(given, taken) == kept


def test_pages_without_any_data_lead_to_the_upload(data, signed_in):
    chief, reviewer = signed_in("chief"), signed_in("reviewer1")
    assert "/intake/upload/" in chief.get("/intake/").text
    assert "/intake/upload/" not in reviewer.get("/intake/").text
    assert chief.get("/intake/quality/").status_code == 422
    assert chief.get("/intake/1/").status_code == 404


def test_cancelling_leaves_the_store_as_it_was(upload, data, signed_in, monkeypatch):
    def cancelled(*_, progress, **__):
        Job.objects.update(cancel_requested=True)
        progress(1, 2, 3)

    monkeypatch.setattr(services, "import_path", cancelled)
    upload()
    assert Job.objects.get().state == "cancelled"
    assert "没有写入任何数据" in signed_in("chief").get("/intake/").text


def test_an_administrator_may_cancel_an_import_but_no_run(upload, signed_in):
    admin = signed_in("admin")
    for kind, status in (("import", 200), ("run", 403)):
        job = Job.objects.create(kind=kind, title=kind)
        assert admin.post(f"/jobs/{job.pk}/cancel/").status_code == status


def test_the_store_of_a_command_line_import_is_shown_too(data, signed_in, settings):
    from fundguard.claims.intake import import_path

    folder = data / "batch"
    folder.mkdir()
    for name, content in small_claims.files().items():
        (folder / name).write_bytes(content)
    import_path(folder, settings.STORE)
    Store.open(settings.STORE).connect().close()
    assert "batch" in signed_in("chief").get("/intake/1/").text
