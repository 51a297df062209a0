"""Fifty reviewers at one server while a bulk step runs: every answer's time, as JSON. Loopback only; stops by itself.

    python benchmarks/desk_load.py URL [--https] [--reviewers 50] [--think 10] [--seconds 300] [--rule N31]

A reviewer signs in, opens the queue, claims the day's work, and then for each finding: opens it, opens the form of the
step, sends it and is led to the next. Between two pages he thinks for about `--think` seconds. One account more starts
a bulk step over the rule and looks at its page until it is done. `--https` says that a proxy in front spoke it.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import re
import statistics
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

ACCOUNT, PASSWORD = "bench-first_reviewer-{}", "only-for-measuring-1"
TIMEOUT = 60
#: Somebody else has taken the step: before the form was opened, or since. No error, but counted.
TAKEN_MEANWHILE = ("WF-101", "WF-201")
RAMP = 10.0  # seconds over which the reviewers arrive
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_VALUE = r'name="{}" value="([^"]*)"'
_OWN = re.compile(r'href="/findings/([0-9a-f]{32})/"')
_TAKEN = re.compile(r"<dt>已办理</dt><dd>([\d,]+) 条")


class Unexpected(Exception):
    """An answer that a reviewer would call an error; the text says which."""


@dataclass
class Record:
    """What all reviewers together saw: milliseconds by kind of page, what went wrong, findings stepped on."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    faults: Counter[str] = field(default_factory=Counter)
    steps: int = 0
    lost: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, began: float, fault: str = "") -> None:
        with self.lock:
            self.times[kind].append((time.perf_counter() - began) * 1000)
            if fault:
                self.faults[fault] += 1


