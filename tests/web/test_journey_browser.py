"""One finding from the import to the money back, every step by its own account: as the tutorial says, and in two
regions whose workflow differs."""

from __future__ import annotations

import io
import re
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import segno

from tests.web import small_claims
from tests.web.browsing import PATIENCE, Site, no_violation, shot
from tests.web.evidence.samples import pdf
from tests.web.journeys import CLAIMS, JOURNEYS, TUTORIAL, Act, Journey

pytestmark = pytest.mark.browser
QR = {"error": "m", "micro": False}


@dataclass
class Walk:
    """A journey under way: one page an account, and the address of the finding once it is found."""

    journey: Journey
    site: Site
    visit: Callable[..., Any]
    folder: Path
    pages: dict[str, Any] = field(default_factory=dict)
    finding: str = ""

    def page(self, account: str) -> Any:
        if account not in self.pages:
            self.pages[account] = self.visit(account + self.journey.suffix, "/security/")
        return self.pages[account]

    def shot(self, page: Any, name: str, **how: bool) -> None:
        """The tutorial's pictures are of the tutorial's journey."""
        if not self.journey.region:
            shot(page, f"journey-{name}", **how)


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_finding_goes_from_the_import_to_the_money_back(site, visit, tmp_path, name) -> None:
    walk = Walk(JOURNEYS[name], site, visit, tmp_path)
    for act in walk.journey.acts:
        SPECIAL.get(act.name, step)(walk, act)
    assert walk.page("agreement").locator(".gov-side-note", has_text="已办结").count() == 1
    assert walk.page("chief").goto("/ledger/").ok


def test_the_tutorial_shows_pictures_that_the_journey_takes() -> None:
    shown = set(re.findall(r"screenshots/journey-([a-z]+)\.png", TUTORIAL.read_text("utf-8")))
    assert shown == set(re.findall(r'walk\.shot\(\w+, "([a-z]+)"', Path(__file__).read_text("utf-8")))


def upload(walk: Walk, act: Act) -> None:
    page = walk.page(act.account)
    page.goto("/intake/")
    page.get_by_role("link", name=act.name).click()
    page.get_by_label("数据文件").set_input_files(claims(walk))
    page.get_by_role("button", name="开始导入").click()
    page.wait_for_url(re.compile(r"/intake/\d+/$"), timeout=PATIENCE)
    assert "fee_list_d" in page.locator("main").inner_text()
    walk.shot(page, "arrival")


def claims(walk: Walk) -> list[Path]:
    """The tutorial's files, or the same visit in the journey's county."""
    if not walk.journey.region:
        return sorted(CLAIMS.glob("*.csv"))
    made = small_claims.one_man(walk.journey.person, walk.journey.institution, "示例医院")
    for name, content in made.items():
        (walk.folder / name).write_bytes(content)
    return [walk.folder / name for name in made]


def run(walk: Walk, act: Act) -> None:
    page = walk.page(act.account)
    page.goto("/runs/")
    page.get_by_role("link", name=act.name).click()
    region = page.get_by_label("核查区划")
    region.select_option(act.filled["核查区划"].split()[-1])
    page.get_by_role("button", name="开始核查").click()
    page.wait_for_url(re.compile(r"/runs/\d+/$"))
    page.get_by_text(act.after).wait_for(timeout=PATIENCE)


def find(walk: Walk, act: Act) -> None:
    page = walk.page(act.account)
    page.goto("/findings/")
    fill(page, act.filled, walk.folder)
    page.get_by_role("button", name="查询").click()
    page.wait_for_load_state()
    rows = page.locator("table[data-rows] tbody tr")
    assert rows.count() == 1
    rows.first.get_by_role("link").first.click()
    page.wait_for_url(re.compile(r"/findings/\w{32}/$"))
    walk.finding = page.url
    stands(page, act.after)
    walk.shot(page, "finding")


def step(walk: Walk, act: Act) -> None:
    """The finding's page, the button, the form; afterwards the finding stands where the row says."""
    page = walk.page(act.account)
    page.goto(walk.finding)
    if act.name == "申诉":
        walk.shot(page, "hospital")
    page.locator("#desk").get_by_role("link", name=re.compile(rf"^{act.name}[A-Z]?$")).click()
    page.wait_for_url(re.compile(r"/desk/.+/\w+/$"))
    fill(page.locator("main"), act.filled, walk.folder)
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_url(walk.finding)
    assert f"“{act.name}”" in page.locator(".gov-note.success").inner_text()
    stands(page, act.after)
    if act.name == "办结":
        walk.shot(page, "closed")


def stands(page: Any, state: str) -> None:
    page.locator("#desk .gov-side-note", has_text=re.compile(f"^{state}$")).wait_for()


def fill(within: Any, filled: dict[str, str], folder: Path) -> None:
    """Each field by its label, as its kind asks for."""
    for label, words in filled.items():
        exact = within.get_by_label(re.compile(rf"^\s*{re.escape(label)}\s*\*?\s*$"))
        control = exact.first if exact.count() else within.get_by_label(label).first
        box = within.locator(".gov-field").filter(has_text=label).get_by_label(words)
        if box.count():  # of several to tick
            box.first.check()
        elif control.get_attribute("type") == "file":
            (folder / words).write_bytes(pdf())
            control.set_input_files(folder / words)
        elif control.evaluate("one => one.tagName") == "SELECT":
            control.select_option(control.locator("option", has_text=words).first.get_attribute("value"))
        else:
            control.fill(words)


def download(walk: Walk, act: Act) -> None:
    """The paper as PDF and Word; the code on it leads to a page that opens without signing in."""
    page = walk.page(act.account)
    page.goto("/papers/")
    page.locator("tbody tr", has_text=act.filled["文书"]).first.get_by_role("link").first.click()
    number = page.locator("h1").inner_text()
    assert saved(page, "下载 PDF").startswith(b"%PDF")
    word = saved(page, "下载 Word")
    token = _token(walk.site, number)
    drawn = io.BytesIO()
    segno.make(f"http://127.0.0.1:8000/papers/verify/{token}/", **QR).save(drawn, kind="png", scale=8, border=2)
    with zipfile.ZipFile(io.BytesIO(word)) as kept:
        assert drawn.getvalue() in [kept.read(name) for name in kept.namelist() if name.endswith(".png")]
    anyone = walk.visit(None, f"/papers/verify/{token}/")
    told = anyone.locator("main").inner_text()
    assert number in told
    assert act.after in told
    assert walk.journey.institution not in told or not walk.journey.institution
    walk.shot(anyone, "verify")


def saved(page: Any, name: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return Path(download.value.path()).read_bytes()


def _token(site: Site, number: str) -> str:
    with closing(sqlite3.connect(site.data / "app.sqlite3")) as connection:
        return connection.execute("SELECT token FROM papers_paper WHERE number = ?", [number]).fetchone()[0]


def money(walk: Walk, act: Act) -> None:
    """The demand of the finding: paid back, nothing open."""
    page = walk.page(act.account)
    page.goto("/fund/")
    page.locator("table[data-rows] tbody tr").first.get_by_role("link").first.click()
    page.wait_for_url(re.compile(r"/fund/\d+/$"))
    total = page.locator("tr", has_text="基金合计").inner_text().split()
    assert act.after in total, total
    walk.shot(page, "fund")
    no_violation(page)


SPECIAL: dict[str, Callable[[Walk, Act], None]] = {
    "上传数据": upload,
    "发起核查": run,
    "查找疑点": find,
    "下载文书": download,
    "查看追回": money,
}
