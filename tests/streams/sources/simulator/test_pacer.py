"""City time that waits: it stops at the limit, goes on without a sprint, and reaches its end."""

import datetime as dt

from streams.citytime import CityClock, Leg, TickSchedule
from streams.sources.simulator.pacer import Pacer
from streams.sources.simulator.script_lines import ms

START = ms(dt.datetime(2015, 8, 12))


class Wall:
    ms = 0.0

    def __call__(self) -> float:
        return self.ms


def test_the_clock_stands_at_the_limit_and_waiting_is_not_caught_up() -> None:
    wall = Wall()
    pacer = Pacer(CityClock(START, 0.0, [Leg(100, START + 100_000)]), wall)
    wall.ms = 500.0
    assert pacer.city_ms() == START
    pacer.kept(START + 20_000)
    assert pacer.city_ms() == START
    wall.ms = 600.0
    assert pacer.city_ms() == START + 10_000
    assert pacer.wait_s(START + 15_000) == 0.05
    wall.ms = 5_000.0
    assert pacer.city_ms() == START + 20_000
    assert pacer.held_ms == 500.0 + 4_300.0


def test_waiting_before_the_limit_moves_is_held_even_if_nobody_asked() -> None:
    wall = Wall()
    pacer = Pacer(CityClock(START, 0.0, [Leg(100, START + 100_000)]), wall)
    wall.ms = 900.0
    pacer.kept(START + 100_000)
    assert pacer.city_ms() == START
    wall.ms = 10_000.0
    assert pacer.city_ms() == START + 100_000


def test_the_limit_never_goes_back() -> None:
    pacer = Pacer(CityClock(START, 0.0, [Leg(100, START + 100_000)]), Wall())
    pacer.kept(START + 5_000)
    pacer.kept(START + 1_000)
    assert pacer.limit_ms == START + 5_000


def test_ticks_by_its_wall_time_never_pass_the_limit() -> None:
    wall = Wall()
    pacer = Pacer(CityClock(START, 0.0, [Leg(1000, START + 60_000)]), wall)
    schedule = TickSchedule(pacer.clock)
    for step in range(200):
        wall.ms = step * 5.0
        if step % 20 == 0:
            pacer.kept(START + step * 300)
        due = schedule.due(pacer.now_ms())
        if due is not None:
            assert due <= pacer.limit_ms
            schedule.told(due)
    assert schedule.last_ms > START


def test_a_hold_stops_the_clock_until_it_is_let_go_and_the_waiting_is_lost() -> None:
    wall = Wall()
    pacer = Pacer(CityClock(START, 0.0, [Leg(100, START + 100_000)]), wall)
    pacer.kept(START + 100_000)
    pacer.hold(START + 20_000)
    wall.ms = 900.0
    assert pacer.city_ms() == START + 20_000
    pacer.hold(START + 10_000)  # over already: it never goes back
    wall.ms = 950.0
    assert pacer.city_ms() == START + 20_000
    pacer.hold(None)
    wall.ms = 1_050.0
    assert pacer.city_ms() == START + 30_000
