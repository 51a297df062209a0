"""Things on the pages of the browser tests' site, put there through the site's own forms."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from fundguard.rules.pack_template import TEMPLATE
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.desk.models import StateRow
from fundguard.web.evidence import kinds
from fundguard.web.evidence.models import Attachment
from fundguard.web.findings.models import Finding
from fundguard.web.foreign.forms import ColumnsForm
from fundguard.web.foreign.models import Feedback, ReceivedList, ReceivedRow
from fundguard.web.foreign.services import guessed
from fundguard.web.jobs.models import Job
from fundguard.web.knowledge_base.models import Catalogue
from fundguard.web.portal import routing
from fundguard.web.portal.models import Question, Seat
from fundguard.web.recall.models import Recall
from fundguard.web.rulebase import drafting
from fundguard.web.rulebase.models import WhatIf
from fundguard.web.scorecard.models import Narrowing
from fundguard.web.selfcheck.models import Campaign, Checked, Problem, ProblemList, Report, SpotCheck
from tests.knowledge.books import CODES, GOOD, book, changed
from tests.web import small_claims
from tests.web.evidence.samples import pdf


def account(username: str) -> User:
    return User.objects.select_related("region").get(username=username)


def client_of(username: str) -> Client:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(account(username), "django.contrib.auth.backends.ModelBackend")
    return client


def posted(username: str, address: str, **sent: Any) -> str:
    """The form at this address, sent by the account; where it leads."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(account(username), "django.contrib.auth.backends.ModelBackend")
    answer = client.post(address, sent)
    assert answer.status_code == 302, answer.text
    return answer.url


def a_received_list() -> dict[str, int]:
    """A list from above with a row that says enough, one that needs a person and one that fits nothing; another whose
    columns are not confirmed."""
    line = Finding.objects.filter(region="990101").exclude(setl_id="").latest("pk")
    rows = [
        {"rule": "重复收费", "setl": line.setl_id, "place": line.fixmedins_code, "yuan": "10.00"},
        {"rule": "重复收费", "place": line.fixmedins_code, "day": f"{line.occurred_from:%Y-%m-%d}", "yuan": "10.00"},
        {"rule": "重复收费", "setl": "S-无此结算", "place": line.fixmedins_code, "yuan": "10.00"},
    ]
    heads = {
        "rule": "规则名称",
        "setl": "结算ID",
        "place": "定点医药机构编码",
        "day": "费用日期",
        "yuan": "违规金额（元）",
    }
    told = [{heads[name]: one.get(name, "") for name in heads} for one in rows]
    document = {"source": "W01", "sender": "示例省医保局", "document": "示例〔2026〕1号", "received_on": "2026-09-01"}
    for title, listed in (("九月下发清单", told), ("十月下发清单", told[:1])):
        file = SimpleUploadedFile("list.csv", small_claims.csv_of(listed))
        posted("chief", "/foreign/receive/", **document, title=title, file=file)
    ready, unread = ReceivedList.objects.order_by("pk")
    posted("chief", f"/foreign/{ready.pk}/columns/", **ColumnsForm(None, ready.heads, guessed(ready)).initial)
    ready.refresh_from_db()
    waited(Job.objects.get(pk=ready.job_id))
    posted("chief", f"/foreign/{ready.pk}/report/")
    row = ReceivedRow.objects.filter(of=ready).earliest("pk").pk
    return {"received": ready.pk, "unread": unread.pk, "row": row, "feedback": Feedback.objects.latest("pk").pk}


def what_the_hospital_sends(key: str) -> dict[str, int]:
    """A paper and an inner question on one finding, and a sheet of answers that says nothing yet."""
    paper = SimpleUploadedFile("病历.pdf", pdf())
    posted("hospital", f"/evidence/{key}/attach/", files=paper, kind=kinds.offered("")[0])
    posted("reviewer1", f"/evidence/{key}/comment/", text="已核对病历首页")
    to = next(iter(routing.addressees(Viewer(account("hospital")))))
    own = account("hospital").institutions
    Seat.objects.create(user=account("doctor"), fixmedins_code=own, department=to.partition(":")[2])
    posted("hospital", "/portal/ask/", key=key, to=to, text="请说明用药指征", due_on=f"{timezone.localdate():%Y-%m-%d}")
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(account("hospital"), "django.contrib.auth.backends.ModelBackend")
    sheet = SimpleUploadedFile("答复表.xlsx", b"".join(client.get("/portal/sheet/")))
    told = posted("hospital", "/portal/sheet/upload/", file=sheet)
    return {
        "file": Attachment.objects.latest("pk").pk,
        "question": Question.objects.latest("pk").pk,
        "sheet": int(told.strip("/").rpartition("/")[2]),
    }


def a_scorecard(key: str) -> dict[str, int]:
    """Counted, and a draft of a narrower rule as repeated rejections bring it."""
    posted("chief", "/scorecard/count/")
    waited(Job.objects.latest("pk"))
    drafted = {"region": "990100", "rule_code": "N67", "rule_version": 1, "feature": "reason", "value": "处方有说明"}
    condition = {"rule_code": "N67", "except": {"reason": "处方有说明"}, "regions": ["990100"]}
    numbers = {"rejected": 5, "reviewed": 6, "evidence": [key], "drafted_at": timezone.now()}
    return {"narrowing": Narrowing.objects.create(**drafted, **numbers, condition=condition).pk}


