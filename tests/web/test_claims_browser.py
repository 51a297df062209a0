"""The main job in a real browser: a demonstration that filled itself, an upload comes in, is read and audited."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.web import small_claims
from tests.web.browsing import PATIENCE, PHONE, no_violation, shot

pytestmark = pytest.mark.browser


def test_from_an_upload_to_a_result(visit, tmp_path):
    page = visit("chief", "/")
    assert page.locator("[data-chart] svg").count() == 4
    shot(page, "overview")
    arrival = an_upload_becomes_an_arrival(page, tmp_path)
    the_quality_report_is_filtered(page)
    run = a_run_tells_what_changed(page)
    a_phone_shows_every_page_without_overflow(page, arrival, run)


def an_upload_becomes_an_arrival(page, folder: Path) -> str:
    page.get_by_role("link", name="数据导入").click()
    shot(page, "arrivals")
    page.get_by_role("link", name="上传数据").click()
    paths = []
    for name, content in small_claims.files().items():
        (folder / name).write_bytes(content)
        paths.append(folder / name)
    page.get_by_label("数据文件").set_input_files(paths)
    shot(page, "upload")
    no_violation(page)
    page.get_by_role("button", name="开始导入").click()
    page.wait_for_url("**/intake/jobs/*/")
    shot(page, "import-progress")
    page.wait_for_url(re.compile(r"/intake/\d+/$"), timeout=PATIENCE)
    assert "院内备注" in page.locator("main").inner_text()
    assert small_claims.SECRET not in page.content()
    shot(page, "arrival")
    no_violation(page)
    page.get_by_role("button", name="下载原始行").click()
    page.get_by_label("理由").fill("核对报送错误原因")
    with page.expect_download() as download:
        page.get_by_role("button", name="下载", exact=True).click()
    number = re.search(r"\d+", page.url.rpartition("/intake/")[2])[0]
    assert download.value.suggested_filename == f"隔离行-批次{number}-原始行.xlsx"
    page.keyboard.press("Escape")
    return page.url


def the_quality_report_is_filtered(page) -> None:
    page.goto("/intake/quality/?section=completeness")
    shot(page, "quality")
    no_violation(page)
    page.get_by_label("机构编号或名称").fill("东湖")
    page.get_by_role("button", name="查询").click()
    assert "云岭" not in page.locator("table").inner_text()


def a_run_tells_what_changed(page) -> str:
    page.goto("/runs/")
    page.get_by_role("link", name="发起核查").click()
    shot(page, "start-run")
    no_violation(page)
    page.get_by_role("button", name="开始核查").click()
    page.wait_for_url("**/runs/*/")
    shot(page, "run-progress")
    page.wait_for_selector("text=各规则结果", timeout=PATIENCE)
    changes = page.get_by_text("与上一次核查").locator("xpath=ancestor::section").inner_text()
    assert "新增 3" in changes, changes  # the men of the upload; the neighbour's is not the chief's to see
    shot(page, "run")
    no_violation(page)
    address = page.url
    page.goto("/runs/")
    shot(page, "runs")
    return address


def a_phone_shows_every_page_without_overflow(page, *own: str) -> None:
    page.set_viewport_size(PHONE)
    for address in ("/", "/intake/", "/intake/quality/", "/runs/", *own):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
