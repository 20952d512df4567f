"""Healthy signals: the same by seed however they are cut, lively, heavy-tailed, and never beyond a limit."""

import datetime as dt
import itertools
import time

import msgspec
import numpy as np
import pytest

from streams.sources.simulator.city import load_city
from streams.sources.simulator.script_lines import ms
from streams.sources.simulator.signals import BOUND, DAY_MS, MINUTE_MS, Signals
from tests.streams.sources.simulator.limits import breaches, limits_of

CITY = load_city()
MIDNIGHT = ms(dt.datetime(2015, 8, 12))


def test_equal_seeds_give_equal_values_however_a_span_is_cut() -> None:
    _, whole = Signals(CITY).minutes(MIDNIGHT - 2 * 3_600_000, MIDNIGHT + 3_600_000)
    other = Signals(CITY)
    cuts = [MIDNIGHT - 7_200_000, MIDNIGHT - 5_000_001, MIDNIGHT - 60_000, MIDNIGHT + 1, MIDNIGHT + 3_600_000]
    parts = [other.minutes(a, b)[1] for a, b in reversed(list(itertools.pairwise(cuts)))]
    assert np.array_equal(np.concatenate(parts[::-1], axis=1), whole)


def test_another_seed_gives_another_city() -> None:
    city = msgspec.structs.replace(CITY, city=msgspec.structs.replace(CITY.city, seed=CITY.city.seed + 1))
    _, one = Signals(CITY).minutes(MIDNIGHT, MIDNIGHT + DAY_MS)
    _, other = Signals(city).minutes(MIDNIGHT, MIDNIGHT + DAY_MS)
    assert np.mean(one == other) < 0.1


def test_a_finer_grid_agrees_with_the_minutes_and_moves_between_them() -> None:
    signals = Signals(CITY)
    grid, minutes = signals.minutes(MIDNIGHT - 600_000, MIDNIGHT + 600_000)
    fine_grid, fine = signals.fine(MIDNIGHT - 600_000, MIDNIGHT + 600_000, 10_000)
    on_minute = fine_grid % MINUTE_MS == 0
    assert np.array_equal(fine_grid[on_minute], grid)
    assert np.array_equal(fine[:, on_minute], minutes)
    later = Signals(CITY).fine(MIDNIGHT + 250_000, MIDNIGHT + 400_000, 10_000)
    assert np.array_equal(later[1], fine[:, (fine_grid >= MIDNIGHT + 250_000) & (fine_grid < MIDNIGHT + 400_000)])
    assert len(np.unique(fine, axis=1).T) > 100


def test_a_city_that_is_given_a_wind_keeps_all_its_other_series() -> None:
    still = tuple(each for each in CITY.sites if each.id != "met-01")
    calm, windy = Signals(msgspec.structs.replace(CITY, sites=still)), Signals(CITY)
    span = (MIDNIGHT - 3_600_000, MIDNIGHT + 3_600_000)
    assert np.array_equal(calm.minutes(*span)[1], windy.minutes(*span)[1][: len(calm.series)])
    fine = (MIDNIGHT + 250_000, MIDNIGHT + 400_000, 10_000)
    assert np.array_equal(calm.fine(*fine)[1], windy.fine(*fine)[1][: len(calm.series)])


def test_a_direction_follows_its_course_and_goes_past_north_by_the_shorter_way() -> None:
    veering = msgspec.structs.replace(
        CITY.signals["wind_direction"], course=((0.0, 300.0), (12.0, 360.0), (24.0, 420.0))
    )
    city = msgspec.structs.replace(CITY, signals=CITY.signals | {"wind_direction": veering})
    (row,) = (each.index for each in city.series if each.quantity == "a01008")
    signals = Signals(city)
    minutes = signals.minutes(MIDNIGHT, MIDNIGHT + DAY_MS)[1][row]
    assert minutes.min() >= 0 and minutes.max() < 360
    off = (minutes - np.interp(np.arange(1440) / 60, (0, 24), (300, 420)) + 180) % 360 - 180
    assert np.abs(off).max() < 45 and abs(off.mean()) < 3
    noon = MIDNIGHT + DAY_MS // 2
    fine = signals.fine(noon - 1_800_000, noon + 1_800_000, 10_000)[1][row]
    assert (fine > 300).any() and (fine < 60).any() and not ((fine > 60) & (fine < 300)).any()


def test_the_wind_of_the_night_is_what_the_observatory_said() -> None:
    """From 23:00 on west and south-west, force 1 (0.3 to 1.5 m/s): China News, 13 August 2015."""
    values = Signals(CITY).minutes(MIDNIGHT + 23 * 3_600_000, MIDNIGHT + DAY_MS)[1]
    speed, direction = (
        next(values[each.index] for each in CITY.series if each.quantity == name) for name in ("a01007", "a01008")
    )
    assert 0.3 <= np.median(speed) <= 1.5
    assert np.percentile(direction, 2) > 202.5 and np.percentile(direction, 98) < 292.5


def test_an_empty_span_is_empty() -> None:
    for grid, values in (
        Signals(CITY).minutes(MIDNIGHT + 1, MIDNIGHT + 2),
        Signals(CITY).fine(MIDNIGHT, MIDNIGHT, 10_000),
    ):
        assert grid.size == 0 and values.shape == (len(CITY.series), 0)


def test_fourteen_days_take_a_few_seconds_of_one_core() -> None:
    signals = Signals(CITY)
    started = time.process_time()
    for day in range(14):
        signals.minutes(MIDNIGHT + day * DAY_MS, MIDNIGHT + (day + 1) * DAY_MS)
    assert time.process_time() - started < 5.0


def test_signals_have_a_day_a_memory_tails_and_the_instruments_step() -> None:
    signals = Signals(CITY)
    _, values = signals.minutes(MIDNIGHT, MIDNIGHT + 10 * DAY_MS)
    for series in CITY.series:
        one = values[series.index]
        steps = one / series.signal.step
        if series.statistic == "Rtd":
            assert np.allclose(steps, np.round(steps), atol=1e-6), series.id
        longest = int(np.diff(np.flatnonzero(np.diff(one, prepend=np.nan) != 0)).max())
        assert longest < 20, (series.id, "stands still", longest)
    cod = next(each for each in CITY.series if each.quantity == "w01018")
    days = values[cod.index].reshape(10, 1440)
    rest = days - days.mean(axis=0)
    assert 0.6 < np.corrcoef(rest[:, :-1].ravel(), rest[:, 1:].ravel())[0, 1] < 0.99
    hours = days.mean(axis=0).reshape(24, 60).mean(axis=1)
    assert hours.max() - hours.min() > 3.0
    noise = signals._shock(16_000)
    assert np.mean((noise / noise.std()) ** 4) > 4.0, "tails no heavier than normal"
    assert np.abs(signals._noise(16_000)).max() <= BOUND


@pytest.mark.parametrize("first", [dt.date(2015, 7, 13), dt.date(2026, 7, 1)])
def test_a_healthy_month_breaks_no_limit(first: dt.date) -> None:
    signals = Signals(CITY)
    broken, checked = [], 0
    for day in (first + dt.timedelta(days=each) for each in range(30)):
        start = ms(dt.datetime.combine(day, dt.time()))
        grid, values = signals.minutes(start, start + DAY_MS)
        for series in CITY.series:
            for limit in limits_of(CITY, series, day):
                checked += 1
                broken += [(series.id, limit.level, each) for each in breaches(limit, grid, values[series.index])]
    assert checked > 30 * 200
    assert broken == []
