"""The portal in a real browser: at a desk, and on a phone of 375 px."""

from __future__ import annotations

import pytest

from fundguard.audit.batch import audit
from fundguard.claims.intake import import_path
from fundguard.claims.store import Store
from fundguard.web.portal.reading import read
from fundguard.web.portal.sheets import SHEET
from tests.web import small_claims
from tests.web.browsing import PHONE, filled_by, no_violation, shot
from tests.web.portal.conftest import cells, say, written

pytestmark = pytest.mark.browser
FILL = """
import pathlib, sys, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from fundguard.web.accounts.models import User
from fundguard.web.accounts.services import seed_demo
from fundguard.web.desk.following import follow_run
from fundguard.web.desk.models import StateRow
from fundguard.web.findings.services import take_run
from fundguard.web.portal import keys
from tests.web.desk.conftest import CONFIRM, NOTIFY, UPHOLD, viewer
from fundguard.web.desk.services import take
from tests.web.small_claims import YUNLING
seed_demo()
run = pathlib.Path(sys.argv[1])
for follow in (take_run, follow_run, keys.follow_run):
    follow(run)
User.objects.filter(username__in=("hospital", "pharmacy", "doctor")).update(institutions=YUNLING)
for key in StateRow.objects.filter(fixmedins_code=YUNLING).values_list("object_id", flat=True):
    for username, verb, papers in (UPHOLD, CONFIRM, NOTIFY):
        take(viewer(username), key, verb, papers, StateRow.objects.get(object_id=key).version)
"""


@pytest.fixture(scope="module")
def site(chromium, tmp_path_factory):
    """The launcher over a few claims of one hospital, whose findings it was told of."""
    data = tmp_path_factory.mktemp("portal")
    (data / "files").mkdir()
    men = dict.fromkeys("甲乙丙丁", small_claims.YUNLING)
    for name, content in small_claims.files(men, bad=False).items():
        (data / "files" / name).write_bytes(content)
    import_path(data / "files", data / "store")
    (data / "runs").mkdir()
    audit(Store.open(data / "store"), data / "runs" / "first")
    with filled_by(chromium, data, FILL, str(data / "runs" / "first")) as own:
        yield own


def sound(page) -> None:
    """No violation of AA, and nothing wider than the window."""
    no_violation(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_a_hospital_answers_by_sheet(visit, tmp_path) -> None:
    page = visit("hospital", "/portal/")
    page.get_by_text("ZY-甲").wait_for()
    sound(page)
    shot(page, "portal-list")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载答复表").click()
    with download.value.path().open("rb") as stream:
        lines = read(stream, SHEET)
    filled = tmp_path / "filled.xlsx"
    rows = say(cells(lines), **{"L-甲": ("认可", ""), "L-乙": ("申诉", "病案首页性别有误"), "L-丙": ("同意", "")})
    filled.write_bytes(written(rows, lines))
    page.locator("input[type=file]").set_input_files(filled)
    page.get_by_role("button", name="上传并核对").click()
    page.get_by_text("“答复”只能填认可或者申诉").wait_for()
    sound(page)
    shot(page, "portal-sheet")
    page.get_by_role("button", name="提交 2 条答复").click()
    page.get_by_text("已提交 1 条，100.00 元").first.wait_for()


def test_an_institution_answers_from_a_phone(visit) -> None:
    page = visit("hospital", "/portal/", viewport=PHONE, has_touch=True)
    sound(page)
    shot(page, "portal-phone-list")
    page.locator("tr", has_text="ZY-丁").get_by_role("link").click()
    page.wait_for_url("**/portal/items/**")
    sound(page)
    shot(page, "portal-phone-item")
    for button in page.locator("main .btn:visible").all():
        box = button.bounding_box()
        assert (box or {"height": 0})["height"] >= 44, button.inner_text()
    page.get_by_text("申诉", exact=True).locator("input").first.check()
    page.get_by_label("申诉理由（申诉时必填）").fill("处方与销售记录一致")
    page.get_by_role("button", name="提交逐条答复").click()
    page.locator(".gov-note.success", has_text="已提交：申诉").wait_for()
