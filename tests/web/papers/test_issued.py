"""Issued papers: numbers without gaps, revocation, who reads them, and what a stranger with the QR code learns."""

from __future__ import annotations

import datetime as dt
import io

import docx
import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from fundguard.errors import Refusal
from fundguard.papers.pdf import SYSTEM
from fundguard.web.accounts.models import Region, User
from fundguard.web.ledger.models import Entry
from fundguard.web.papers import services
from fundguard.web.papers.models import Paper, Series
from fundguard.web.papers.services import Issue, Party
from tests.papers.examples import KIND, RECOVERY, layout, values
from tests.web.conftest import HOSPITAL, STORES

DAY = dt.date(2026, 11, 22)
PARTY = Party(HOSPITAL, "云岭示例医院")


def given(kind: str = "recovery", region: str = "990101", party: Party = PARTY, day: dt.date = DAY) -> Issue:
    return Issue(kind, region, "云岭区医疗保障事务中心", party, day, about="ZH-00000001")


def issued(**changes: object) -> Paper:
    one = given(**changes)
    contents = RECOVERY if one.kind == "recovery" else values(one.kind)
    return services.issue(one, contents, User.objects.get(username="settlement1"))


def revoked(*papers: Paper, **changes: object) -> Paper:
    chief = User.objects.get(username="chief")
    return services.revoke(given("revocation", **changes), [one.pk for one in papers], "知识点更正", 50_000, chief)


def test_numbers_run_by_region_year_and_word(people) -> None:
    numbers = [
        issued().number,
        issued().number,
        issued(kind="determination").number,
        issued(region="990102").number,
        issued(day=dt.date(2027, 1, 4)).number,
        issued().number,
    ]
    assert numbers == [
        "云岭区医保追〔2026〕1号",
        "云岭区医保追〔2026〕2号",
        "云岭区医保认〔2026〕1号",
        "东湖区医保追〔2026〕1号",
        "云岭区医保追〔2027〕1号",
        "云岭区医保追〔2026〕3号",
    ]
    row = Entry.objects.filter(object_kind="文书").order_by("pk").first()
    assert (row.act, row.detail["文号"], row.region) == ("出具追回通知书", numbers[0], "990101")


def test_districts_of_one_name_do_not_share_a_number(people) -> None:
    """Provinces have districts of the same name in two cities; a number says whose it is."""
    Region.objects.filter(code="990201").update(name="云岭区")
    assert [issued(region=code).number for code in ("990101", "990201", "990102")] == [
        "示例市云岭区医保追〔2026〕1号",
        "邻市云岭区医保追〔2026〕1号",
        "东湖区医保追〔2026〕1号",
    ]


def test_a_refused_paper_uses_up_no_number(people) -> None:
    issued()
    with pytest.raises(Refusal, match="内容不全"):
        services.issue(given(), {"fund": 1}, None)
    with pytest.raises(Refusal, match="不编文号"):
        issued(kind="statement")
    with transaction.atomic():
        issued()
        transaction.set_rollback(True)
    assert issued().serial == 2
    assert list(Paper.objects.order_by("serial").values_list("serial", flat=True)) == [1, 2]


