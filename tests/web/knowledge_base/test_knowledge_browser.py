"""From an upload to a version that holds, through a real browser: three people, the difference before their eyes."""

from __future__ import annotations

import pytest

from fundguard import knowledge
from fundguard.knowledge.templates import write_template
from tests.web.browsing import filled_by, no_violation, shot

pytestmark = pytest.mark.browser
PAGES = (
    "/knowledge/",
    "/knowledge/hand-in/",
    "/knowledge/1/",
    "/knowledge/points/D-010-0001/",
    "/knowledge/disputes/",
    "/knowledge/where/?q=XB01AXA223B004010180963",
    "/knowledge/where/?q=X",
    "/knowledge/catalogues/",
    "/knowledge/catalogues/import/",
)
FILL = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from fundguard.web.accounts.services import seed_demo
seed_demo()
"""


@pytest.fixture(scope="module")
def site(chromium, tmp_path_factory):
    """The launcher over the demonstration's accounts."""
    with filled_by(chromium, tmp_path_factory.mktemp("knowledge"), FILL) as own:
        yield own


def hand_in(page, path, form: str, **chosen: str) -> None:
    page.goto("/knowledge/hand-in/")
    page.locator("[name=form]").select_option(form)
    for name, value in chosen.items():
        page.locator(f"[name={name}]").select_option(value)
    for name, text in (("title", "支付疗程更正"), ("batch", "示例〔2026〕9号"), ("valid_from", "2026-12-01")):
        page.locator(f"[name={name}]").fill(text)
    page.locator("[name=region]").select_option("990100")
    page.locator("[name=reason]").fill("按公布的批次更新，已核对原文")
    page.locator("[name=file]").set_input_files(path)
    page.get_by_role("button", name="上传并查看变化").click()


def test_a_version_is_handed_in_read_signed_by_two_and_published(visit, tmp_path) -> None:
    chief = visit("chief", "/knowledge/")
    write_template(tmp_path / "course.xlsx", "course", knowledge.load())
    hand_in(chief, tmp_path / "course.xlsx", "template")
    chief.get_by_text("限定来源：据文字录入，待签署 → 据文字录入，已签署").first.wait_for()
    assert chief.get_by_role("button", name="签署", exact=True).count() == 0
    for number, username in enumerate(("knowledge1", "knowledge2")):
        page = visit(username, "/knowledge/1/")
        page.locator("#opinion").fill("已逐条核对")
        if number == 0:
            no_violation(page)
            shot(page, "knowledge-diff")
        page.get_by_role("button", name="签署", exact=True).click()
        page.get_by_text("已签署").first.wait_for()
    chief.goto("/knowledge/1/")
    chief.get_by_role("button", name="发布", exact=True).click()
    chief.get_by_text("第 1 版").first.wait_for()
    chief.goto("/knowledge/points/D-010-0001/")
    chief.get_by_text("knowledge1、knowledge2").wait_for()
    shot(chief, "knowledge-point")
    hospital = visit("hospital", "/knowledge/points/D-010-0001/")
    hospital.locator("#reason").fill("说明书所列的疗程与此不同")
    hospital.get_by_role("button", name="提出异议").click()
    hospital.get_by_text("待答复").first.wait_for()
    no_violation(hospital)
    for address in PAGES:
        chief.goto(address)
        no_violation(chief)
