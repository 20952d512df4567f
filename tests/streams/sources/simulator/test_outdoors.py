"""Vehicles and cameras of the played day: where a truck is when, what comes late, what a camera that is silent says."""

import datetime as dt
from itertools import pairwise

from msgspec.structs import replace

from records.carriage.distance import distance_m
from streams.sources.jt808.gateway import Jt808Gateway
from streams.sources.memory_publisher import MemoryPublisher
from streams.sources.simulator.driving import Drive, driven
from streams.sources.simulator.outdoors import Outdoors, reports, said
from streams.sources.simulator.script_lines import Cameraman, Sighted, Trip, Unclear, Window, ms
from streams.sources.simulator.terminal import Terminal
from tests.streams.sources.jt808 import vehicles
from topics.finding import Text
from topics.kitchen_events import CameraState, KitchenSight
from topics.positions import Position, read_told

NOON = dt.datetime(2015, 8, 12, 12)
TITLE = Text("车", "a truck")
HERE, THERE = (39.0, 117.7), (39.01, 117.7)


def at(minute: float) -> dt.datetime:
    return NOON + dt.timedelta(minutes=minute)


def trip(offline: tuple[Window, ...] = ()) -> Trip:
    way = (Drive(THERE, 40.0), Drive(stand_s=120))
    return Trip(
        id="t", title=TITLE, source="s", basis="assumed", site="haul", carrier="津A1", waybill="W", start=NOON,
        begins=HERE, drives=way, offline=offline,
    )  # fmt: skip


def test_it_drives_at_its_speed_and_then_stands_where_it_came_to() -> None:
    rows = list(driven(HERE, (Drive(THERE, 36.0), Drive(stand_s=60)), 10))
    assert [second for second, _, _ in rows] == list(range(0, 10 * len(rows), 10))
    for (_, before, _), (_, after, kmh) in pairwise(rows):
        assert distance_m(before, after) <= 100.1 if kmh else distance_m(after, THERE) < 0.1
    assert rows[-1][2] == 0.0 and rows[-1][0] == 170  # 1112 m at 10 m/s, then a minute


def test_what_was_kept_without_a_network_comes_when_that_ends_and_says_so() -> None:
    gap = Window(at(0.5), at(1.5))
    told = list(reports(trip((gap,))))
    kept = [each for each in told if each.position.resent]
    assert {each.sent for each in kept} == {ms(at(1.5))}
    assert [each.position.time for each in kept] == [ms(NOON) + 1000 * second for second in (40, 60, 80)]
    assert all(each.sent == each.position.time for each in told if not each.position.resent)


CAMERA = Cameraman(
    id="c", title=TITLE, source="s", basis="assumed", site="k", camera="C1", start=NOON, end=at(60), every_s=240
)


def test_a_camera_says_how_it_sees_and_nothing_while_it_is_silent() -> None:
    words = list(said(replace(CAMERA, silent=(Window(at(10), at(30)),), unclear=(Unclear(at(40), at(50), "dark"),))))
    states = {(each.time - ms(NOON)) // 60_000: each.state for each in words if isinstance(each, CameraState)}
    assert not [minute for minute in states if 10 <= minute < 30]
    assert {minute for minute, state in states.items() if state == "dark"} == {40, 44, 48}


def test_any_cut_of_time_gives_each_word_once() -> None:
    lines = (trip((Window(at(0.5), at(1.5)),)), replace(CAMERA, sights=(Sighted(at(7), "rat", 0.9),)))
    whole = Outdoors(lines)
    start, end = ms(NOON) - 1, ms(at(61))
    cuts = [start, start + 1, start + 90_001, start + 500_000, end]
    parts = list(pairwise(cuts))
    assert [each for a, b in parts for each in whole.reports_in(a, b)] == whole.reports_in(start, end) == whole.reports
    assert [each for a, b in parts for each in whole.words_in(a, b)] == whole.words
    assert [each.what for each in whole.words if isinstance(each, KitchenSight)] == ["rat"]


async def test_a_terminal_reports_over_the_real_protocol_and_begins_anew_when_the_line_is_lost() -> None:
    publisher = MemoryPublisher()
    gateway = Jt808Gateway(vehicles.city())
    await gateway.start(publisher)
    mine = Terminal("127.0.0.1", gateway.port, vehicles.PHONE, vehicles.PLATE)
    told = [each.position for each in reports(replace(trip((Window(at(0.5), at(1.5)),)), carrier=vehicles.PLATE))]
    try:
        assert await mine.deliver(told[:4]) == 0
        for connection in gateway.connections:
            connection.close()
        assert await mine.deliver(told[4:]) >= 1
    finally:
        await mine.close()
        await gateway.stop()
    came = [read_told(value) for value in publisher.values("positions")]
    rows = {(each.time, each.lat, each.lon, each.resent) for each in came if isinstance(each, Position)}
    assert rows == {(each.time, each.lat, each.lon, each.resent) for each in told}
