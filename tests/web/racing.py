"""Several people act at the same moment on money and papers, in a database of their own; prints what came of it."""

from __future__ import annotations

import datetime as dt
import json
import sys
import threading
from functools import partial

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from fundguard.errors import Refusal  # noqa: E402
from fundguard.web.accounts.guard import Viewer  # noqa: E402
from fundguard.web.accounts.models import User  # noqa: E402
from fundguard.web.accounts.services import seed_demo  # noqa: E402
from fundguard.web.fund import services  # noqa: E402
from fundguard.web.fund.models import Booking, Demand  # noqa: E402
from fundguard.web.jobs.models import Job  # noqa: E402
from fundguard.web.papers import services as papers  # noqa: E402
from fundguard.web.papers.models import Paper  # noqa: E402
from fundguard.web.recall import services as recall  # noqa: E402
from tests.papers.examples import RECOVERY  # noqa: E402

ROUNDS = 6
WRITERS = 4  # papers that each person issues at once
AMOUNTS = {"employee_pool": 700, "medical_aid": 301}
DAY = dt.date(2026, 10, 9)


def determined(number: int) -> services.Determined:
    key = f"{number:032X}"
    return services.Determined(key, f"示例认{number}号", "990101", "H1", "示例医院", DAY, AMOUNTS)


def together(*acts) -> list[str]:
    """Runs the acts at the same moment; the outcome of each."""
    gate = threading.Barrier(len(acts))
    told: list[str] = []

    def run(act) -> None:
        gate.wait()
        try:
            act()
            told.append("done")
        except Refusal:
            told.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


def issue(user: User) -> None:
    party = papers.Party("H1", "示例医院")
    given = papers.Issue("recovery", "990101", "示例中心", party, dt.date(2026, 11, 22))
    papers.issue(given, RECOVERY, user)


def recall_confirmed() -> list[str]:
    """Two officers confirm the same recall at once."""
    second = User.objects.get(username="recall")
    second.pk, second.username = None, "recall2"
    second.save()
    made = recall.propose(
        Viewer(User.objects.get(username="chief")), recall.Asked("N67", "990101"), "限定与说明书不一致"
    )
    officers = [Viewer(User.objects.get(username=name)) for name in ("recall", "recall2")]
    outcome = together(*(partial(recall.decide, one, made.pk, confirm=True, opinion="") for one in officers))
    return [*outcome, str(Job.objects.filter(kind=recall.KIND).count())]


def main() -> int:
    call_command("migrate", verbosity=0)
    seed_demo()
    one, two = (User.objects.get(username=name) for name in ("settlement1", "settlement2"))
    outcomes = []
    for number in range(ROUNDS):
        given = determined(number)
        outcomes.append(together(*(partial(services.determine, given, user) for user in (one, two))))
        demand = Demand.objects.get(finding_key=given.finding_key)
        vouchers = [(services.Voucher(DAY, f"回单{user.pk}"), user) for user in (one, two)]
        outcomes.append(together(*(partial(services.book, demand.pk, "repaid", 1001, *paid) for paid in vouchers)))
        open_now = sum(balance.open for balance in services.balances(demand).values())
        outcomes.append([str(open_now), str(Booking.objects.filter(demand=demand).count())])
    together(*(partial(issue, user) for user in (one, two) * WRITERS))
    confirmed = recall_confirmed()
    serials = sorted(Paper.objects.values_list("serial", flat=True))
    print(json.dumps({"money": outcomes, "serials": serials, "confirmed": confirmed}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
