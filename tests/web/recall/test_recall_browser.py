"""A recall through a real browser: the range, the second person, progress and result; no page breaks a rule."""

from __future__ import annotations

import pytest

from tests.web.browsing import filled_by, shot

pytestmark = pytest.mark.browser
FILL = """
from tests.web.recall import killed
from django.core.management import call_command
call_command("migrate", verbosity=0)
killed.seed_demo()
killed.COUNT = 30
killed.findings()
for region in ("990102", "990101"):
    asked = killed.services.Asked("N67", region)
    made = killed.services.propose(killed.viewer("chief"), asked, "该规则的限定与说明书不一致")
made = killed.services.decide(killed.viewer("recall"), made.pk, confirm=True, opinion="同意")
killed.Job.objects.filter(pk=made.job_id).update(state="running")
killed.performing.perform(killed.Job.objects.get(pk=made.job_id), lambda *_: None)
killed.Job.objects.filter(pk=made.job_id).update(state="done")
"""


@pytest.fixture(scope="module")
def site(chromium, tmp_path_factory):
    """The launcher over thirty findings of one rule."""
    with filled_by(chromium, tmp_path_factory.mktemp("recall"), FILL) as own:
        yield own


def test_a_recall_is_proposed_and_shown_with_what_came_of_it(visit) -> None:
    chief = visit("chief", "/recall/propose/")
    chief.get_by_label("规则").first.select_option("N67")
    chief.get_by_label("区划").select_option("990100")
    chief.get_by_role("button", name="查看涉及范围").click()
    chief.get_by_text("0 条疑点").first.wait_for()  # all of them are taken back
    shot(chief, "recall-preview")
    chief.goto("/recall/2/")
    chief.get_by_text("30 条疑点").first.wait_for()
    shot(chief, "recall-result")
    chief.goto("/recall/1/")
    chief.get_by_text("待撤回审批岗的另一人确认").wait_for()
    chief.goto("/recall/")
    assert chief.locator("table[data-rows] tbody tr").count() == 2
    chief.goto("/allocations/")
    clerk = visit("settlement1", "/fund/bank/")
    shot(clerk, "fund-bank")
    clerk.goto("/fund/clearing/?region=990101&month=2026-10")
    clerk.get_by_role("button", name="提请关账").click()
    clerk.get_by_text("待另一人办理").first.wait_for()
    shot(clerk, "fund-closing")
