"""What stands on the site of the browser tests besides the demonstration's own data.

`python -m tests.web.browsed first` before the site starts, `… then` when the demonstration is filled; each prints as
JSON what the tests must know of it.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from fundguard.web.accounts.demo import ACCOUNTS  # noqa: E402
from fundguard.web.accounts.guard import Viewer  # noqa: E402
from fundguard.web.accounts.models import Region, User  # noqa: E402
from fundguard.web.accounts.services import seed_demo  # noqa: E402
from fundguard.web.desk import bulk, samples, services  # noqa: E402
from fundguard.web.desk.models import Drawn, StateRow  # noqa: E402
from fundguard.web.findings.models import Finding  # noqa: E402
from fundguard.web.findings.views import EXPORT_KIND  # noqa: E402
from fundguard.web.fund import services as fund  # noqa: E402
from fundguard.web.jobs.services import start  # noqa: E402
from fundguard.web.papers import services as papers  # noqa: E402
from tests.papers.examples import RECOVERY  # noqa: E402
from tests.web.browsed_forms import (  # noqa: E402
    a_knowledge_version,
    a_recall,
    a_received_list,
    a_rule,
    a_scorecard,
    a_self_check,
    account,
    waited,
    what_the_hospital_sends,
)
from tests.web.journeys import JOURNEYS, Journey  # noqa: E402

DEMANDS = 24
UPHELD = (("reviewer1", "uphold", {"opinion": "与病历记载不符"}),)
NOTIFIED = (
    *UPHELD,
    ("confirmer", "confirm", {"opinion": "同意初审意见"}),
    ("confirmer", "notify", {"notice": "GZ-1"}),
)
RECOVERING = (
    *NOTIFIED,
    ("hospital", "accept", {}),
    ("agreement", "determine", {"grounds": "事实清楚", "articles": ["条例:13"]}),
    ("agreement", "recover", {"agreement_clause": "第十二条", "agreement_notice": "协1"}),
)
DISMISSED = (("reviewer1", "dismiss", {"reason": "规则口径尚待明确"}),)


def first() -> dict[str, Any]:
    """Accounts, also of the journeys' counties; demands against a hospital and a pharmacy, one paper."""
    call_command("migrate", verbosity=0)
    seed_demo()
    for one in JOURNEYS.values():
        if one.region:
            county(one)
    city = User.objects.get(username="verifier")
    city.pk, city.username, city.staff_no, city.region = (
        None,
        "verifier-city",
        "demo-city",
        Region.objects.get(code="990100"),
    )
    city.save()
    clerk = User.objects.get(username="settlement1")
    for number in range(DEMANDS):
        amounts = {"employee_pool": 123400 + number, "medical_aid": 5600, "patient": 300}
        name = "云岭示例医院" if number % 2 else "云岭示例药店"
        decided = f"云岭区医保认〔2026〕{number + 1}号", "990101", f"H9901011000{number % 2}", name
        fund.determine(fund.Determined(f"{number:032X}", *decided, dt.date(2026, 10, 9), amounts), clerk)
    party = papers.Party("H99010110001", "云岭示例医院")
    given = papers.Issue("recovery", "990101", "云岭区医疗保障事务中心", party, dt.date(2026, 10, 10))
    return {"paper": 1, "token": papers.issue(given, RECOVERY, clerk).token}


def then() -> dict[str, Any]:
    """Findings of the hospital in several states, a bulk step, an export, a sample under review."""
    own = User.objects.get(username="hospital").institutions
    free = StateRow.objects.filter(fixmedins_code=own, state="found").values("object_id")
    settled = Finding.objects.filter(pk__in=free, fund_amount_fen__gt=0, counted_fen__gt=0).exclude(setl_id="")
    keys = list(settled.order_by("pk").values_list("pk", flat=True)[:4])
    states = ("notified", "recovering", "upheld", "dismissed")
    for key, taken in zip(keys, (NOTIFIED, RECOVERING, UPHELD, DISMISSED), strict=True):
        steps(key, taken)
    return {
        **dict(zip(states, keys, strict=True)),
        "hospital": own,
        "demand": DEMANDS + 1,
        "export": waited(start(EXPORT_KIND, "导出疑点", account("chief"), region="990100", query="rule=N67")),
        **a_bulk_step(),
        **a_sample(),
        **a_received_list(),
        **what_the_hospital_sends(keys[0]),
        **a_scorecard(keys[3]),
        **a_self_check(own),
        **a_recall(),
        **a_rule(),
        **a_knowledge_version(),
    }


def county(one: Journey) -> None:
    """The demonstration's posts once more, in the county of a journey (all of one name), with its institution."""
    above = Region.objects.add_root({"code": f"{one.region[:2]}0000", "name": f"示例省{one.region[:2]}"})
    region = Region.objects.add_child(above, {"code": one.region, "name": "示例县"})
    own = {"hospital": one.institution}
    User.objects.bulk_create(
        User(
            username=a.username + one.suffix,
            display_name=a.display_name,
            role=a.role,
            region=region,
            staff_no=f"demo-{a.username}{one.suffix}",
            password=User.objects.get(username=a.username).password,
            institutions=own.get(a.username, ""),
        )
        for a in ACCOUNTS
    )


def steps(key: str, taken: tuple[tuple[str, str, dict[str, Any]], ...]) -> None:
    for username, verb, brought in taken:
        row = StateRow.objects.get(object_id=key)
        amount = {"amount": row.amount_now_fen} if verb == "determine" else {}
        services.take(Viewer(account(username)), key, verb, brought | amount, row.version)


def a_bulk_step() -> dict[str, int]:
    """Of the rule that found least in the county."""
    waiting = StateRow.objects.filter(region="990101", state="found")
    rule = min(
        counted := list(waiting.values_list("rule_code", flat=True)), key=lambda code: (counted.count(code), code)
    )
    wanted = {"state": "found", "rule": rule}
    made = bulk.start(Viewer(account("reviewer1")), "dismiss", {"reason": "规则口径尚待明确"}, wanted)
    waited(made.job)
    return {"bulk": made.pk}


def a_sample() -> dict[str, int]:
    chief = Viewer(account("chief"))
    made = samples.freeze(chief, "示例公开数值")
    samples.draw_now(chief, made.pk, "20261022", timezone.now())
    return {"sample": made.pk, "drawn": Drawn.objects.filter(draw=made).latest("pk").pk}


if __name__ == "__main__":
    print(json.dumps({"first": first, "then": then}[sys.argv[1]]()))
