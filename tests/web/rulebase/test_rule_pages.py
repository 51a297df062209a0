"""The form of a local rule, what-ifs, packs and drafts of narrower rules, as people use them."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.files.uploadedfile import SimpleUploadedFile

from fundguard.errors import Refusal
from fundguard.rules.pack_template import template
from fundguard.rules.packs import Heading
from fundguard.web.jobs.models import Job
from fundguard.web.jobs.services import WORK
from fundguard.web.recall import services as recall
from fundguard.web.rulebase import drafting, lookup, trying
from fundguard.web.rulebase.models import PackKey, Version, WhatIf
from fundguard.web.scorecard.models import Narrowing

pytestmark = pytest.mark.django_db
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
STORIES = """\
- 名称: 第4次购药
  就诊:
    - {方式: 购药, 开始: 2026-05-01, 每日至: 2026-05-03}
    - {方式: 购药, 开始: 2026-05-04, 预期: 可疑}
- 名称: 正好3次
  就诊: [{方式: 购药, 开始: 2026-05-01, 每日至: 2026-05-03}]
"""
FORM = {
    "name": "频繁购药", "klass": "本地规则/就诊行为", "set_way": "pharmacy", "set_limit": "3", "verdict": "可疑",
    "stages": ["事后"], "scenes": ["购药"], "article": "条例:17", "message": "一个自然月内购药次数超过阈值",
    "papers": "购药清单、病历", "valid_from": "2026-01-01", "examples": STORIES,
}  # fmt: skip
PAGE = "/rulebase/new/frequency/"


def test_a_local_rule_is_filled_in_tried_and_kept(signed_in):
    client = signed_in("knowledge1")
    assert client.get(PAGE).status_code == 200
    tried = client.post(PAGE, FORM | {"act": "check"})
    told = tried.context["told"]
    assert (tried.status_code, told.tried.passed, len(told.tried.answers)) == (200, True, 7)
    assert "sql-word" in tried.content.decode()
    assert not Version.objects.exists()
    answer = client.post(PAGE, FORM | {"act": "write"})
    assert answer.url == "/rulebase/rules/L501/1/"
    made = Version.objects.get()
    assert (made.data["parameters"], made.data["papers"]) == ({"way": "pharmacy", "limit": 3}, ["购药清单", "病历"])
    assert client.get(answer.url).status_code == 200
    assert lookup.rule("L501").name == "频繁购药"
    assert "正好3次" in client.get("/rulebook/L501/").content.decode()
    assert recall.drafted(recall.Asked("L501", "990100")).rule_version == 1
    assert drafting.next_code() == "L502"
    again = client.post("/rulebase/rules/L501/edit/", FORM | {"act": "write"})
    assert "与上一版内容相同" in again.content.decode()
    stricter = (
        STORIES.replace("第4次", "第五次")
        .replace("2026-05-03", "2026-05-04")
        .replace("2026-05-04, 预", "2026-05-05, 预")
    )
    renewed = client.post("/rulebase/rules/L501/edit/", FORM | {"set_limit": "4", "examples": stricter, "act": "write"})
    assert renewed.url == "/rulebase/rules/L501/2/"


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"set_limit": "3; DROP TABLE hit"}, "参数类型"),
        ({"set_limit": "3 OR 1=1"}, "参数类型"),
        ({"set_limit": "law:no.such"}, ""),
        ({"set_limit": "99999999999"}, "超出范围"),
        ({"examples": "- {名称: 甲, 表: {setl_d: [{ethnicity: 1}]}}"}, "没有的表或字段"),
        ({"examples": STORIES.replace("可疑", "明确违规")}, "示例没有通过"),
        ({"examples": "- {名称: 一次, 就诊: [{方式: 购药}]}"}, "示例没有通过"),
        ({"article": "条例:999"}, ""),
    ],
)
def test_bad_input_is_refused_with_what_to_do(signed_in, changes, what):
    answer = signed_in("knowledge1").post(PAGE, FORM | changes | {"act": "write"})
    assert answer.status_code == 422
    assert what in answer.content.decode()
    assert not Version.objects.exists()


def test_a_rule_with_its_own_points(signed_in):
    stories = """\
- 名称: 10天内第二次
  就诊:
    - {开始: 2026-03-01, 费用: [{项目: LOCAL001}]}
    - {开始: 2026-03-05, 费用: [{项目: LOCAL001, 预期: 明确违规}]}
- 名称: 另一个项目
  就诊: [{开始: 2026-03-01, 费用: [{项目: LOCAL002}, {项目: LOCAL003}]}]
