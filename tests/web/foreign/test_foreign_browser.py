"""A list through a real browser: received, columns confirmed, a row decided, reported back; the scorecard beside it."""

from __future__ import annotations

import pytest

from fundguard.audit.batch import audit
from fundguard.claims.intake import import_path
from fundguard.claims.store import Store
from tests.web import small_claims
from tests.web.browsing import filled_by, no_violation, shot
from tests.web.foreign.conftest import rows_of

pytestmark = pytest.mark.browser
FILL = """
import pathlib, sys
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.accounts.services import seed_demo
from fundguard.web.desk.following import follow_run
from fundguard.web.desk.models import StateRow
from fundguard.web.desk.services import take
from fundguard.web.findings.services import take_run
from fundguard.web.scorecard import narrowing, services
seed_demo()
run = pathlib.Path(sys.argv[1])
take_run(run)
follow_run(run)
viewer = Viewer(User.objects.get(username="reviewer1"))
rows = list(StateRow.objects.filter(region="990101").order_by("object_id"))
for row in rows[:15]:
    take(viewer, row.object_id, "dismiss", {"reason": "病历有说明"}, row.version)
for row in rows[15:]:
    take(viewer, row.object_id, "uphold", {"opinion": "性别不符"}, row.version)
confirmer = Viewer(User.objects.get(username="confirmer"))
for row in StateRow.objects.filter(state="upheld"):
    take(confirmer, row.object_id, "confirm", {"opinion": "同意"}, row.version)
services.count()
narrowing.draft()
"""
MEN = {f"甲{number:02d}": small_claims.YUNLING for number in range(40)} | {"丙": small_claims.DONGHU}


@pytest.fixture(scope="module")
def site(chromium, tmp_path_factory):
    """The launcher over small claims with one run, reviewed in part."""
    data = tmp_path_factory.mktemp("foreign")
    (data / "files").mkdir()
    for name, content in small_claims.files(MEN, bad=False).items():
        (data / "files" / name).write_bytes(content)
    import_path(data / "files", data / "store")
    (data / "runs").mkdir()
    run = data / "runs" / "first"
    audit(Store.open(data / "store"), run, rules=("N67",))
    with filled_by(chromium, data, FILL, str(run)) as own:
        yield own


def test_a_list_is_received_decided_and_reported_back(visit) -> None:
    page = visit("chief", "/foreign/")
    page.get_by_role("link", name="接收清单").first.click()
    for label, text in (
        ("来文单位", "示例省医保局"),
        ("来文文号", "示例医保函〔2026〕12号"),
        ("清单名称", "九月国家子系统下发疑点"),
    ):
        page.get_by_label(label).fill(text)
    page.get_by_label("收到日期").fill("2026-09-01")
    page.get_by_label("反馈期限").fill("2026-09-30")
    rows = [
        {"no": 1, "setl": "S-戊", "yuan": 40, "words": "同日两次收取"},
        {"no": 2, "line": "L-甲30", "rule": "限性别用药", "yuan": 100},
        {"no": 3, "place": small_claims.YUNLING, "person": "psn-戊", "day": "2026-05-10", "rule": "超限定支付"},
        {"no": 4, "setl": "S-无", "rule": "分解住院"},
        {"no": 5, "setl": "S-戊", "yuan": "四十"},
        {"no": 6, "setl": "S-甲31", "rule": "分解住院"},
        {"no": 7, "setl": "S-戊", "yuan": 40, "words": "同日两次收取"},
    ]
    file = {"name": "清单.csv", "mimeType": "text/csv", "buffer": rows_of(*rows)}
    page.get_by_label("清单文件").set_input_files(file)
    page.get_by_role("button", name="上传，下一步确认列对应").click()
    page.wait_for_url("**/columns/")
    shot(page, "foreign-columns")
    page.get_by_role("button", name="按此接收").click()
    page.wait_for_url("**/foreign/1/")
    page.get_by_role("link", name="逐行确认").wait_for(timeout=60_000)
    page.get_by_text("YD-").first.wait_for()
    shot(page, "foreign-list")
    other = visit("knowledge1", "/scorecard/")
    shot(other, "scorecard")
    assert other.locator("canvas, svg").count() >= 1
    other.goto("/scorecard/narrowings/")
    other.get_by_role("link", name="SZ-").first.click()
    shot(other, "scorecard-narrowing")
    page.goto("/foreign/1/")
    page.get_by_role("button", name="出具反馈").click()
    page.get_by_role("status").get_by_text("已出具反馈").wait_for()
    page.goto("/foreign/")
    shot(page, "foreign-lists")
    page.goto("/foreign/rows/3/")
    shot(page, "foreign-row")
    no_violation_of_wcag_aa(visit)


def no_violation_of_wcag_aa(visit) -> None:
    page = visit("chief", "/foreign/")
    pages = ("/foreign/", "/foreign/receive/", "/foreign/1/", "/foreign/rows/1/", "/foreign/rows/3/", "/scorecard/")
    for address in (*pages, "/scorecard/narrowings/", "/scorecard/narrowings/1/", "/scorecard/findings/hits/"):
        page.goto(address)
        no_violation(page)
