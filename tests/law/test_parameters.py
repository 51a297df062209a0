from datetime import date, timedelta

import pytest

from fundguard import law
from fundguard.errors import Refusal

LOCAL = """
n29.age_from:
  name: 就业年龄下限
  unit: years
  applies_on: conduct
  values:
    - {from: 2024-01-01, value: 16, tag: X, set_by: agreement}
n15.share:
  name: 计收比例
  unit: e4
  applies_on: conduct
  values:
    - {from: 2024-01-01, region: "330000", value: 6000, tag: X, set_by: agreement}
    - {from: 2025-01-01, region: "330600", value: 5000, tag: S}
    - {from: 2026-01-01, to: 2026-07-01, region: "330600", value: 4000, tag: P, article: "条例:38"}
"""


@pytest.fixture
def local(tmp_path):
    (tmp_path / "local.yaml").write_text(LOCAL, "utf-8")
    return (tmp_path,)


@pytest.mark.parametrize(
    ("region", "day", "value", "flagged"),
    [
        ("", date(2025, 6, 1), 7500, "演示值"),
        ("110000", date(2025, 6, 1), 7500, "演示值"),
        ("330102", date(2025, 6, 1), 6000, ""),  # province
        ("330102", date(2023, 12, 31), 7500, "演示值"),  # before the province set it: the nation's
        ("330602", date(2024, 12, 31), 6000, ""),
        ("330602", date(2025, 1, 1), 5000, "未核实"),  # city before province, first day in force
        ("330602", date(2025, 12, 31), 5000, "未核实"),
        ("330602", date(2026, 6, 30), 4000, ""),
        ("330602", date(2026, 7, 1), 6000, ""),  # the city's has ended: the province's again
    ],
)
def test_the_value_in_force_that_day_in_the_nearest_region(local, region, day, value, flagged):
    found = law.parameter("n15.share", day=day, region=region, overlays=local)
    assert (found.value, found.flagged, found.unit, found.applies_on) == (value, flagged, "e4", "conduct")


@pytest.mark.parametrize(
    ("key", "day", "message"),
    [
        ("n29.age_from", date(2026, 1, 1), "未设定"),  # [M]
        ("n76.herbs_per_prescription", date(2026, 3, 1), "未设定"),  # [X]
        ("n15.share", date(2021, 4, 30), "该日无有效值"),
        ("n99.nothing", date(2026, 1, 1), "未登记"),
    ],
)
def test_what_no_law_or_bureau_has_set_is_refused_with_what_is_missing(key, day, message):
    with pytest.raises(Refusal, match=message) as refused:
        law.parameter(key, day=day)
    assert key in str(refused.value)


def test_a_bureau_may_set_what_no_law_sets(local):
    assert law.parameter("n29.age_from", day=date(2026, 1, 1), overlays=local).value == 16


def test_a_secondary_source_acts_and_is_marked():
    found = law.parameter("n49.interval", day=date(2026, 1, 1), region="330602")
    assert (found.value, found.unit, found.tag, found.flagged) == (15, "days", "S", "未核实")


@pytest.mark.parametrize(
    "entry",
    [
        "{from: 2024-01-01, value: 1, tag: X}",  # a number out of nowhere
        "{from: 2024-01-01, value: 1, tag: Q}",
        "{from: 2024-01-01, value: 1, tag: P, set_by: someone}",
        "{value: 1, tag: P}",
        "{from: 2024-01-01, value: 0.75, tag: P}",
        "{from: 2024-01-01, value: 1, tag: P, until: 2025-01-01}",
    ],
)
def test_a_malformed_local_value_is_refused(tmp_path, entry):
    text = f"n15.share:\n  name: 比例\n  unit: e4\n  applies_on: conduct\n  values:\n    - {entry}\n"
    (tmp_path / "bad.yaml").write_text(text, "utf-8")
    with pytest.raises(Refusal, match="参数"):
        law.parameter("n15.share", day=date(2026, 1, 1), overlays=(tmp_path,))


def test_every_shipped_parameter_rests_on_an_article_on_file_or_says_who_set_it():
    unset = {
        "n29.age_from",
        "n46.kinds_per_day",
        "n76.herbs_per_prescription",
        *(f"n09.{kind}_days" for kind in ("outpatient", "emergency", "chronic", "take_home")),
        "finding.incident_report",
        "finding.incident_amount",
    }
    # shares against peers: references are a region's own, the nation has set none
    unset |= {key for key in law.parameter_keys() if key.startswith(("statistic.", "routine.", "n53.", "n62."))}
    unset |= {f"n{number}.reference" for number in range(56, 64)}
    for key in set(law.parameter_keys()) - unset:
        for region in ("", "430100"):
            found = law.parameter(key, day=date(2026, 7, 1), region=region)
            assert not found.article or law.article(found.article).in_force(date(2026, 7, 1))
            assert found.article or found.flagged, key


def test_the_version_follows_the_content(local, tmp_path):
    before = law.version(local)
    assert before == law.version(local) != law.version()
    (tmp_path / "local.yaml").write_text(LOCAL + "\n", "utf-8")
    assert law.version(local) != before


def test_the_periods_say_what_each_day_says(local):
    """Every day of five years lies in the period whose value a look-up of that day gives, or in none."""
    for region in ("", "110000", "330102", "330602"):
        found = law.periods("n15.share", region=region, overlays=local)
        day = date(2021, 4, 1)
        while day < date(2026, 12, 31):
            inside = [p.value for p in found if p.since <= day and (p.until is None or day < p.until)]
            try:
                looked_up = [law.parameter("n15.share", day=day, region=region, overlays=local)]
            except Refusal:
                looked_up = []
            assert inside == looked_up, (region, day)
            day += timedelta(days=1)


def test_equal_values_on_end_are_one_period_and_days_without_value_lie_in_none(tmp_path):
    (tmp_path / "local.yaml").write_text(
        """
a:
  name: 甲
  unit: days
  applies_on: conduct
  values:
    - {from: 2024-01-01, value: 5, tag: X, set_by: agreement}
    - {from: 2024-06-01, value: 5, tag: X, set_by: agreement}
    - {from: 2025-01-01, tag: X}
    - {from: 2026-01-01, to: 2026-02-01, value: 7, tag: X, set_by: agreement}
""",
        "utf-8",
    )
    found = law.periods("a", overlays=(tmp_path,))
    assert [(p.since, p.until, p.value.value) for p in found] == [
        (date(2024, 1, 1), date(2025, 1, 1), 5),
        (date(2026, 1, 1), date(2026, 2, 1), 7),
    ]