class Browser:
    """One account's connection: cookies kept, redirections told, never followed."""

    def __init__(self, url: str, https: bool, record: Record) -> None:
        parts = urlsplit(url)
        self._address, self._record = (parts.hostname or "127.0.0.1", parts.port or 80), record
        self._connection = http.client.HTTPConnection(*self._address, timeout=TIMEOUT)
        host = "localhost" if https else f"{parts.hostname}:{parts.port}"
        self._headers = {"Host": host, "Origin": f"http{'s' if https else ''}://{host}"}
        if https:
            self._headers["X-Forwarded-Proto"] = "https"
        self._cookies: dict[str, str] = {}

    def ask(self, kind: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and text (of a redirection: the path it leads to). Unexpected for what no reviewer should see."""
        headers = {**self._headers, "Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())}
        body = None
        if form is not None:
            body = urlencode(form)
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        began = time.perf_counter()
        try:
            self._connection.request("GET" if form is None else "POST", path, body, headers)
            answer = self._connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            self._record.add(kind, began, f"{kind}: {type(error).__name__}")
            raise Unexpected(kind) from error
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        moved_on = answer.status == 409 and any(code in text for code in TAKEN_MEANWHILE)
        wrong = answer.status >= 400 and not moved_on
        self._record.add(kind, began, f"{kind}: {answer.status}" if wrong else "")
        if wrong:
            raise Unexpected(f"{kind}: {answer.status}")
        return answer.status, answer.headers.get("Location", "") if answer.status in (301, 302) else text

    def sign_in(self, username: str) -> None:
        _, page = self.ask("sign-in form", "/login/")
        given = {"username": username, "password": PASSWORD, "csrfmiddlewaretoken": token(page)}
        status, _ = self.ask("sign-in", "/login/", given)
        if status != 302:
            raise Unexpected("sign-in")


def token(page: str) -> str:
    found = _TOKEN.search(page)
    return found.group(1) if found else ""


def value(page: str, name: str) -> str:
    found = re.search(_VALUE.format(name), page)
    return found.group(1) if found else ""


def review(browser: Browser, record: Record, think: float, until: threading.Event, chance: random.Random) -> None:
    """A reviewer's day until the bell rings."""

    def thought() -> bool:
        return until.wait(think * (0.5 + chance.random()))

    browser.ask("queue", "/desk/")
    while not thought():
        _, page = browser.ask("to-do", "/desk/mine/")
        own = _OWN.findall(page.partition("今日建议")[0])
        if not own:
            if thought():
                return
            browser.ask("claim", "/desk/claim/", {"csrfmiddlewaretoken": token(page)})
            continue
        key = own[0]
        while key and not thought():
            key = one(browser, record, key, thought)


def one(browser: Browser, record: Record, key: str, thought: threading.Event | object) -> str:
    """Open, form, step; the key of the next one, or nothing."""
    browser.ask("finding", f"/findings/{key}/")
    if thought():  # type: ignore[operator]
        return ""
    verb, paper = ("uphold", "opinion") if int(key[0], 16) % 2 else ("dismiss", "reason")
    _, page = browser.ask("step form", f"/desk/{key}/{verb}/")
    given = {name: value(page, name) for name in ("version", "request")}
    given |= {"csrfmiddlewaretoken": token(page), paper: "经核对，按规则办理", "go": "next"}
    if thought():  # type: ignore[operator]
        return ""
    status, led = browser.ask("step", f"/desk/{key}/{verb}/", given)
    with record.lock:
        record.steps += status == 302
        record.lost += status != 302
    return led.strip("/").rpartition("/")[2] if status == 302 and f"/{key}/" not in led else ""


def bulk(browser: Browser, rule: str, until: threading.Event) -> dict[str, float]:
    """Start the step over everything of the rule and wait; how many were taken, in how many seconds."""
    address = f"/desk/bulk/?state=found&verb=dismiss&rule={rule}"
    _, page = browser.ask("bulk preview", address)
    given = {name: value(page, name) for name in ("version", "request")}
    given |= {"csrfmiddlewaretoken": token(page), "reason": "同一原因"}
    began = time.perf_counter()
    _, led = browser.ask("bulk start", address, given)
    while not until.wait(2):
        _, page = browser.ask("bulk progress", led)
        if "gov-progress" not in page and "进行中" not in page and "等待" not in page:
            break
    found = _TAKEN.search(page)
    return {"taken": int(found.group(1).replace(",", "")) if found else 0, "seconds": time.perf_counter() - began}


def run(  # noqa: PLR0913, PLR0917 (the options)
    url: str, https: bool, reviewers: int, think: float, seconds: float, rule: str
) -> dict[str, object]:
    """Everything at once; ends when the bulk step is done and every reviewer had time for some findings."""
    record, until = Record(), threading.Event()
    bulk_told: dict[str, float] = {}
    least = time.monotonic() + RAMP + 6 * think

    def reviewer(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 (how long somebody thinks)
        try:
            if until.wait(RAMP * number / reviewers):
                return
            browser = Browser(url, https, record)
            browser.sign_in(ACCOUNT.format(number))
            review(browser, record, think, until, chance)
        except Unexpected:
            return  # it stands in the record

    def boss() -> None:
        try:
            browser = Browser(url, https, record)
            browser.sign_in("bench-bulk")
            until.wait(RAMP)
            bulk_told.update(bulk(browser, rule, until))
        except Unexpected:
            return

    threads = [threading.Thread(target=reviewer, args=(n,), daemon=True) for n in range(reviewers)]
    leader = threading.Thread(target=boss, daemon=True)
    for thread in (*threads, leader):
        thread.start()
    leader.join(timeout=seconds)
    until.wait(max(0.0, min(seconds, least - time.monotonic())))
    until.set()
    for thread in threads:
        thread.join(timeout=TIMEOUT)
    return summary(record, bulk_told, reviewers, think)


def summary(record: Record, bulk_told: dict[str, float], reviewers: int, think: float) -> dict[str, object]:
    """The reviewers' pages by kind and together; signing in is a hash that is meant to be slow, and told apart."""
    apart = {"sign-in", "sign-in form", "bulk preview", "bulk start"}
    kinds = {kind: cuts(times) for kind, times in sorted(record.times.items())}
    together = [t for kind, times in record.times.items() if kind not in apart for t in times]
    return {
        "reviewers": reviewers,
        "think_seconds": think,
        "requests": sum(map(len, record.times.values())),
        "errors": dict(record.faults),
        "steps": record.steps,
        "steps_lost_to_a_colleague": record.lost,
        "all": cuts(together),
        "pages": kinds,
        "bulk": {name: round(told, 1) for name, told in bulk_told.items()},
    }


def cuts(times: list[float]) -> dict[str, float]:
    if len(times) < 2:
        return {"count": len(times), "p50": round(sum(times), 1), "p95": round(sum(times), 1)}
    told = statistics.quantiles(times, n=20, method="inclusive")
    return {"count": len(times), "p50": round(told[9], 1), "p95": round(told[18], 1), "max": round(max(times), 1)}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("url")
    options.add_argument("--https", action="store_true")
    options.add_argument("--reviewers", type=int, default=50)
    options.add_argument("--think", type=float, default=10)
    options.add_argument("--seconds", type=float, default=300)
    options.add_argument("--rule", default="N31")
    given = options.parse_args()
    told = run(given.url, given.https, given.reviewers, given.think, given.seconds, given.rule)
    print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main()
