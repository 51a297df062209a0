"""Who answers for whom: by day, of the own regions, one head at a time; and what the head then sees and does."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web.accounts.models import User
from fundguard.web.desk.models import StateRow
from fundguard.web.findings.models import Finding
from fundguard.web.ledger.models import Entry
from fundguard.web.units import services
from fundguard.web.units.models import Unit
from tests.web import small_claims
from tests.web.desk.conftest import EAST, HOME, key_of, people, row, steps, told
from tests.web.small_claims import DONGHU, NEIGHBOUR, YUNLING

__all__ = ["people", "told"]
TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)


def unit(head: str, code: str, since: dt.date = TODAY, until: dt.date | None = None) -> Unit:
    recorder = User.objects.get(username="chief")
    names = {"head_name": head, "unit_name": code, "region": "990101", "recorded_by": recorder, "basis": "联合协议"}
    return Unit.objects.create(head_code=head, unit_code=code, kind="township", since=since, until=until, **names)


@pytest.mark.parametrize(
    ("since", "until", "stands"),
    [(0, None, True), (0, 0, True), (1, None, False), (-2, -1, False), (-5, 0, True)],
)
def test_a_head_sees_its_units_on_their_days_and_a_doctor_of_it_never(viewer, since, until, stands) -> None:
    unit(HOME, EAST, TODAY + since * DAY, None if until is None else TODAY + until * DAY)
    User.objects.filter(username__in=("hospital", "doctor")).update(institutions=HOME)
    assert (EAST in viewer("hospital").institutions) == stands
    assert viewer("doctor").institutions == {HOME}


def test_units_of_units_are_not_the_heads(viewer) -> None:
    unit(HOME, EAST)
    unit(EAST, "V1")
    User.objects.filter(username="hospital").update(institutions=HOME)
    assert viewer("hospital").institutions == {HOME, EAST}


def test_a_township_hospital_answers_for_its_clinic_and_no_longer_when_it_ended(told, signed_in) -> None:
    told("r1", east={"at": EAST}, far={"at": EAST})
    StateRow.objects.update(region="990101")
    Finding.objects.update(region="990101")
    for name in ("east", "far"):
        steps(
            name,
            ("reviewer1", "uphold", {"opinion": "不符"}),
            ("confirmer", "confirm", {"opinion": "同意"}),
            ("confirmer", "notify", {"notice": "GZ-1"}),
        )
    office = signed_in("hospital")
    assert office.get(f"/portal/items/{key_of('east')}/").status_code == 404
    made = unit(HOME, EAST)
    assert key_of("east") in office.get("/portal/").text
    steps("east", ("hospital", "accept", {}))
    assert Entry.objects.get(act="认可").actor.username == "hospital"
    Unit.objects.filter(pk=made.pk).update(since=TODAY - DAY, until=TODAY - DAY)
    with pytest.raises(Exception, match="No Finding"):
        steps("far", ("hospital", "accept", {}))
    assert row("far").state == "notified"


@pytest.fixture
def register(upload, viewer):
    upload(small_claims.files(bad=False))

    def made(username: str = "chief", **changes: object) -> Unit:
        given = {"head_code": YUNLING, "unit_code": DONGHU, "kind": "chain", "since": TODAY, "until": None}
        return services.register(viewer(username), **(given | {"basis": "联合协议 1 号"} | changes))

    return made


def test_a_registration_is_told_in_the_ledger_and_ends_on_its_last_day(register, viewer, signed_in) -> None:
    made = register()
    assert (made.head_name, made.region) == ("示例云岭医院", "990102")
    detail = Entry.objects.get(act="登记代为答复").detail
    assert (detail["答复机构"], detail["依据"]) == (YUNLING, "联合协议 1 号")
    client = signed_in("chief")
    assert "长期" in client.get("/units/").text
    assert client.post(f"/units/{made.pk}/end/", {"until": str(TODAY)}).status_code == 302
    assert Unit.objects.get().until == TODAY
    assert client.post(f"/units/{made.pk}/end/", {"until": str(TODAY + DAY)}).status_code == 422


def test_a_unit_has_one_head_a_day_and_both_are_of_the_own_regions(register) -> None:
    register(until=TODAY + 5 * DAY)
    with pytest.raises(Refusal, match="已有代为答复的机构"):
        register(since=TODAY + 5 * DAY)
    assert register(since=TODAY + 6 * DAY).pk
    for codes in ({"head_code": NEIGHBOUR}, {"unit_code": NEIGHBOUR}, {"unit_code": YUNLING}, {"head_code": "X"}):
        with pytest.raises(Refusal, match="没有查到这两家机构"):
            register(**codes)
    with pytest.raises(Refusal, match="结束日期早于"):
        register(unit_code=DONGHU, since=TODAY, until=TODAY - DAY)


def test_an_institution_reads_the_register_and_writes_nothing(register, signed_in) -> None:
    register()
    User.objects.filter(username="hospital").update(institutions=YUNLING)
    User.objects.filter(username="pharmacy").update(institutions="P1")
    assert "示例东湖医院" in signed_in("hospital").get("/units/").text
    assert "没有代为答复的单位" in signed_in("pharmacy").get("/units/").text
    assert signed_in("hospital").post("/units/register/", {}).status_code == 403
    assert signed_in("agreement").get("/units/").text.count("示例东湖医院") == 0
