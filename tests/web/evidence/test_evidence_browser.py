"""The case file in a real browser, by two accounts: upload, papers of each line, download, notes; no AA violation."""

from __future__ import annotations

import pytest

from tests.web.browsing import no_violation, shot
from tests.web.evidence import samples

pytestmark = pytest.mark.browser


def test_a_reviewer_brings_a_photograph_says_what_is_missing_and_writes_a_note(visit, tmp_path) -> None:
    (tmp_path / "现场.jpg").write_bytes(samples.jpeg((800, 600)))
    (tmp_path / "large.png").write_bytes(b"\x89PNG" + b"\0" * (21 << 20))
    page = visit("reviewer1", "/desk/mine/")
    page.goto("/findings/?rule=N81")
    page.locator("table[data-rows] tbody a").first.click()
    page.locator("#evidence").wait_for()
    finding = page.url
    page.locator("#id_note").fill("先核对护理记录，再看医嘱。")
    page.get_by_role("button", name="写入").click()
    page.locator("#comments li", has_text="先核对护理记录").wait_for()
    page.locator("#evidence a", has_text="案卷").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "large.png")
    assert "超过 20 MB" in page.locator("input[type=file]").evaluate("field => field.validationMessage")
    page.locator("input[type=file]").set_input_files(tmp_path / "现场.jpg")
    page.get_by_role("button", name="上传", exact=True).click()
    page.locator(".gov-note.success", has_text="已收到 FJ-").wait_for()
    page.locator(".evidence-lines select").last.select_option(label="确认没有")
    page.get_by_role("button", name="登记材料情况").click()
    page.locator(".gov-note.success", has_text="已登记").wait_for()
    with page.expect_download() as got:
        page.locator("#files a", has_text="现场.jpg").click()
    assert got.value.suggested_filename == "现场.jpg"
    page.reload()
    shot(page, "case-file", whole=True)
    no_violation(page)
    page.goto(finding)
    page.locator("#evidence", has_text="确认没有 1 行").wait_for()
    no_violation(page)
    shot(page, "finding-evidence", whole=True)
    page.get_by_role("button", name="划去").click()
    page.locator("#comments s").wait_for()


def test_the_case_file_fits_a_telephone(visit) -> None:
    page = visit("reviewer1", "/desk/mine/")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/findings/?rule=N81")
    page.locator("table[data-rows] tbody a").first.click()
    page.locator("#evidence a", has_text="案卷").click()
    page.locator("#upload").wait_for()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    shot(page, "case-file-phone")
    assert wide <= 0
