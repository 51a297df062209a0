"""Long work: queued with its step, told live, cancelled, and honest about its end."""

from __future__ import annotations

import pytest
from django.urls import reverse

from fundguard.errors import Refusal
from fundguard.web import wiring
from fundguard.web.jobs import selectors, services
from fundguard.web.jobs.models import Job
from fundguard.web.ledger.models import Entry

S = Job.State


@pytest.fixture
def kind(monkeypatch):
    """`kind(work)` makes `work` what a job of kind `test` does."""
    return lambda work: monkeypatch.setitem(wiring.JOBS, "test", work)


@pytest.fixture
def started(viewer, django_capture_on_commit_callbacks):
    """`started()` is a job of review1 that the worker has dealt with; `run=False` leaves it waiting."""

    def start(run: bool = True, username: str = "review1") -> Job:
        with django_capture_on_commit_callbacks(execute=run):
            job = services.start(viewer(username), "test", "测试任务", {"n": 3})
        job.refresh_from_db()
        return job

    return start


def refuse(handle):
    raise Refusal("文件无法读取", where="a.csv", seen="第 3 行", remedy="请改用 UTF-8。")


def fail(handle):
    raise RuntimeError("990101199902300017")


def count(handle):
    for n in range(handle.payload["n"] + 1):
        handle.progress(n, handle.payload["n"], f"第 {n} 步")
    return {"rows": n}


@pytest.mark.parametrize(
    ("work", "state", "told"),
    [(count, S.DONE, ""), (refuse, S.FAILED, "文件无法读取"), (fail, S.FAILED, "任务处理出错")],
)
def test_a_job_ends_as_its_work_did(kind, started, work, state, told):
    kind(work)
    job = started()
    assert (job.state, job.error_what) == (state, told)
    assert job.finished_at
    assert "990101199902300017" not in str(Job.objects.values().get())


def test_progress_and_result_are_kept(kind, started):
    kind(count)
    job = started()
    assert (job.done, job.total, job.message, job.result) == (3, 3, "第 3 步", {"rows": 3})
    assert Entry.objects.get().act == "job.start"


def test_a_job_is_queued_only_when_its_transaction_is_committed(kind, started):
    kind(fail)
    assert started(run=False).state == S.QUEUED


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(kind, started, viewer):
    kind(fail)
    job = started(run=False)
    services.cancel(viewer("review1"), job)
    services.perform(job.pk)
    job.refresh_from_db()
    assert job.state == S.CANCELLED


def test_a_running_job_stops_at_its_next_step(kind, started, viewer):
    def long(handle):
        services.cancel(viewer("review1"), Job.objects.get())
        handle.progress(1, 2, "一半")
        raise AssertionError("went on after the wish to cancel")

    kind(long)
    assert started().state == S.CANCELLED
    assert list(Entry.objects.order_by("seq").values_list("act", flat=True)) == ["job.start", "job.cancel"]


def test_a_job_delivered_twice_runs_once(kind, started):
    runs = []
    kind(lambda handle: runs.append(1) or {})
    services.perform(started().pk)
    assert runs == [1]


def test_a_new_worker_tells_interrupted_jobs_and_takes_up_waiting_ones(
    kind, started, django_capture_on_commit_callbacks
):
    kind(count)
    interrupted, waiting = started(run=False), started(run=False)
    Job.objects.filter(pk=interrupted.pk).update(state=S.RUNNING)
    with django_capture_on_commit_callbacks(execute=True):
        services.recover()
    interrupted.refresh_from_db()
    waiting.refresh_from_db()
    assert (interrupted.state, interrupted.error_what, waiting.state) == (S.FAILED, "任务被中断", S.DONE)


def test_the_page_polls_while_the_job_lives_and_others_do_not_see_it(kind, started, signed_in, viewer):
    kind(count)
    job = started(run=False)
    address = reverse("job", args=[job.pk])
    reviewer = signed_in("review1")
    assert 'hx-trigger="every' in reviewer.get(address).text
    assert reviewer.post(reverse("cancel_job", args=[job.pk])).url == address
    part = reviewer.get(address, headers={"HX-Request": "true"}).text
    assert "已取消" in part
    assert "hx-trigger" not in part
    assert "<html" not in part
    Job.objects.update(region="990102")
    assert reviewer.get(address).status_code == 404
    assert selectors.jobs(viewer("chief")).count() == 1


def test_the_overview_shows_what_is_there(kind, started, signed_in):
    kind(count)
    started()
    page = signed_in("chief").get("/").context["overview"]
    assert [(figure.label, figure.value) for figure in page.figures][2] == ("已完成", 1)
    assert page.trend["series"][0]["data"][-1] == 1
