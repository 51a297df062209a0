"""Server time of the desk's pages over the database of the settings, as real accounts: JSON of p50 and p95 in ms.

Each page is asked for `--times` times through Django's own handler, one after the other in turn, so that a slow moment
of the machine falls on all of them; beside the times stands the ratio to a trivial page of the same run.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, reset_queries  # noqa: E402
from django.test import Client  # noqa: E402

from fundguard.web.accounts.guard import Viewer  # noqa: E402
from fundguard.web.accounts.models import User  # noqa: E402
from fundguard.web.desk import counting  # noqa: E402
from fundguard.web.desk.models import StateRow  # noqa: E402

TRIVIAL = "/password/"
REVIEWER, CONFIRMER, COUNTY = "bench-first_reviewer-0", "bench-confirmer-0", "reviewer1"
#: Limits in ms of the 95th percentile, on the machine that the figures are published from.
LIMITS = {"queue": 150, "encounter": 150, "counts": 300}
Act = Callable[[], object]


def pages() -> dict[str, Act]:
    """Name → one request; the first part of the name says which limit holds."""
    one, other, county = (client(name) for name in (REVIEWER, CONFIRMER, COUNTY))
    rule = StateRow.objects.filter(state="found").values_list("rule_code", flat=True).order_by("-score").first()
    place = StateRow.objects.filter(state="found").values_list("fixmedins_code", flat=True).order_by("-score").first()
    keys = iter(list(StateRow.objects.filter(state="found").order_by("lot").values_list("object_id", flat=True)[:500]))
    viewer = Viewer(User.objects.select_related("region").get(username=REVIEWER))
    return {
        "trivial": get(one, TRIVIAL),
        "queue first": get(one, "/desk/"),
        "queue confirmer": get(other, "/desk/"),
        "queue county": get(county, "/desk/"),
        "queue page 100": get(one, "/desk/?state=found&page=100"),
        "queue last page": get(one, "/desk/?state=found&page=999999"),
        "queue rule": get(one, f"/desk/?state=found&rule={rule}"),
        "queue institution": get(one, f"/desk/?state=found&institution={place}"),
        "queue unassigned": get(one, "/desk/?state=found&whose=nobody"),
        "queue late": get(one, "/desk/?state=found&late=on"),
        "queue own": get(one, "/desk/?whose=mine"),
        "to-do and random slice": get(one, "/desk/mine/"),
        "findings first": get(one, "/findings/"),
        "findings page 100": get(one, "/findings/?page=100"),
        "findings by day": get(one, "/findings/?sort=-day"),
        "findings rule": get(one, f"/findings/?rule={rule}"),
        "findings institution": get(one, f"/findings/?institution={place}"),
        "findings words": get(one, "/findings/?q=医院"),
        "encounter": lambda: fetched(one, f"/findings/{next(keys)}/"),
        "step form": lambda: fetched(one, f"/desk/{next(keys)}/dismiss/"),
        "step taken": lambda: step(one, next(keys)),
        "counts by state": lambda: counting.counts(viewer, {}),
        "overview": get(one, "/"),
        "ledger": get(client("chief"), "/ledger/"),
    }


def client(username: str) -> Client:
    made = Client(headers={"x-forwarded-proto": "https"}, SERVER_NAME="localhost")
    made.force_login(User.objects.get(username=username), "django.contrib.auth.backends.ModelBackend")
    return made


def get(asking: Client, address: str) -> Act:
    return lambda: fetched(asking, address)


def fetched(asking: Client, address: str) -> str:
    answer = asking.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code} {getattr(answer, 'url', '')}")
    return answer.text


def step(asking: Client, key: str) -> None:
    """The form as it stands, sent; only the sending is the step, the form has a line of its own."""
    row = StateRow.objects.get(workflow="finding", object_id=key)
    given = {"version": row.version, "request": f"bench-{row.pk}", "reason": "经核对属于合理使用", "go": "next"}
    answer = asking.post(f"/desk/{key}/dismiss/", given)
    if answer.status_code != 302:
        raise SystemExit(f"{key}: {answer.status_code}")


def timed(acts: dict[str, Act], times: int) -> dict[str, list[tuple[float, float]]]:
    """Milliseconds of each act by the clock and of this process; the first round warms up and does not count."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in acts}
    for turn in range(times + 1):
        for name, act in acts.items():
            began, used = time.perf_counter(), time.process_time()
            act()
            if turn:
                found[name].append(((time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000))
    return found


def statements(acts: dict[str, Act]) -> dict[str, tuple[int, str, float]]:
    """Of each act: how many statements it sends, the slowest of them and its milliseconds."""
    told = {}
    for name, act in acts.items():
        reset_queries()
        connection.force_debug_cursor = True
        act()
        connection.force_debug_cursor = False
        sent = [(float(one["time"]) * 1000, one["sql"]) for one in connection.queries]
        slowest = max(sent, default=(0.0, ""))
        told[name] = (len(sent), slowest[1], slowest[0])
    return told


def summary(found: dict[str, list[tuple[float, float]]]) -> Iterator[tuple[str, dict[str, float]]]:
    """`cpu` is the median of this process alone: what a busy machine does to it is little, the database not in it."""
    trivial = statistics.median(clock for clock, _ in found["trivial"])
    for name, told in found.items():
        cuts = statistics.quantiles((clock for clock, _ in told), n=20, method="inclusive")
        used = statistics.median(cpu for _, cpu in told)
        times = {"p50": cuts[9], "p95": cuts[18], "over_trivial": cuts[9] / trivial, "cpu": used}
        yield name, {which: round(value, 1) for which, value in times.items()}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--times", type=int, default=20)
    options.add_argument("--only", default="", help="names that begin so")
    options.add_argument("--statements", action="store_true", help="also the slowest statement of each page")
    given = options.parse_args()
    settings.ALLOWED_HOSTS = ["localhost"]
    acts = {name: act for name, act in pages().items() if name.startswith(given.only) or name == "trivial"}
    told: dict[str, object] = dict(summary(timed(acts, given.times)))
    if given.statements:
        for name, (count, slowest, took) in statements(acts).items():
            told[name] = {**told[name], "statements": count, "slowest_ms": took, "slowest": slowest}  # type: ignore[dict-item]
    count = StateRow.objects.count()
    print(json.dumps({"vendor": connection.vendor, "findings": count, "times": given.times, "pages": told}, indent=1))


if __name__ == "__main__":
    main()
