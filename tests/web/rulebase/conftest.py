"""A rule that the small claims hit, changed by two people."""

from __future__ import annotations

import pytest

from fundguard.rules import catalogue
from fundguard.web.rulebase import drafting, services
from fundguard.web.rulebase.drafting import Draft
from fundguard.web.rulebase.models import Version, WhatIf
from tests.web import small_claims
from tests.web.knowledge_base.conftest import handed_in, workbook  # noqa: F401  fixtures

CITY = "990100"
REASON = "按市局规则评审会意见办理"


@pytest.fixture
def data(data, settings):
    """What-ifs lie below the same folder."""
    settings.DATA = data
    return data


@pytest.fixture
def run_again(upload, started):
    """The small claims are imported; `run_again()` runs the rule over them."""
    upload()
    return lambda: started(rules=["N67"])


@pytest.fixture
def narrower(viewer):
    """`narrower()`: the next version of N67, which leaves out one of the hospitals; its author is knowledge1."""

    def write(place: str = small_claims.YUNLING, **changes: object) -> Version:
        content = catalogue.data("N67") | {"excepted": {"fixmedins_code": [place]}} | changes
        return drafting.write(viewer("knowledge1"), Draft(content, "", catalogue.examples_text("N67")))

    return write


@pytest.fixture
def replayed(signed_in, django_capture_on_commit_callbacks):
    """`replayed(version)`: its replay over the city, done."""

    def replay(version: Version, region: str = CITY) -> WhatIf:
        with django_capture_on_commit_callbacks(execute=True):
            page = f"/rulebase/rules/{version.rule_code}/{version.number}/replay/"
            assert signed_in("knowledge1").post(page, {"region": region}).status_code == 302
        return WhatIf.objects.latest("pk")

    return replay


@pytest.fixture
def placed(viewer):
    """`placed(version, "publish")`: proposed by knowledge1's colleague where the author is knowledge1, and agreed."""

    def place(version: Version, act: str, region: str = CITY, institutions: tuple[str, ...] = ()):
        made = services.propose(viewer("knowledge1"), services.Asked(version, act, region, institutions), REASON)
        return services.decide(viewer("knowledge2"), made.pk, confirm=True, opinion="同意")

    return place