def a_recall() -> dict[str, int]:
    """Of a rule with few findings, proposed by one, confirmed by another, done."""
    counted = Counter(StateRow.objects.filter(region="990101", state="found").values_list("rule_code", flat=True))
    rule = min(counted, key=lambda code: (counted[code], code))
    sent = {"rule": rule, "region": "990101", "act": "propose", "reason": "知识点有误，撤回重审"}
    posted("chief", "/recall/propose/", **sent)
    made = Recall.objects.latest("pk")
    posted("recall", f"/recall/{made.pk}/decide/", confirm="yes", opinion="同意")
    made.refresh_from_db()
    waited(made.job)
    return {"recall": made.pk}


def a_rule() -> dict[str, int]:
    """A local rule from the template, replayed and waiting for a decision; a what-if of a shipped one."""
    data = yaml.safe_load(TEMPLATE["rules/L501.yaml"]) | {"valid_from": "2026-01-01"}
    made = drafting.write(Viewer(account("knowledge1")), drafting.Draft(data, "", TEMPLATE["rules/L501.examples.yaml"]))
    posted("knowledge1", f"/rulebase/rules/L501/{made.number}/replay/", region="990100")
    replay = WhatIf.objects.latest("pk")
    waited(replay.job)
    asked = {"act": "trial", "number": made.number, "region": "990100", "reason": "先行试运行比较"}
    posted("knowledge1", "/rulebase/rules/L501/propose/", **asked)
    posted("knowledge1", "/rulebase/what-ifs/start/", rules=["N31"], settings="days=30", region="990100")
    what_if = WhatIf.objects.latest("pk")
    waited(what_if.job)
    posted("knowledge1", "/rulebase/packs/keys/", key=bytes(range(32)).hex(), issuer="示例省医疗保障局")
    return {"replay": replay.pk, "what_if": what_if.pk}


def a_self_check(institution: str) -> dict[str, int]:
    """A published list of two problems, a campaign, the hospital's report, submitted, and a drawn check of it."""
    chief = account("chief")
    listed = ProblemList.objects.create(region="990100", title="示例清单", source="示例", created_by=chief)
    for number in ("1", "2"):
        Problem.objects.create(
            listed=listed, number=number, field="通用", kind="超标准", text=f"问题{number}", audience="hospital"
        )
    posted("chief", f"/self-check/lists/{listed.pk}/publish/")
    today = f"{timezone.localdate():%Y-%m-%d}"
    days = {"data_from": "2026-01-01", "data_to": "2026-06-30", "starts_on": today, "due_on": today}
    posted("chief", f"/self-check/lists/{listed.pk}/begin/", title="示例自查", **days)
    campaign = Campaign.objects.latest("pk")
    posted("hospital", f"/self-check/own/{campaign.pk}/{institution}/")
    made = Report.objects.latest("pk")
    for act, given in (("rest", {"field": "通用"}), ("sign", {"signed_as": "院长办公会第 8 次"}), ("submit", {})):
        version = Report.objects.get(pk=made.pk).version
        posted("hospital", f"/self-check/reports/{made.pk}/{act}/", version=version, **given)
    posted("chief", f"/self-check/campaigns/{campaign.pk}/freeze/", percent=50, source="示例公开数值")
    spot = SpotCheck.objects.latest("pk")
    known = f"{timezone.localtime():%Y-%m-%dT%H:%M:%S.%f}"
    posted("chief", f"/self-check/spots/{spot.pk}/draw/", value="20261022", known_at=known)
    told = {"listed": listed.pk, "campaign": campaign.pk, "report": made.pk, "spot": spot.pk}
    return told | {"problem": listed.problems.earliest("pk").pk, "check": Checked.objects.latest("pk").pk}


def waited(job: Job) -> int:
    """Until the worker has done it."""
    until = time.monotonic() + 120
    while Job.objects.get(pk=job.pk).active and time.monotonic() < until:
        time.sleep(0.2)
    assert Job.objects.get(pk=job.pk).state == Job.State.DONE, Job.objects.get(pk=job.pk).error
    return job.pk


def a_knowledge_version() -> dict[str, int]:
    """A published version with a disputed point, one that waits for its signatures, two imports of a catalogue."""
    sent = {"form": "official", "rule_code": "N10", "batch": "示例批次", "valid_from": "2027-01-01"}
    sent |= {"region": "990100", "reason": "示例：按公布的批次更新"}
    made = []
    for title, sheets in (("支付疗程更新", GOOD), ("支付疗程再更新", changed(CODES, 5, 3, "XA00000000009"))):
        with tempfile.TemporaryDirectory() as folder:
            content = book(Path(folder) / "book.xlsx", sheets).read_bytes()
        upload = SimpleUploadedFile("批次.xlsx", content)
        address = posted("chief", "/knowledge/hand-in/", **sent, title=title, file=upload)
        made.append(int(address.split("/")[2]))
        if len(made) == 1:
            for username in ("knowledge1", "knowledge2"):
                posted(username, f"{address}sign/", opinion="已核对")
            posted("chief", f"{address}publish/")
    posted("hospital", "/knowledge/points/D-010-0001/dispute/", reason="示例：说明书所列疗程不同")
    for day, rows in (("2026-10-01", "XZ1AAA,甲片\nXZ2AAA,乙片\n"), ("2026-11-01", "XZ1AAA,甲分散片\n")):
        upload = SimpleUploadedFile("drugs.csv", f"编码,名称\n{rows}".encode())
        posted("chief", "/knowledge/catalogues/import/", kind="drug", title="示例药品目录", day=day, file=upload)
    return {"knowledge": made[0], "unsigned": made[1], "catalogue": Catalogue.objects.latest("pk").pk}
