"""The player: everything is sent once, nothing ahead of the ticks, and the clock waits for what is not yet kept."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from streams.citytime import CityClock, Leg
from streams.sources.simulator.pacer import Pacer
from streams.sources.simulator.simulator import AHEAD_MS, Simulator
from tests.streams.sources.simulator.plays import MIDNIGHT, clock, whole_day
from topics.events import Event
from topics.kitchen_events import Kitchen
from topics.positions import Position, Told
from topics.reading import Reading

HOUR_MS = 3_600_000
CITY_PHONES = set(whole_day().city.phones.values())


class Wall:
    """Wall time of a test: it passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.ms = 0.0

    def __call__(self) -> float:
        return self.ms

    async def sleep(self, seconds: float) -> None:
        self.ms += seconds * 1000
        await asyncio.sleep(0)


class ListDoors:
    """Doors that keep everything in lists; each call takes ``cost_ms`` of wall time."""

    def __init__(self, wall: Wall, cost_ms: float = 0.0) -> None:
        self.wall = wall
        self.cost_ms = cost_ms
        self.frames_sent: list[tuple[str, bytes]] = []
        self.bad: list[bytes] = []
        self.sent: list[Reading] = []
        self.events: list[Event] = []
        self.told: list[Told] = []
        self.words: list[Kitchen] = []
        self.documents: list[dict[str, Any]] = []
        self.records: list[tuple[str, str, bytes]] = []
        self.newest = 0

    async def frames(self, device: str, frames: Sequence[bytes]) -> int:
        self.frames_sent += [(device, each) for each in frames]
        return await self._kept()

    async def bad_frame(self, device: str, frame: bytes) -> None:
        self.bad.append(frame)

    async def readings(self, readings: Sequence[Reading]) -> int:
        self.sent += readings
        self.newest = max(self.newest, *(each.time for each in readings))
        return await self._kept()

    async def cargo(self, events: Sequence[Event]) -> int:
        self.events += events
        return await self._kept()

    async def positions(self, told: Sequence[Told]) -> int:
        self.told += told
        return await self._kept()

    async def terminal(self, phone: str, told: Sequence[Position]) -> int:
        assert phone in CITY_PHONES
        return await self.positions(told)

    async def kitchens(self, words: Sequence[Kitchen]) -> int:
        self.words += words
        return await self._kept()

    async def epcis(self, document: dict[str, Any]) -> int:
        self.documents.append(document)
        return await self._kept()

    async def publish(self, topic: str, records: Sequence[tuple[str, bytes]]) -> None:
        self.records += [(topic, key, value) for key, value in records]

    async def _kept(self) -> int:
        await self.wall.sleep(self.cost_ms / 1000)
        return 0


def player(
    start: int, end: int, speed: float | list[Leg], cost_ms: float = 0.0
) -> tuple[Simulator, ListDoors, Pacer, list[tuple[int, int, int]]]:
    """A simulator over [start, end), and what it noted after each slice: slice end, newest reading, tick."""
    wall = Wall()
    legs = speed if isinstance(speed, list) else [Leg(speed, end)]
    pacer = Pacer(CityClock(start, 0.0, legs), wall)
    doors = ListDoors(wall, cost_ms)
    notes: list[tuple[int, int, int]] = []

    def tick() -> int:
        return pacer.city_ms() // 1000 * 1000

    def note(city_ms: int) -> None:
        notes.append((city_ms, doors.newest, tick()))

    simulator = Simulator(whole_day(), doors, pacer, tick, note, wall.sleep)
    return simulator, doors, pacer, notes


async def test_every_reading_of_an_hour_goes_through_one_door_once() -> None:
    start, end = clock("10:00"), clock("11:00")
    simulator, doors, _, _ = player(start, end, 3000)
    report = await simulator.play()
    expected = Counter[str]()
    span = whole_day().span(start, end)
    for message in span.messages:
        expected[message.series[0].domain] += len(message.values)
    assert len(span.hours) == 1
    expected["pollution"] += len(span.hours[0].statistics)
    assert dict(report.readings) == dict(expected)
    assert report.refused == 0 and report.resent == 0
    wires = Counter(report.wires)
    assert wires["hj212"] == expected["pollution"]
    assert wires["http"] == len(doors.sent) and wires["topic"] == len(doors.records)
    assert len({(each.series, each.time) for each in doors.sent}) == len(doors.sent)
    assert report.frames == len(doors.frames_sent)
    documented = sum(len(each["epcisBody"]["eventList"]) for each in doors.documents)
    assert report.events["food"] == documented + len(doors.words)
    assert report.events["cargo"] == len(doors.events) + len(doors.told)
    assert {each.source for each in doors.sent} == {"simulator"}
    assert sum(b";RF=1;" in each for _, each in doors.frames_sent) == 30


