"""A store of small claims with its own run on the site, and lists as a sender writes them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fundguard.audit.batch import audit
from fundguard.claims.intake import import_path
from fundguard.claims.store import Store
from fundguard.web.desk.following import follow_run
from fundguard.web.desk.models import StateRow
from fundguard.web.desk.services import take
from fundguard.web.findings.models import Finding
from fundguard.web.findings.services import take_run
from fundguard.web.foreign.models import ReceivedList, ReceivedRow
from tests.web import small_claims
from tests.web.desk.conftest import viewer

HEADS = {
    "no": "序号",
    "rule": "规则名称",
    "words": "问题描述",
    "setl": "结算ID",
    "visit": "就诊ID",
    "line": "明细流水号",
    "person": "人员编号",
    "place": "定点医药机构编码",
    "item": "项目编码",
    "day": "费用日期",
    "yuan": "违规金额（元）",
    "name": "参保人姓名",
}
Sent = Callable[..., ReceivedList]


def rows_of(*given: dict[str, object]) -> bytes:
    """A list as CSV: every row with the heads of `HEADS`, in order."""
    told = [{HEADS[name]: one.get(name, "") for name in HEADS} for one in ({"rule": "重复收费"} | g for g in given)]
    return small_claims.csv_of(told)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Path:
    """A folder with the store of small claims and a run of the rule on drugs for women over it."""
    root = tmp_path_factory.mktemp("claims")
    (root / "files").mkdir()
    for name, content in small_claims.files().items():
        (root / "files" / name).write_bytes(content)
    import_path(root / "files", root / "store")
    audit(Store.open(root / "store"), root / "runs" / "first", rules=("N67",))
    return root


@pytest.fixture
def claims(data, people, prepared) -> None:
    """Small claims and the findings of the own rule: every man is one of N67."""
    for name in ("store", "runs"):
        shutil.copytree(prepared / name, data / name)
    take_run(data / "runs" / "first")
    follow_run(data / "runs" / "first")


@pytest.fixture
def sent(data, signed_in, django_capture_on_commit_callbacks) -> Sent:
    """`sent({…}, {…})`: a list with these rows, received by the city's chief and read; `content`, fields to change."""

    def send(*rows: dict[str, object], content: bytes | None = None, by: str = "chief", **fields: str) -> ReceivedList:
        answer = post(*rows, content=content, by=by, **fields)
        assert answer.status_code == 302, answer.text
        one = ReceivedList.objects.latest("pk")
        form = signed_in(by).get(f"/foreign/{one.pk}/columns/").context["form"]
        with django_capture_on_commit_callbacks(execute=True):
            answer = signed_in(by).post(f"/foreign/{one.pk}/columns/", form.initial)
        assert answer.status_code == 302, answer.text
        one.refresh_from_db()
        return one

    def post(*rows: dict[str, object], content: bytes | None = None, by: str = "chief", **fields: str):
        given = {"source": "W01", "sender": "示例省医保局", "document": "示例〔2026〕1号", "title": "九月下发清单"}
        given |= {"received_on": "2026-09-01"} | fields
        name = given.pop("name", "list.csv")
        file = SimpleUploadedFile(name, rows_of(*rows) if content is None else content)
        return signed_in(by).post("/foreign/receive/", given | {"file": file})

    send.post = post
    return send


@pytest.fixture
def row_of() -> Callable[[ReceivedList, int], ReceivedRow]:
    return lambda one, place: ReceivedRow.objects.get(of=one, place=place)


def finding(**wanted: object) -> Finding:
    return Finding.objects.get(**wanted)


def steps_on(key: str, *taken: tuple[str, str, dict[str, object]]) -> StateRow:
    """Take (account, verb, papers) one after the other."""
    for username, verb, papers in taken:
        take(viewer(username), key, verb, papers, StateRow.objects.get(object_id=key).version)
    return StateRow.objects.get(object_id=key)
