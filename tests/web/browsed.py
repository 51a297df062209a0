"""What stands on the site of the browser tests besides the demonstration's own data: `python -m tests.web.browsed`.

Prints as JSON what the tests must know of it.
"""

from __future__ import annotations

import datetime as dt
import json

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from fundguard.web.accounts.models import User  # noqa: E402
from fundguard.web.accounts.services import seed_demo  # noqa: E402
from fundguard.web.fund import services as fund  # noqa: E402
from fundguard.web.papers import services as papers  # noqa: E402
from tests.papers.examples import RECOVERY  # noqa: E402

DEMANDS = 24


def demands(clerk: User) -> None:
    """Numbers 1 to 24, in turn of a pharmacy and a hospital."""
    for number in range(DEMANDS):
        amounts = {"employee_pool": 123400 + number, "medical_aid": 5600, "patient": 300}
        name = "云岭示例医院" if number % 2 else "云岭示例药店"
        decided = f"云岭区医保认〔2026〕{number + 1}号", "990101", f"H9901011000{number % 2}", name
        fund.determine(fund.Determined(f"{number:032X}", *decided, dt.date(2026, 10, 9), amounts), clerk)


def paper(clerk: User) -> str:
    """One paper, number 1; the code of its public page."""
    party = papers.Party("H99010110001", "云岭示例医院")
    given = papers.Issue("recovery", "990101", "云岭区医疗保障事务中心", party, dt.date(2026, 10, 10))
    return papers.issue(given, RECOVERY, clerk).token


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    seed_demo()
    clerk = User.objects.get(username="settlement1")
    demands(clerk)
    print(json.dumps({"token": paper(clerk)}))
