"""Long work: queued with its step, told live, cancelled, and honest about its end."""

from __future__ import annotations

import pytest
from django.urls import reverse

from fundguard.errors import Refusal
from fundguard.web.accounts.models import User
from fundguard.web.jobs import services
from fundguard.web.jobs.models import Job

S = Job.State
SECRET = "990101199902300017"


@pytest.fixture
def started(people, monkeypatch, django_capture_on_commit_callbacks):
    """`started(work)` is a job that the worker has dealt with; `run=False` leaves it waiting."""

    def start(work, run: bool = True) -> Job:
        monkeypatch.setitem(services.WORK, "test", work)
        with django_capture_on_commit_callbacks(execute=run):
            user = User.objects.get(username="confirmer")
            job = services.start("test", "测试任务", user, region="990101", steps=3)
        job.refresh_from_db()
        return job

    return start


def refuse(job, report):
    raise Refusal("文件无法读取", where="a.csv", seen="第 3 行", remedy="请改用 UTF-8。")


def fail(job, report):
    raise RuntimeError(SECRET)


def count(job, report):
    for n in range(job.parameters["steps"]):
        report(n, job.parameters["steps"], f"第 {n} 步")
    return {"rows": 3}


@pytest.mark.parametrize(
    ("work", "state", "told"),
    [(count, S.DONE, None), (refuse, S.FAILED, "文件无法读取"), (fail, S.FAILED, "程序出错，任务未完成")],
)
def test_a_job_ends_as_its_work_did_and_quotes_no_values(started, work, state, told):
    job = started(work)
    assert (job.state, job.error.get("what")) == (state, told)
    assert job.ended_at
    assert SECRET not in str(Job.objects.values().get())


def test_progress_and_result_are_kept(started):
    job = started(count)
    assert (job.total, job.result, job.percent) == (3, {"rows": 3}, 100)


def test_a_job_is_queued_only_when_its_transaction_is_committed(started):
    assert started(fail, run=False).state == S.WAITING


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(started):
    job = started(fail, run=False)
    services.cancel(job)
    services._run(job.pk)
    job.refresh_from_db()
    assert job.state == S.CANCELLED


def test_a_running_job_stops_at_its_next_step(started):
    def long(job, report):
        services.cancel(job)
        report(1, 2, "一半")
        raise AssertionError("went on after the wish to cancel")

    assert started(long).state == S.CANCELLED


def test_a_job_delivered_twice_runs_once(started):
    runs = []
    job = started(lambda job, report: runs.append(1) or {})
    services._run(job.pk)
    assert runs == [1]


def test_a_new_worker_tells_interrupted_jobs_and_takes_up_waiting_ones(started):
    interrupted, waiting = started(count, run=False), started(count, run=False)
    Job.objects.filter(pk=interrupted.pk).update(state=S.RUNNING)
    services.recover()
    interrupted.refresh_from_db()
    waiting.refresh_from_db()
    assert (interrupted.state, interrupted.error["what"], waiting.state) == (S.FAILED, "后台程序中途停止", S.DONE)


def test_the_card_polls_while_the_job_lives_and_other_regions_do_not_see_it(started, signed_in):
    job = started(count, run=False)
    card, cancel = reverse("job_progress", args=[job.pk]), reverse("job_cancel", args=[job.pk])
    confirmer = signed_in("confirmer")
    assert "hx-trigger" in confirmer.get(card).text
    assert signed_in("reviewer1").post(cancel).status_code == 403
    ended = confirmer.post(cancel).text
    assert "已取消" in ended
    assert "hx-trigger" not in ended
    Job.objects.update(region="990102")
    assert confirmer.get(card).status_code == 404
    assert signed_in("chief").get(card).status_code == 200