"""
    form = {name: value for name, value in FORM.items() if not name.startswith("set_")}
    form |= {"verdict": "明确违规", "scenes": ["住院"], "examples": stories, "act": "write"}
    page = "/rulebase/new/cycle/"
    wrong = signed_in("knowledge1").post(page, form | {"points": "本地检查;LOCAL001;day=10"})
    assert "限定不对" in wrong.content.decode()
    answer = signed_in("knowledge1").post(page, form | {"points": "本地检查;LOCAL001;days=10 times=1"})
    assert answer.status_code == 302, answer.context["refusal"]
    assert Version.objects.get().points == "本地检查;LOCAL001;days=10 times=1"


@pytest.fixture
def what_if(signed_in, django_capture_on_commit_callbacks):
    """`what_if("N67", …)`: started from the page, and done by the worker."""

    def start(rules: list[str], settings: str, **more: object):
        with django_capture_on_commit_callbacks(execute=True):
            form = {"rules": rules, "settings": settings, "region": "990100", **more}
            return signed_in("knowledge1").post("/rulebase/what-ifs/start/", form)

    return start


def test_a_what_if_is_started_kept_and_compared(upload, what_if, signed_in):
    upload()
    assert what_if(["N67"], "sex=1").status_code == 302
    assert what_if(["N67", "N49"], "N67.sex=2\nN49.days=3").status_code == 302
    second, first = WhatIf.objects.all()
    assert (first.job.error, second.job.error) == ({}, {})
    # for men now: the woman is hit and the three men are let off
    assert first.told["rules"]["N67"]["moved"]["不再命中"]["findings"] == 3
    assert first.told["rules"]["N67"]["moved"]["新增"]["findings"] == 1
    assert second.told["total"]["moved"]["新增"]["findings"] == 0
    page = signed_in("chief").get(f"/rulebase/what-ifs/{first.pk}/")
    assert [len(page.context[name]) for name in ("newly", "let_off")] == [1, 3]
    beside = signed_in("chief").get(f"/rulebase/what-ifs/compare/?pk={first.pk}&pk={second.pk}")
    assert [code for code, _, _ in beside.context["lines"]] == ["N49", "N67"]
    assert signed_in("head").get(f"/rulebase/what-ifs/{first.pk}/").status_code == 404  # a county's; it is the city's
    assert "SS-" in signed_in("knowledge2").get("/rulebase/what-ifs/").content.decode()


def test_knowledge_is_tried_before_it_is_published(upload, what_if, handed_in):
    upload()
    one = handed_in()
    assert what_if(["N10"], "").status_code == 422  # nothing would change
    assert what_if(["N10"], "", proposal=one.pk).status_code == 302
    made = WhatIf.objects.get()
    assert (made.job.error, made.proposal) == ({}, one.folder)
    sides = [json.loads((made.path / side / "run.json").read_text("utf-8")) for side in ("as_is", "changed")]
    assert sides[0]["inputs"]["knowledge"] != sides[1]["inputs"]["knowledge"]


def test_a_what_if_that_makes_no_sense_starts_nothing(upload, what_if):
    upload()
    for rules, settings, what in (
        (["N67"], "column=1", "没有这个参数"),
        (["N67"], "sex=3; DROP TABLE hit", "允许范围"),
        (["N67", "N49"], "days=3", "看不懂"),
    ):
        answer = what_if(rules, settings)
        assert (answer.status_code, what in answer.content.decode()) == (422, True)
    assert not Job.objects.filter(kind=trying.KIND).exists()


def test_a_cancelled_what_if_leaves_nothing(upload, what_if, monkeypatch):
    upload()
    perform = WORK[trying.KIND]

    def cancelled(job, report):
        Job.objects.filter(pk=job.pk).update(cancel_requested=True)
        return perform(job, report)

    monkeypatch.setitem(WORK, trying.KIND, cancelled)
    what_if(["N67"], "sex=1")
    one = WhatIf.objects.get()
    assert (one.job.state, one.told, one.path.exists()) == (Job.State.CANCELLED, {}, False)


def take(client, content: bytes):
    return client.post("/rulebase/packs/take/", {"file": SimpleUploadedFile("pack.zip", content)})


def test_a_pack_is_taken_once_two_people_trust_its_key(signed_in):
    first, second = signed_in("knowledge1"), signed_in("knowledge2")
    content = template(Heading("示范规则包", "示例省医疗保障局", "990000", 1), KEY)
    assert "签名无效" in take(first, content).content.decode()
    key = {"key": KEY.public_key().public_bytes_raw().hex(), "issuer": "示例省医疗保障局"}
    assert first.post("/rulebase/packs/keys/", key).status_code == 302
    made = PackKey.objects.get()
    assert "签名无效" in take(first, content).content.decode()  # one person's word is not enough
    assert first.post(f"/rulebase/packs/keys/{made.pk}/confirm/").status_code == 422
    assert second.post(f"/rulebase/packs/keys/{made.pk}/confirm/").status_code == 302
    broken = bytearray(content)
    broken[len(broken) // 2] ^= 1
    assert take(first, bytes(broken)).status_code == 422
    assert not Version.objects.exists()
    assert take(first, content).status_code == 302
    version = Version.objects.get()
    assert (version.rule_code, version.origin, version.data["state"]) == ("L501", "pack", "draft")
    assert "示范规则包" in first.get("/rulebase/packs/").content.decode()
    assert first.get("/rulebase/packs/template/")["Content-Type"] == "application/zip"


def narrowing(feature: str, column: str, value: str, state: str = "accepted") -> Narrowing:
    from django.utils import timezone

    condition = {"rule_code": "N67", "except": {column: value}, "regions": ["990100"]}
    told = {"region": "990100", "rule_code": "N67", "rule_version": 1, "feature": feature, "value": value}
    numbers = {"rejected": 9, "reviewed": 10, "evidence": [], "drafted_at": timezone.now()}
    return Narrowing.objects.create(**told, **numbers, condition=condition, value_hash=value[:32], state=state)


def test_an_accepted_narrowing_becomes_a_version_that_leaves_it_out(signed_in, viewer):
    client = signed_in("knowledge1")
    one = narrowing("point", "point", "D-067-0001")
    assert "起草规则新版本" in client.get(f"/scorecard/narrowings/{one.pk}/").content.decode()
    answer = client.post(f"/rulebase/narrowings/{one.pk}/draft/")
    made = Version.objects.get(origin="narrowing")
    assert answer.url == f"/rulebase/rules/N67/{made.number}/"
    assert (made.data["excepted"], made.source) == ({"point": ["D-067-0001"]}, one.number)
    with pytest.raises(Refusal, match="不是数据里的特征"):
        drafting.from_narrowing(viewer("knowledge1"), narrowing("reason", "reason", "处方有说明").pk)
    with pytest.raises(Refusal, match="没有采纳"):
        drafting.from_narrowing(viewer("knowledge1"), narrowing("point", "point", "D-067-0002", "open").pk)
