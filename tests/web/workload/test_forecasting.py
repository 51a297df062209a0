"""What is to be expected, honest about short histories, the same whenever it is asked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fundguard.web.workload.forecasting import HORIZON, LEAST, Past, forecast, missed, next_days, past

TODAY = date(2026, 11, 23)  # a Monday


def days(count: int, *, arrived: int = 0, done: int = 10) -> list[Past]:
    return [Past(TODAY - timedelta(days=number), arrived, done) for number in range(count)]


def test_a_steady_pace_ends_when_it_must() -> None:
    told = forecast(95, days(20), "s")
    assert told is not None
    assert (told.low, told.middle, told.high) == (10, 10, 10)
    assert told.band[0] == (85, 85, 85)
    assert told.band[-1] == (0, 0, 0)


def test_what_comes_in_as_fast_as_it_goes_never_ends() -> None:
    told = forecast(95, days(20, arrived=10), "s")
    assert told is not None
    assert (told.low, told.middle, told.high) == (None, None, None)
    assert len(told.band) < HORIZON


def test_an_uneven_pace_gives_an_interval_around_the_middle() -> None:
    uneven = [Past(one.day, 0, 30 if place % 3 == 0 else 1) for place, one in enumerate(days(20))]
    told = forecast(200, uneven, "s")
    assert told is not None
    assert told.low < told.middle < told.high
    assert all(low <= middle <= high for low, middle, high in told.band)
    assert forecast(200, uneven, "s") == told, "the same day gives the same forecast"


@pytest.mark.parametrize(("count", "told"), [(LEAST - 1, False), (LEAST, True)])
def test_a_short_history_is_no_forecast(count: int, told: bool) -> None:
    idle = [Past(one.day, 0, 0) for one in days(20 - count)]
    assert (forecast(50, [*days(count), *idle], "s") is not None) is told


def test_working_days_alone_and_from_the_first_on_which_work_began() -> None:
    friday, saturday, monday = (TODAY - timedelta(days=number) for number in (10, 9, 7))
    told = past({friday: 500, monday: 7}, {friday: 3, saturday: 2, monday: 4}, TODAY)
    assert told[0] == Past(friday, 0, 3), "what was there when work began is no arrival"
    assert told[1] == Past(monday, 7, 6), "a day off joins the next working day"
    assert [one.day.weekday() for one in told] == [4, 0, 1, 2, 3, 4]


def test_a_window_that_is_full_keeps_its_first_day() -> None:
    full = {TODAY - timedelta(days=number): 1 for number in range(80)}
    told = past(full, full, TODAY)
    assert (len(told), told[0].arrived >= 1) == (20, True)


def test_terms_that_cannot_be_kept_even_in_the_best_order() -> None:
    due = {TODAY: 5, TODAY + timedelta(days=1): 20, TODAY + timedelta(days=4): 5, TODAY - timedelta(days=1): 99}
    assert missed(due, 10, TODAY) == 5, "20 by tomorrow evening, 25 due"
    assert missed(due, 15, TODAY) == 0
    assert missed(due, 0, TODAY) == 30, "what is late already is told elsewhere"
    assert missed({}, 3, TODAY) == 0
    weekend = {TODAY + timedelta(days=6): 60}  # Sunday: Saturday and Sunday are no working days
    assert missed(weekend, 10, TODAY) == 10


def test_the_chart_names_working_days() -> None:
    assert next_days(date(2026, 11, 20), 2) == [date(2026, 11, 23), date(2026, 11, 24)]
