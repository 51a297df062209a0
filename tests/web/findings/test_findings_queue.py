"""Who sees which finding, what the queue shows, sums and exports, and what a further run changes."""

from __future__ import annotations

import datetime as dt
import io
import os
import shutil
import time

import pytest
import python_calamine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from huey.contrib.djhuey import HUEY

from fundguard.audit.batch import audit
from fundguard.claims.store import Store
from fundguard.web.findings import selectors, services, tasks, views
from fundguard.web.findings.models import Finding
from fundguard.web.jobs.models import Job
from fundguard.web.ledger.models import Entry
from tests.audit.conftest import bring
from tests.web.findings.conftest import CLEAR, HOME, RULES, encounter, viewer

ALL = {"M-resident", "M-guest", "M-traveller", "M-far", "M-second-stay"}
REVIEWER = {
    "M-resident",
    "M-guest",
    "M-traveller",
    "M-second-stay",
}  # treated here, or insured here and treated elsewhere


def shown(html: str) -> set[str]:
    """Encounters whose findings a page of the queue links to."""
    return {f.mdtrt_id for f in Finding.objects.all() if reverse("findings:detail", args=[f.pk]) in html}


@pytest.mark.parametrize(
    ("username", "expected"),
    [
        ("reviewer1", REVIEWER),
        ("chief", {*REVIEWER}),
        ("hospital", {"M-resident", "M-guest", "M-second-stay"}),
        ("pharmacy", set()),
        ("chain", {"M-resident", "M-guest", "M-far", "M-second-stay"}),
        ("expert", REVIEWER),
    ],
)
def test_everyone_sees_the_own_region_or_institution_only(taken, signed_in, username, expected) -> None:
    assert set(selectors.findings(viewer(username)).values_list("mdtrt_id", flat=True)) == expected
    client = signed_in(username)
    assert shown(client.get("/findings/").content.decode()) == expected
    for one in Finding.objects.all():  # guessing an address tells no more than an address that does not exist
        status = client.get(f"/findings/{one.pk}/").status_code
        assert status == (200 if one.mdtrt_id in expected else 404)
    assert client.get("/findings/" + "0" * 32 + "/").status_code == 404


def test_a_doctor_has_no_list_of_findings_and_is_asked_inside_the_institution_alone(taken, signed_in) -> None:
    assert set(selectors.findings(viewer("doctor")).values_list("mdtrt_id", flat=True)) == {"M-resident", "M-guest"}
    client = signed_in("doctor")
    for address in ("/findings/", *(f"/findings/{one.pk}/" for one in Finding.objects.all())):
        assert client.get(address).status_code == 403
    assert client.get("/portal/inner/").status_code == 200


def test_an_account_without_institution_or_code_sees_nothing(taken, people) -> None:
    for username, field in (("hospital", "institutions"), ("doctor", "practitioner"), ("reviewer1", "region")):
        one = viewer(username)
        setattr(one.user, field, None if field == "region" else "")
        assert not selectors.findings(one).exists()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=云岭示例", {"M-resident", "M-guest", "M-second-stay"}),
        ("q=ZD03AAA0043010100166", {"M-resident", "M-guest", "M-traveller"}),
        ("q=住院时间", {"M-second-stay"}),
        ("q=psn-resident", set()),
        (f"q={CLEAR[0]}", set()),
        ("rule=L001", {"M-second-stay"}),
        ("region=990102", {"M-traveller"}),
        ("region=990201", REVIEWER),  # out of reach: not a choice, so no filter, and nothing more to see
        ("institution=东湖", {"M-traveller"}),
        ("level=3", REVIEWER),
        ("level=2", set()),
        ("crossing=in", {"M-guest"}),
        ("crossing=out", {"M-traveller"}),
        ("least=100.01", set()),
        ("least=100&most=100", REVIEWER),
        ("least=nonsense", REVIEWER),
        ("first=2026-05-11", {"M-second-stay"}),
        ("last=2026-05-03", set()),
        ("tab=withdrawn", set()),
        ("tab=可疑", REVIEWER),
    ],
)
def test_filters(taken, signed_in, query, expected) -> None:
    username = "chief" if query == "region=990102" else "reviewer1"
    assert shown(signed_in(username).get(f"/findings/?{query}").content.decode()) == expected


def test_totals_are_the_sum_over_all_that_matches_and_the_person_cannot_be_sorted_by(taken, signed_in) -> None:
    one = viewer("reviewer1")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), sum(counted_fen) FROM findings_finding WHERE state = 'open' AND "
            "('990101' IN (region, insured_region))"
        )
        told = cursor.fetchone()
    amount = selectors.amounts(one, {})["open"]
    assert (amount.count, amount.counted_fen) == told
    by_person = signed_in("reviewer1").get("/findings/?sort=psn_key").content
    assert by_person.count(b"YD-") == signed_in("reviewer1").get("/findings/").content.count(b"YD-")
    assert not any("psn" in column or "subject" in column for column in selectors.SORTS.values())


def test_the_number_of_queries_does_not_grow_with_the_rows(taken, signed_in) -> None:
    client = signed_in("reviewer1")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get("/findings/?size=100")
        return len(seen)

    queries()  # the first request of a session also writes it
    before = queries()
    model = Finding.objects.get(mdtrt_id="M-resident")
    for number in range(40):
        model.pk = f"{number:032x}"
        model.region = "990101"
        model.save(force_insert=True)
    assert queries() == before <= 14