def test_a_number_cannot_stand_twice(people) -> None:
    one = issued()
    Series.objects.update(last=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        issued()
    assert Paper.objects.get() == one


def test_an_issued_paper_is_not_changed(people) -> None:
    one = issued()
    for change in (one.save, one.delete):
        with pytest.raises(TypeError):
            change()
    assert one.intact
    Paper.objects.update(content={**one.content, "title": "另一标题"})
    assert not Paper.objects.get().intact


def test_revoking_issues_a_notice_and_marks_every_paper(people) -> None:
    first, second = issued(), issued(kind="determination")
    notice = revoked(first, second)
    assert (notice.number, notice.kind) == ("云岭区医保撤〔2026〕1号", "revocation")
    text = notice.text
    assert "云岭区医保追〔2026〕1号《追回通知书》等2份文书，因知识点更正" in text.paragraphs[0]
    assert "500.00 元" in text.paragraphs[1]
    assert [row[0] for row in text.tables[0].rows] == [first.number, second.number]
    marked = set(Paper.objects.filter(revoked_by=notice, revoked_on=DAY).values_list("pk", flat=True))
    assert marked == {first.pk, second.pk}


def test_what_cannot_be_revoked_is_refused_and_nothing_is_issued(people) -> None:
    one, other = issued(), issued(party=Party(STORES[0], "示例药店"))
    notice = revoked(one)
    for wrong in ((one,), (notice,), (other,), (issued(), other)):
        with pytest.raises(Refusal, match="不能撤销"):
            revoked(*wrong)
    with pytest.raises(Refusal, match="没有选择要撤销的文书"):
        revoked()
    assert Paper.objects.filter(kind="revocation").count() == 1


@pytest.mark.parametrize(
    ("username", "seen"),
    [("settlement1", (0, 1)), ("chief", (0, 1, 2)), ("hospital", (0,)), ("pharmacy", (1,)), ("chain", (1,))],
)
def test_an_agency_reads_those_of_its_regions_an_institution_its_own(people, signed_in, username, seen) -> None:
    made = [
        issued(),
        issued(party=Party(STORES[0], "示例药店")),
        issued(region="990102", party=Party("H9", "东湖医院")),
    ]
    client = signed_in(username)
    page = client.get("/papers/").text
    for number, one in enumerate(made):
        assert (f"/papers/{one.pk}/" in page) == (number in seen)
        for part in ("", "word/"):
            assert client.get(f"/papers/{one.pk}/{part}").status_code == (200 if number in seen else 404)
    assert signed_in("doctor").get("/papers/").status_code == 403


def test_the_list_filters(people, signed_in) -> None:
    first, second = issued(), issued(kind="determination")
    revoked(first)
    client = signed_in("settlement1")
    for query, numbers in (
        ("q=追", {first.pk}),
        ("kind=determination", {second.pk}),
        ("state=revoked", {first.pk}),
        ("state=valid&kind=recovery", set()),
    ):
        page = client.get(f"/papers/?{query}").text
        assert {one.pk for one in (first, second) if f"/papers/{one.pk}/" in page} == numbers


def test_the_downloads_are_the_same_each_time_and_carry_the_address_of_the_public_page(people, signed_in) -> None:
    one = issued()
    client = signed_in("hospital")
    answers = [client.get(f"/papers/{one.pk}/word/") for _ in range(2)]
    assert answers[0].content == answers[1].content
    told = docx.Document(io.BytesIO(answers[0].content))
    assert any(one.text.check_code in paragraph.text for paragraph in told.paragraphs)
    assert len(told.inline_shapes) == 1
    if any(folder.is_dir() for folder in SYSTEM):
        pdf = client.get(f"/papers/{one.pk}/pdf/")
        assert (pdf.headers["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
        assert pdf.content == client.get(f"/papers/{one.pk}/pdf/").content


def test_a_bureaus_own_kind_and_layout_are_used(people, signed_in, settings, tmp_path) -> None:
    own = layout(tmp_path, ("{{ issuer }}", "（本局）{{ issuer }}"))
    own.rename(tmp_path / "layout.docx")
    (tmp_path / "own.yaml").write_text(KIND, "utf-8")
    settings.PAPERS = tmp_path
    made = services.issue(given("own"), {"a": "甲"}, None)
    assert made.number == "云岭区医保自〔2026〕1号"
    content = signed_in("hospital").get(f"/papers/{made.pk}/word/").content
    assert "（本局）云岭区医疗保障事务中心" in [p.text for p in docx.Document(io.BytesIO(content)).paragraphs]
    assert "自定文书" in signed_in("hospital").get("/papers/").text


def test_the_public_page_tells_validity_and_nothing_of_the_party(people) -> None:
    one = issued()
    address = f"/papers/verify/{one.token}/"
    page = Client().get(address)
    assert page.status_code == 200
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert all(part in page.text for part in (one.number, "追回通知书", "2026-11-22", "有效", one.text.check_code))
    notice = revoked(one)
    after = Client().get(address).text
    assert "已撤销" in after
    for hidden in (PARTY.name, PARTY.code, "1,234.56", "ZH-00000001", one.content["issuer"], notice.number, "知识点"):
        assert hidden not in page.text
        assert hidden not in after


@pytest.mark.parametrize("token", ["1", "x" * 22, "..%2f", "%00"])
def test_an_unknown_code_says_only_that_there_is_none(people, token) -> None:
    issued()
    answer = Client().get(f"/papers/verify/{token}/")
    assert answer.status_code == 404
    assert "云岭区" not in answer.text


def test_codes_cannot_be_guessed_from_one_another(people) -> None:
    tokens = {issued().token for _ in range(5)}
    assert len(tokens) == 5
    assert all(len(token) == 22 for token in tokens)
