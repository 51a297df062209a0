from datetime import date

import pytest

from fundguard.law import calendar


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 10, 1), False),  # Thursday, National Day
        (date(2026, 10, 9), True),
        (date(2026, 10, 10), True),  # Saturday worked to make up
        (date(2026, 10, 11), False),
        (date(2026, 2, 14), True),  # Saturday before the Spring Festival
        (date(2004, 5, 3), False),
    ],
)
def test_holidays_and_make_up_days(day, worked):
    assert calendar.is_workday(day) is worked


@pytest.mark.parametrize(
    ("start", "count", "end", "provisional"),
    [
        (date(2026, 9, 30), 5, date(2026, 10, 13), False),  # 8, 9, 10 (Saturday), 12, 13
        (date(2026, 12, 30), 1, date(2026, 12, 31), False),
        (date(2026, 12, 31), 1, date(2027, 1, 1), True),  # the notice for 2027 is not in the table
        (date(2026, 3, 2), 0, date(2026, 3, 2), False),
    ],
)
def test_a_deadline_over_an_unannounced_year_is_provisional(start, count, end, provisional):
    assert calendar.after_workdays(start, count) == calendar.Deadline(end, provisional)


@pytest.mark.parametrize(
    ("start", "count", "excluded", "end", "provisional"),
    [
        (date(2026, 3, 2), 10, (), date(2026, 3, 12), False),
        (date(2026, 3, 5), 10, (), date(2026, 3, 16), False),  # Sunday the 15th moves to Monday
        (date(2026, 2, 5), 10, (), date(2026, 2, 24), False),  # into the Spring Festival, past its worked Saturday
        (
            date(2026, 3, 2),
            10,
            (date(2026, 3, 4), date(2026, 3, 5)),
            date(2026, 3, 16),
            False,
        ),  # 14th: Saturday
        (date(2026, 12, 31), 1, (), date(2027, 1, 1), True),
        (date(2026, 3, 2), 0, (), date(2026, 3, 2), False),
    ],
)
def test_calendar_days_end_on_a_worked_day(start, count, excluded, end, provisional):
    assert calendar.after_days(start, count, frozenset(excluded)) == calendar.Deadline(end, provisional)


def test_every_year_from_2004_to_2026_is_announced():
    assert [year for year in range(2003, 2028) if calendar.is_announced(year)] == list(range(2004, 2027))
