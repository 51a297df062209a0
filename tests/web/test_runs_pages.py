"""Runs on the site: one at a time, everyone sees the own region, an earlier day's knowledge changes nothing."""

from __future__ import annotations

import io
import json
from datetime import date
from functools import partial

import pytest
from python_calamine import CalamineWorkbook

from fundguard.web import wiring
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.services import WORK
from fundguard.web.ledger.models import Entry
from fundguard.web.runs import services
from fundguard.web.runs.models import Run
from tests.web import small_claims

pytestmark = pytest.mark.django_db
RULE = "N67"


@pytest.fixture
def taken(monkeypatch):
    """Folders of the runs that were handed on."""
    folders: list[str] = []
    effects = (lambda path: folders.append(path.name),)
    monkeypatch.setitem(WORK, "run", partial(services.perform, effects=effects))
    return folders


def found(client, run: Run) -> int:
    return client.get(f"/runs/{run.pk}/").context["result"].findings


def test_a_run_gives_everyone_the_findings_of_the_own_region(upload, started, signed_in, taken):
    upload()
    answer = started(rules=[RULE])
    run = Run.objects.get()
    assert answer.url == f"/runs/{run.pk}/"
    assert (Job.objects.get(kind="run").error, run.published, taken) == ({}, True, [run.folder])
    assert {name: found(signed_in(name), run) for name in ("chief", "reviewer1", "admin")} == {
        "chief": 3,
        "reviewer1": 2,
        "admin": 3,  # the run was asked for the city: the neighbour's finding is not written
    }
    told = json.loads((run.path / "run.json").read_text("utf-8"))
    result = signed_in("reviewer1").get(f"/runs/{run.pk}/").context["result"]
    assert [(rule.code, rule.findings, rule.counted_fen) for rule in result.rules] == [(RULE, 2, 20_000)]
    assert result.gate is None  # counts of other counties would show through
    assert signed_in("chief").get(f"/runs/{run.pk}/").context["result"].gate.findings == told["findings"] == 3
    page = signed_in("chief").get(f"/runs/{run.pk}/").content.decode()
    assert "拦下 0 条，占全部疑点的 0.00%" in page
    assert "界限为演示值" in page
    acts = Entry.objects.filter(object_kind="核查运行").order_by("pk").values_list("act", "region")
    assert list(acts) == [("发起核查", "990100"), ("核查完成", "990100")]


def test_a_rule_without_findings_is_told_as_zero(upload, started, signed_in):
    upload(small_claims.files({}))
    started(rules=[RULE, "L001"])
    result = signed_in("chief").get(f"/runs/{Run.objects.get().pk}/").context["result"]
    assert [(rule.code, rule.findings, rule.ran) for rule in result.rules] == [("L001", 0, True), (RULE, 0, True)]


def test_the_workbook_holds_the_own_region_and_the_ledger_knows(upload, started, signed_in):
    upload()
    started(rules=[RULE])
    answer = signed_in("reviewer1").get(f"/runs/{Run.objects.get().pk}/findings/")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
    places = [row[6] for row in sheet.to_python()[1:] if row[6]]
    assert places == [small_claims.YUNLING] * 2
    assert Entry.objects.get(act="导出疑点").actor.username == "reviewer1"


def test_changes_against_the_former_run_are_counted_by_region(upload, started, signed_in, taken):
    upload()
    started(rules=[RULE])
    paid = small_claims.files({"己": small_claims.YUNLING}, bad=False)
    upload({name: paid[name] for name in ("fee_list_d.csv", "mdtrt_d.csv", "setl_d.csv", "psn_info_b.csv")})
    started(rules=[RULE])
    run = Run.objects.first()
    changed = {
        name: dict(signed_in(name).get(f"/runs/{run.pk}/").context["result"].changes) for name in ("chief", "reviewer1")
    }
    assert (changed["chief"]["新增"], changed["chief"]["未变"]) == (1, 3)
    assert (changed["reviewer1"]["新增"], changed["reviewer1"]["未变"]) == (1, 2)
    assert len(taken) == 2


def test_a_run_on_an_earlier_days_knowledge_is_kept_but_not_handed_on(upload, started, signed_in, taken):
    upload()
    started(rules=[RULE], known_on=date.today().isoformat())
    run = Run.objects.get()
    assert (run.finished, run.published, taken) == (True, False, [])
    assert "仅供查阅" in signed_in("chief").get("/runs/").text


def test_only_one_run_at_a_time_and_only_in_the_own_reach(upload, started, signed_in):
    upload()
    Job.objects.create(kind="run", title="核查")
    assert started().status_code == 422
    Job.objects.filter(kind="run").delete()
    assert "您的管辖范围内没有这个区划" in started(region="990201").text
    assert signed_in("reviewer1").post("/runs/start/", {"region": "990101"}).status_code == 403
    assert not Run.objects.exists()


def test_without_data_a_run_is_refused_and_without_settlements_it_fails_clearly(started, upload, signed_in):
    assert started().status_code == 422
    upload({"fixmedins_b.csv": small_claims.files()["fixmedins_b.csv"]})
    address = started().url
    assert Job.objects.get(kind="run").error["what"] == "数据仓库中没有结算信息，无法核查"
    assert "没有结算信息" in signed_in("chief").get(address).text


def test_a_run_elsewhere_is_not_there(upload, started, signed_in):
    upload()
    started(region="990102", rules=[RULE])
    pk = Run.objects.get().pk
    assert signed_in("reviewer1").get(f"/runs/{pk}/").status_code == 404
    assert signed_in("chief").get(f"/runs/{pk}/").status_code == 200


def test_runs_of_the_command_line_are_taken_over_once(upload, data, settings, people):
    from fundguard.audit.batch import audit
    from fundguard.claims.store import Store

    upload()
    audit(Store.open(settings.STORE), settings.RUNS / "by-hand", rules=[RULE])
    handed: list[str] = []
    services.adopt((lambda path: handed.append(path.name),))
    services.adopt((lambda path: handed.append(path.name),))
    assert handed == ["by-hand"]
    assert Run.objects.get().published


def test_the_overview_counts_the_own_region(upload, started, signed_in):
    upload()
    assert "尚未核查" in signed_in("chief").get("/").text
    started()
    for username, settled, findings in (("chief", "4", "3"), ("reviewer1", "3", "2")):
        answer = signed_in(username).get("/")
        shown = {figure.label: figure.value for figure in answer.context["figures"]}
        assert (shown["结算单"], shown["疑点"]) == (settled, findings), username
        names = str([chart.option for chart in answer.context["charts"]])
        assert (small_claims.NAMES[small_claims.DONGHU] in names) == (username == "chief")
        assert small_claims.NAMES[small_claims.NEIGHBOUR] not in names


def test_an_empty_overview_leads_to_the_import(data, signed_in):
    assert "/intake/" in signed_in("chief").get("/").text
    assert 'class="btn btn-primary"' not in signed_in("knowledge1").get("/").text


def test_an_interrupted_demonstration_can_be_prepared_again_and_only_a_demonstration(data, signed_in, settings):
    chief = signed_in("chief")
    assert chief.post("/demo-data/").status_code == 422
    settings.DEMO = True
    assert "/demo-data/" in chief.get("/").text
    assert chief.post("/demo-data/").url == "/"
    assert Job.objects.get().kind == "demo"


def test_every_kind_of_work_is_wired():
    assert set(WORK) >= {"import", "run", "demo"}
    assert wiring.AFTER_RUN is not None
