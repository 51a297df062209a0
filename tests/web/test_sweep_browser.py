"""Every page × every role in a real browser: accessible, within the policy, from our own server, on desk and phone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.urls import resolve

from fundguard.web.accounts.demo import ACCOUNTS
from fundguard.web.accounts.guard import PUBLIC
from fundguard.web.accounts.roles import ROLES
from tests.web.browsing import DESKTOP, PHONE, violations
from tests.web.pages import ELSEWHERE, EXAMPLES, ONWARD, PROVIDERS, Shape, examples, named

pytestmark = pytest.mark.browser
#: Nobody, one account a role, and the city's verifier, who checks what the city has drawn.
VIEWERS = (None, *{account.role: account.username for account in reversed(ACCOUNTS)}.values(), "verifier-city")
POLICY = (
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
)
HEADERS = {"x-frame-options": "DENY", "x-content-type-options": "nosniff", "referrer-policy": "same-origin"}


@dataclass(frozen=True)
class Seen:
    """What one viewer is answered at one address; `html` is empty where it is no page."""

    username: str | None
    name: str
    address: str
    status: int
    headers: dict[str, str]
    html: str


@pytest.fixture(scope="module")
def seen(site) -> list[Seen]:
    """Every example as every viewer who holds its permission (`test_guards.py` asks the others); files once."""
    addresses = [(name, one) for name, listed in examples(site.given).items() for one in listed if name != "logout"]
    cookies = [_cookies(site, username) for username in VIEWERS]
    files: set[str] = set()

    def asked(viewer: tuple[str | None, str]) -> list[Seen]:
        told = []
        for name, address in addresses:
            if _may(viewer[0], address) and address not in files:
                told.append(_answer(site.address, viewer, name, address))
                if told[-1].status == 200 and not told[-1].html:
                    files.add(address)
        return told

    with ThreadPoolExecutor(3) as pool:
        return [one for told in pool.map(asked, zip(VIEWERS, cookies, strict=True)) for one in told]


def _cookies(site, username: str | None) -> str:
    context = site.context(username, [])
    told = "; ".join(f"{one['name']}={one['value']}" for one in context.cookies())
    context.close()
    return told


def _may(username: str | None, address: str) -> bool:
    permission = getattr(resolve(address.partition("?")[0]).func, "permission", None)
    return permission is None or username is None or permission in held(username)


def _answer(home: str, viewer: tuple[str | None, str], name: str, address: str) -> Seen:
    """As the server sends it: nothing is followed."""
    connection = HTTPConnection(home.removeprefix("http://"), timeout=120)
    connection.request("GET", address, headers={"Cookie": viewer[1], "Accept-Language": "zh-CN"})
    answer = connection.getresponse()
    headers = {key.lower(): value for key, value in answer.getheaders()}
    body = answer.read()
    connection.close()
    page = answer.status == 200 and headers["content-type"].startswith("text/html")
    return Seen(viewer[0], name, address, answer.status, headers, body.decode() if page else "")


def held(username: str) -> tuple[str, ...]:
    role = next(account.role for account in ACCOUNTS if account.username == username.partition("-")[0])
    return ROLES[role].permissions


def test_every_page_has_an_example_that_somebody_sees(seen) -> None:
    """A new page fails here until `tests/web/pages.py` has a line for it; what takes POST only needs none."""
    told: dict[str, dict[str, set[int]]] = {}
    for one in seen:
        told.setdefault(one.name, {}).setdefault(one.address, set()).add(one.status)
    without = [
        f"{name}: 请在 tests/web/pages.py 的 EXAMPLES 中给出 {address} 的例子"
        for name, by_address in told.items()
        for address, statuses in by_address.items()
        if 200 not in statuses and 405 not in statuses and address != "/papers/verify/unknown/"
    ]
    assert without == []
    known = {name for name, _ in named()}
    assert set(EXAMPLES) | set(ELSEWHERE) | PROVIDERS | ONWARD <= known
    for file in ELSEWHERE.values():
        assert "no_violation(" in (Path(__file__).parent / file).read_text("utf-8"), file


def test_nobody_without_a_session_sees_more_than_the_public_pages(seen) -> None:
    for one in seen:
        if one.username is None and one.name not in PUBLIC:
            assert one.status in (302, 405), one.address


def test_every_answer_has_the_policy_and_no_page_has_inline_code_or_foreign_parts(seen) -> None:
    for one in seen:
        where = (one.username, one.address)
        policy = tuple(sorted(part.strip() for part in one.headers["content-security-policy"].split(";")))
        assert policy == tuple(sorted(POLICY)) or (not one.html and "default-src 'none'" in policy), where
        assert {name: one.headers[name] for name in HEADERS} == HEADERS, where
        shape = Shape(one.html)
        assert (shape.inline, shape.foreign) == ([], []), where
    assert {one.username for one in seen if one.html} == set(VIEWERS)


def test_no_violation_of_wcag_aa_on_any_page_for_any_role(site, seen) -> None:
    """Pages of one shape are looked at once: every shape on a desk and on a telephone, in the session of its viewer."""
    shapes: dict[frozenset[str], Seen] = {}
    for one in seen:
        if one.html.lstrip().lower().startswith("<!doctype"):
            shapes.setdefault(Shape(one.html).shape, one)
    found = []
    for username in VIEWERS:
        told: list[str] = []
        context = site.context(username, told)
        page = context.new_page()
        page.on("request", partial(_asked, site.address, told))
        for one in (one for one in shapes.values() if one.username == username):
            found += [(username, one.address, *fault) for fault in _faults(page, one.address)]
        context.close()
        found += [(username, *told)] if told else []
    assert found == [], "\n".join(map(str, found))


def _faults(page, address: str) -> Iterator[tuple[object, ...]]:
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        if size == DESKTOP:
            page.goto(address)
        yield from ((size["width"], *one) for one in violations(page))
        if (width := page.evaluate("document.documentElement.scrollWidth")) > size["width"]:
            yield size["width"], "页面超出屏幕", width


def _asked(home: str, told: list[str], asked) -> None:
    if not asked.url.startswith((home + "/", "data:", "blob:")):
        told.append(f"request to {asked.url}")
