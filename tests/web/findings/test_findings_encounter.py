"""The page of a finding: evidence, what is hidden from whom, clear identity with a reason, coverage, history."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from fundguard.web.accounts.guard import Viewer
from fundguard.web.findings import claims
from fundguard.web.findings.encounter import encounter
from fundguard.web.findings.models import Finding
from fundguard.web.ledger.models import Entry
from tests.web.findings.conftest import CLEAR, EAST, HOME, REGION, viewer

REASON = "初审核对参保身份"


def page_of(who: Viewer, name: str):
    return encounter(who, Finding.objects.get(mdtrt_id=name))


def test_accused_lines_are_lit_with_values_article_amount_and_papers(taken, signed_in) -> None:
    page = page_of(viewer("reviewer1"), "M-resident")
    (charge,) = page.charges
    assert charge.accused
    assert [(p.rule_code, p.role, p.amount_fen) for p in charge.evidence] == [("N67", "accused", 10000)]
    assert page.main.article.startswith("《医疗保障基金使用监督管理条例》")
    assert ("处方" in "".join(page.main.papers), page.main.fund_amount_fen) == (True, 7000)
    assert {code for code, _ in page.coverage.checked} == {"N67", "L001"}
    assert [one.title for one in page.history] == ["生成疑点"]
    html = signed_in("reviewer1").get(f"/findings/{page.key}/").content.decode()
    assert '<tr class="hit">' in html
    assert "/rulebook/N67/#sql" in html


@pytest.mark.parametrize("username", ["reviewer1", "hospital", "chief"])
def test_evidence_of_another_institution_is_day_and_class_only(taken, signed_in, username) -> None:
    page = page_of(viewer(username), "M-second-stay")
    assert [(str(one.day), one.klass) for one in page.elsewhere] == [("2026-05-01", "普通住院")]
    assert [row.seen for row in page.evidence] == ["重叠6天"]
    html = signed_in(username).get(f"/findings/{page.key}/").content.decode()
    assert not any(word in html for word in ("M-first-stay", "东湖示例医院", "H99010200001"))


def test_the_place_of_insurance_reads_day_and_class_of_what_happened_elsewhere(taken, signed_in) -> None:
    page = page_of(viewer("reviewer1"), "M-traveller")
    assert (page.open_here, page.charges, page.settlements, page.evidence, page.others) == (False, [], [], [], [])
    assert [one.klass for one in page.elsewhere] == ["西药、中成药"]
    html = signed_in("reviewer1").get(f"/findings/{page.key}/").content.decode()
    assert not any(word in html for word in ("M-traveller", "L-traveller", "示例药品", "D990101000001"))


@pytest.mark.parametrize("username", ["reviewer1", "hospital", "doctor", "expert"])
def test_no_page_holds_a_clear_identity(taken, signed_in, username) -> None:
    client = signed_in(username)
    pages = ["/findings/", "/rulebook/", *(f"/findings/{f.pk}/" for f in Finding.objects.all())]
    for address in pages:
        html = client.get(address).content.decode()
        assert not any(word in html for word in (*CLEAR, "psn-"))
        assert all(f.psn_key not in html for f in Finding.objects.all())


def test_clear_identity_needs_a_reason_and_stands_in_the_ledger(taken, signed_in) -> None:
    one = Finding.objects.get(mdtrt_id="M-resident")
    client, address = signed_in("reviewer1"), f"/findings/{one.pk}/identity/"
    for reason in ("", "想看看", "核对 99010119800101001X 本人"):
        assert client.post(address, {"reason": reason}).status_code == 422
    assert not Entry.objects.filter(act="查看明文身份").exists()
    assert client.get(address).status_code == 422  # nothing was opened yet
    answer = client.post(address, {"reason": REASON}, follow=True)
    assert all(word in answer.content.decode() for word in CLEAR)
    assert "no-store" in answer["Cache-Control"]
    assert 0 < int(answer["Refresh"].partition(";")[0]) <= 601
    entry = Entry.objects.get(act="查看明文身份")
    assert (entry.object_id, entry.actor.username, entry.detail["理由"]) == (one.pk, "reviewer1", REASON)
    assert REASON in client.get(f"/findings/{one.pk}/").content.decode()
    assert REASON not in signed_in("hospital").get(f"/findings/{one.pk}/").content.decode()
    for other, status in (("hospital", 403), ("expert", 403)):
        assert signed_in(other).post(address, {"reason": REASON}).status_code == status
    far = Finding.objects.get(mdtrt_id="M-far")
    assert client.post(f"/findings/{far.pk}/identity/", {"reason": REASON}).status_code == 404
    assert Entry.objects.filter(act="查看明文身份").count() == 1


def test_an_opened_identity_closes_by_itself(taken, signed_in, monkeypatch) -> None:
    one = Finding.objects.get(mdtrt_id="M-resident")
    other = Finding.objects.get(mdtrt_id="M-second-stay")
    client, address = signed_in("reviewer1"), f"/findings/{one.pk}/identity/"
    client.post(address, {"reason": REASON})
    opened = timezone.now()
    for minutes, status in ((9, 200), (10, 422)):
        monkeypatch.setattr(timezone, "now", lambda minutes=minutes: opened + dt.timedelta(minutes=minutes))
        answer = client.get(address)
        assert answer.status_code == status
        assert (CLEAR[0] in answer.content.decode()) is (status == 200)
    monkeypatch.undo()
    assert client.get(f"/findings/{other.pk}/identity/").status_code == 422  # one person, not the session
    assert signed_in("reviewer2").get(address).status_code == 422
    assert Entry.objects.filter(act="查看明文身份").count() == 1


def test_charges_come_in_pages_and_a_page_out_of_range_is_the_last(taken) -> None:
    one = Finding.objects.get(mdtrt_id="M-resident")
    assert [len(encounter(viewer("reviewer1"), one, number=n).charges) for n in ("1", "99", "x")] == [1, 1, 1]
    assert len(encounter(viewer("reviewer1"), one, lit_only=True).charges) == 1


def test_a_withdrawn_finding_lights_nothing_on_another_findings_page(taken) -> None:
    one = Finding.objects.get(mdtrt_id="M-resident")
    other = Finding.objects.get(mdtrt_id="M-second-stay")
    Finding.objects.filter(pk=other.pk).update(mdtrt_id=one.mdtrt_id)
    Finding.objects.filter(pk=one.pk).update(state="withdrawn")
    page = encounter(viewer("reviewer1"), Finding.objects.get(pk=other.pk))
    assert [a.withdrawn for a in page.accusations] == [False, True]
    assert page.lit_count == 0


def test_an_institution_outside_of_the_divisions_shows_no_row(taken) -> None:
    one = Finding.objects.get(mdtrt_id="M-resident")
    for regions, rows in ((frozenset({REGION[HOME]}), 1), (frozenset({REGION[EAST]}), 0), (frozenset(), 0)):
        with claims.reach(regions, one.fixmedins_code) as connection:
            assert len(claims.charge_keys(connection, one)) == rows
            assert len(claims.settlements(connection, one)) == rows
