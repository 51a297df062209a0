"""A local rule filled in, tried and replayed in a real browser; the result of a what-if."""

from __future__ import annotations

import pytest

from tests.web.browsing import filled_by, shot, violations
from tests.web.rulebase.test_rule_pages import STORIES

pytestmark = pytest.mark.browser
FILL = """
import os, tempfile
from pathlib import Path
from django.conf import settings
from django.core.management import call_command
import django
django.setup()
call_command("migrate", verbosity=0)
from fundguard.audit.batch import audit
from fundguard.claims.intake import import_path
from fundguard.web.accounts.services import seed_demo
from fundguard.web.core import store
from fundguard.web.wiring import AFTER_RUN
from tests.web import small_claims
seed_demo()
with tempfile.TemporaryDirectory() as folder:
    for name, content in small_claims.files().items():
        (Path(folder) / name).write_bytes(content)
    import_path(Path(folder), settings.STORE)
audit(store.opened(), settings.RUNS / "first")
for effect in AFTER_RUN:
    effect(settings.RUNS / "first")
"""


@pytest.fixture(scope="module")
def site(chromium, tmp_path_factory):
    """The launcher over the small claims."""
    with filled_by(chromium, tmp_path_factory.mktemp("rulebase"), FILL) as own:
        yield own


def test_a_rule_is_filled_in_and_a_what_if_told(visit) -> None:
    page = visit("knowledge1", "/rulebase/new/")
    page.get_by_role("link", name="就诊频次").click()
    for name, text in (
        ("name", "频繁购药"),
        ("klass", "本地规则/就诊行为"),
        ("set_way", "pharmacy"),
        ("set_limit", "3"),
        ("message", "一个自然月内购药次数超过阈值"),
        ("papers", "购药清单、病历"),
        ("valid_from", "2026-01-01"),
        ("examples", STORIES),
    ):
        page.locator(f"[name={name}]").fill(text)
    page.locator("[name=verdict]").select_option("可疑")
    page.get_by_label("事后", exact=True).check()
    page.get_by_label("购药", exact=True).check()
    page.locator("[name=article]").select_option("条例:17")
    page.get_by_role("button", name="运行示例").click()
    page.locator("#tried").wait_for()
    assert violations(page) == []
    shot(page, "rule-form", whole=True)
    page.get_by_role("button", name="保存草案").click()
    page.get_by_role("heading", name="L501 第 1 版").wait_for()
    page.get_by_role("button", name="在全部历史数据上回放").click()
    page.get_by_role("heading", name="各规则").wait_for(timeout=120_000)
    page.goto("/rulebase/what-ifs/start/?rule=N67")
    page.locator("[name=settings]").fill("sex=1")
    page.locator("[name=region]").select_option("990100")
    page.get_by_role("button", name="开始试算").click()
    page.get_by_role("heading", name="各规则").wait_for(timeout=120_000)
    chief = visit("chief", "/rulebase/what-ifs/2/")  # who may see findings is told which they are
    chief.get_by_role("heading", name="新增命中").wait_for()
    assert violations(chief) == []
    shot(chief, "whatif")