async def test_no_reading_is_further_ahead_of_the_tick_than_allowed_and_the_clock_never_passes_what_is_kept() -> None:
    simulator, doors, pacer, notes = player(clock("01:00"), clock("02:00"), 3000, cost_ms=30)
    await simulator.play()
    assert len(notes) > 20
    for city_ms, newest, tick in notes:
        assert newest <= tick + AHEAD_MS
        assert tick <= city_ms
    assert pacer.city_ms() == clock("02:00")
    assert doors.wall.ms >= 3_600_000 / 3000


async def test_a_slow_door_slows_the_city_and_loses_nothing() -> None:
    quick, quick_doors, _, _ = player(clock("01:00"), clock("01:30"), 3000)
    slow, slow_doors, pacer, _ = player(clock("01:00"), clock("01:30"), 3000, cost_ms=400)
    one, other = await quick.play(), await slow.play()
    assert one.readings == other.readings and sorted(slow_doors.frames_sent) == sorted(quick_doors.frames_sent)
    assert pacer.held_ms > 1000 and other.held_ms == round(pacer.held_ms)
    assert slow_doors.wall.ms > quick_doors.wall.ms


async def test_each_fault_is_sent_and_its_end_is_foretold() -> None:
    simulator, doors, _, _ = player(clock("08:00"), clock("09:00"), 3000)
    report = await simulator.play()
    plan = report.to_dict()
    assert plan["expected_dead_letters"] == {
        "bad_frame": 2,
        "malformed_json": 1,
        "schema_mismatch": 1,
        "time_ahead": 1,
    }
    assert len(doors.bad) == 2
    unknown = [device for device, _ in doors.frames_sent if device.startswith("999999")]
    assert len(unknown) == 1 and plan["expected_unregistered"] == 5 + 1
    twice = [each for each, count in Counter(doors.frames_sent).items() if count == 2]
    assert len(twice) == 1 and plan["repeated"] == 5
    wrong = [value for _, _, value in doors.records if b"NaN" in value or b"5680281600000" in value]
    assert len(wrong) == 2
    for value in wrong:
        with pytest.raises(msgspec.DecodeError):
            msgspec.json.decode(value, type=Reading)
    span = whole_day().span(clock("08:00"), clock("09:00"))
    healthy = sum(len(each.values) for each in span.messages) + sum(len(each.statistics) for each in span.hours)
    assert sum(report.readings.values()) == healthy + 5 + 1


async def test_the_weeks_before_are_sent_at_once_in_order() -> None:
    simulator, doors, _, _ = player(MIDNIGHT, MIDNIGHT + HOUR_MS, 3000)
    sent = await simulator.weeks_before()
    assert sent == len(doors.events) == simulator.report.events["cargo"] > 700
    assert [each.time for each in doors.events] == sorted(each.time for each in doors.events)
    assert all(each.time < MIDNIGHT for each in doors.events)


async def test_the_night_comes_with_its_fire_and_its_blasts() -> None:
    simulator, doors, _, _ = player(clock("22:50"), clock("23:36"), 60)
    await simulator.play()
    seen = [(each.id, each.time) for each in doors.events]
    assert seen == [
        ("first-fire", clock("22:51:46")),
        ("first-blast", clock("23:34:06")),
        ("second-blast", clock("23:34:37")),
    ]
    lost = [each for each in doors.sent if each.series.startswith("yard-ruihai/")]
    assert lost and max(each.time for each in lost) < clock("23:34:06")


@pytest.mark.parametrize("cost_ms", [0.0, 15.0, 90.0])
async def test_a_play_of_several_speeds_comes_to_its_end(cost_ms: float) -> None:
    """The slices grow shorter and longer at the legs' borders, with one still under way."""
    start, end = clock("01:00"), clock("01:40")
    legs = [Leg(3100, clock("01:13:30")), Leg(60, clock("01:15")), Leg(1000, clock("01:30")), Leg(3100, end)]
    simulator, _, pacer, notes = player(start, end, legs, cost_ms)
    async with asyncio.timeout(30):
        report = await simulator.play()
    assert pacer.city_ms() == end == notes[-1][0]
    expected = sum(len(each.values) for each in whole_day().span(start, end).messages)
    assert sum(report.readings.values()) == expected


async def test_a_clock_without_an_end_is_refused() -> None:
    pacer = Pacer(CityClock(MIDNIGHT, 0.0, [Leg(60)]), Wall())
    simulator = Simulator(whole_day(), ListDoors(Wall()), pacer, pacer.city_ms)
    with pytest.raises(ValueError, match="a city clock with an end"):
        await simulator.play()