def test_export_holds_what_matches_with_pseudonyms_and_is_in_the_ledger(
    taken, signed_in, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    client = signed_in("reviewer1")
    answer = client.get("/findings/export/?rule=N67")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    rows = book.get_sheet_by_name("疑点").to_python()
    assert len(rows) == 1 + 3 + 1
    assert not any(word in str(rows) for word in (*CLEAR, "psn-"))
    assert Entry.objects.get(act="导出疑点").detail == {"条数": 3}
    monkeypatch.setattr(views, "EXPORT_AT_ONCE", 2)
    with django_capture_on_commit_callbacks(execute=True):
        client.get("/findings/export/?rule=N67")
    job = Job.objects.get(kind="findings.export")
    assert (job.state, job.result) == (Job.State.DONE, {"rows": 3})
    page = client.get(f"/findings/exports/{job.pk}/").content.decode()
    assert reverse("findings:export_file", args=[job.pk]) in page
    assert "文件保留 24 小时" in page
    whole = b"".join(client.get(f"/findings/exports/{job.pk}/file/").streaming_content)
    assert whole.startswith(b"PK")
    for other in ("reviewer2", "hospital"):
        assert signed_in(other).get(f"/findings/exports/{job.pk}/file/").status_code == 404


def test_the_same_run_again_changes_nothing(taken, run) -> None:
    assert taken["新增"] == len(ALL)
    before = list(Finding.objects.values())
    assert services.take_run(run) == {"未变": len(ALL), "证据更新": 0, "撤回": 0, "新增": 0}
    assert list(Finding.objects.values()) == before
    assert Entry.objects.filter(act="接收核查结果").count() == 1


def test_a_further_run_withdraws_renews_and_adds(taken, run, tmp_path, monkeypatch) -> None:
    """A corrected charge goes, another changes its amount, one comes new; a run of one rule leaves the other alone."""
    shutil.copytree(settings.STORE, tmp_path / "store")
    shutil.copytree(settings.RUNS, tmp_path / "runs")
    monkeypatch.setattr(settings, "STORE", tmp_path / "store")
    monkeypatch.setattr(settings, "RUNS", tmp_path / "runs")
    store = Store.open(tmp_path / "store")
    gone, other, new = (encounter(name, HOME, "990101") for name in ("resident", "guest", "new"))
    gone["fee_list_d"][0]["inscp_amt"] = 0
    other["fee_list_d"][0]["inscp_amt"] = 5000
    tables = {name: [*gone[name], *other[name]] for name in ("fee_list_d",)}
    bring(store, as_of=dt.datetime(2026, 6, 1), **tables)
    bring(store, as_of=dt.datetime(2026, 6, 2), **new)
    audit(store, tmp_path / "runs" / "second", rules=["N67"])
    counts = services.take_run(tmp_path / "runs" / "second")
    assert counts == {"未变": 2, "证据更新": 1, "撤回": 1, "新增": 1}
    state = {f.mdtrt_id: (f.state, f.told) for f in Finding.objects.all()}
    assert state["M-resident"] == ("withdrawn", "撤回：数据已更正")
    assert state["M-guest"] == ("open", "证据更新：数据已更正")
    assert state["M-second-stay"] == ("open", "")  # its rule did not run again
    assert selectors.matching(viewer("reviewer1"), {"tab": "withdrawn"}).get().mdtrt_id == "M-resident"
    assert set(Entry.objects.filter(object_kind="疑点").values_list("act", flat=True)) == {"撤回", "证据更新"}
    audit(store, tmp_path / "runs" / "third", rules=RULES)
    assert services.take_run(tmp_path / "runs" / "third")["新增"] == 0


def test_an_exported_file_is_removed_after_a_day(taken, signed_in, settings, tmp_path) -> None:
    settings.DATA = tmp_path
    old, young = (Job.objects.create(kind="findings.export", title="导出", state="done") for _ in range(2))
    me = viewer("reviewer1").user
    Job.objects.update(created_by=me)
    for job, hours in ((old, 25), (young, 23)):
        path = services.export_path(job)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"xlsx")
        then = time.time() - hours * 3600
        os.utime(path, (then, then))
    assert services.remove_old_exports() == 1
    assert [path.name for path in (tmp_path / "exports").iterdir()] == [f"{young.pk}.xlsx"]
    client = signed_in("reviewer1")
    assert client.get(f"/findings/exports/{old.pk}/file/").status_code == 422
    assert b"".join(client.get(f"/findings/exports/{young.pk}/file/").streaming_content) == b"xlsx"
    assert tasks.exports_expire.task_class in [type(task) for task in HUEY._registry.periodic_tasks]


def test_a_finding_without_a_place_belongs_to_the_root_alone(taken, signed_in) -> None:
    one = Finding.objects.get(mdtrt_id="M-resident")
    Finding.objects.filter(pk=one.pk).update(region="", fixmedins_code="")
    seen = {
        name: selectors.findings(viewer(name)).filter(pk=one.pk).exists() for name in ("reviewer1", "chief", "admin")
    }
    assert seen == {"reviewer1": False, "chief": False, "admin": True}
    assert selectors.treated_here(viewer("admin"), Finding.objects.get(pk=one.pk))
    assert signed_in("reviewer1").get(f"/findings/{one.pk}/").status_code == 404
    assert one.number not in signed_in("chief").get("/findings/").content.decode()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its statistics by itself")
def test_after_a_run_the_database_knows_how_the_list_is_filled(taken) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sqlite_stat1 WHERE idx = 'finding_by_counted'")
        assert cursor.fetchone() == (1,)
