"""The gateway as the upper computer, against a device that answers as a logger in the field does."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Any

import msgspec
import pytest

from streams.sources.device_limits import Limits
from streams.sources.hj212.client import build_frame
from streams.sources.hj212.device_keys import DeviceKey, DeviceKeys
from streams.sources.hj212.gateway import Hj212Gateway
from streams.sources.hj212.logger import Logger
from streams.sources.hj212.upper import Duties, UpperComputer
from streams.sources.memory_publisher import MemoryPublisher
from tests.patience import until
from tests.streams.sources.hj212.plant import NOW, REGISTRY
from topics.device_event import DeviceEvent
from topics.reading import Reading

HOUR = 3_600_000
#: The hour that has just ended.
T0 = NOW // HOUR * HOUR - HOUR
READINGS = "readings.pollution"


class Wall:
    """The gateway's clocks: the wall's, and the loop's with a jump for time-outs."""

    def __init__(self) -> None:
        self.ms, self.jump_s = NOW, 0.0

    def now_ms(self) -> int:
        return self.ms

    def now_s(self) -> float:
        return monotonic() + self.jump_s


class Rig:
    """A gateway with its upper computer, what it kept, and a device."""

    def __init__(self, source: Hj212Gateway, upper: UpperComputer, publisher: MemoryPublisher, wall: Wall) -> None:
        self.source, self.upper, self.publisher, self.wall = source, upper, publisher, wall

    def logger(self, mn: str = "OUTLET1", **options: Any) -> Logger:
        return Logger("127.0.0.1", self.source.port, mn, self.wall.now_ms, **options)

    def events(self, kind: str) -> list[DeviceEvent]:
        every = [msgspec.json.decode(each, type=DeviceEvent) for each in self.publisher.values("device-events")]
        return [event for event in every if event.kind == kind]

    def readings(self) -> list[Reading]:
        return [msgspec.json.decode(each, type=Reading) for each in self.publisher.values(READINGS)]


@asynccontextmanager
async def rig(duties: Duties, keys: DeviceKeys | None = None) -> AsyncIterator[Rig]:
    wall, publisher = Wall(), MemoryPublisher()
    upper = UpperComputer(duties, wall.now_s, wall.now_ms, keys=keys)
    limits = Limits(answer_s=0.04)  # looks every 20 ms
    source = Hj212Gateway(REGISTRY, now_ms=wall.now_ms, upper=upper, keys=keys, limits=limits)
    await source.start(publisher)
    try:
        yield Rig(source, upper, publisher, wall)
    finally:
        await source.stop()


CLOCKS = Duties(clock_tolerance_s=60, ask_back_days=0)
HISTORY = Duties(clock_tolerance_s=0, ask_back_days=7, asks_per_min=600)


def hour(value: float) -> dict[str, dict[str, str]]:
    return {"w01018": {"Avg": str(value), "Flag": "N"}}


def done(rig: Rig, count: int = 1) -> Callable[[], bool]:
    return lambda: len(rig.events("command")) >= count


async def test_a_wrong_clock_is_set_right() -> None:
    async with rig(CLOCKS) as city, city.logger() as device:
        device.offset_s = 300
        await device.report("2011", T0, {"w01018": {"Rtd": "1"}})
        await until(done(city, 2))
        assert abs(device.offset_s) < 1
        assert [request.cn for request in device.requests] == ["1011", "1012"]
        assert [(event.command, event.outcome) for event in city.events("command")] == [
            ("1011", "done"), ("1012", "done")
        ]  # fmt: skip
        (clock,) = city.events("clock")
        assert clock.offset_s == 300.0 and "+300" in clock.text.en and "校时" in clock.text.zh


async def test_a_right_clock_is_left_alone_until_the_device_asks() -> None:
    async with rig(CLOCKS) as city, city.logger() as device:
        device.offset_s = -20
        await device.report("2011", T0, {"w01018": {"Rtd": "1"}})
        await until(done(city))
        assert [request.cn for request in device.requests] == ["1011"] and device.offset_s == -20
        device.offset_s = 7_200
        await device.ask_for_time()
        await until(done(city, 3))
        assert abs(device.offset_s) < 1
        assert "9013" in [answer.cn for answer in device.answers]


async def test_a_device_that_hears_nothing_is_asked_three_times() -> None:
    async with rig(CLOCKS) as city, city.logger() as device:
        device.silent = 99
        await device.report("2011", T0, {"w01018": {"Rtd": "1"}})
        for tries in (1, 2, 3):
            await until(lambda tries=tries: len(device.requests) == tries)  # type: ignore[misc]
            city.wall.jump_s += 10
        await until(done(city))
        (event,) = city.events("command")
        assert (event.outcome, event.tries) == ("timeout", 3)
        assert len({request.qn for request in device.requests}) == 1
        await device.report("2011", T0 + 1000, {"w01018": {"Rtd": "2"}})  # and its data go on
        await until(lambda: len(city.readings()) == 2)


async def test_missing_hours_are_asked_back_and_come_as_backfill() -> None:
    async with rig(HISTORY) as city, city.logger() as device:
        await device.report("2061", T0 - 4 * HOUR, hour(1))
        for back in (3, 2, 1):  # the line was down: measured, kept by the logger, never sent
            await device.report("2061", T0 - back * HOUR, hour(back), send=False)
        await device.report("2061", T0, hour(9))
        await until(done(city))
        (gap,) = city.events("gap")
        assert (gap.command, gap.start, gap.end) == ("2061", T0 - 3 * HOUR, T0)
        (event,) = city.events("command")
        assert (event.command, event.outcome, event.periods) == ("2061", "done", 3)
        await until(lambda: len(city.readings()) == 5)
        late = {reading.period_start: reading.value for reading in city.readings() if reading.backfill}
        assert late == {T0 - 3 * HOUR: 3.0, T0 - 2 * HOUR: 2.0, T0 - HOUR: 1.0}
        live = [reading.period_start for reading in city.readings() if not reading.backfill]
        assert live == [T0 - 4 * HOUR, T0]
        assert city.upper.counts["2061", "done"] == 1


async def test_a_device_that_has_nothing_says_so_and_is_not_asked_again() -> None:
    async with rig(HISTORY) as city, city.logger() as device:
        await device.report("2061", T0 - 4 * HOUR, hour(1))
        await device.report("2061", T0 - HOUR, hour(2))
        await until(done(city))
        assert city.events("command")[0].outcome == "no_data"
        await device.report("2061", T0, hour(3))
        await until(lambda: len(city.readings()) == 3)
        assert len(device.requests) == 1


async def test_a_line_lost_while_asking_is_asked_again_on_the_next_one() -> None:
    async with rig(HISTORY) as city:
        async with city.logger() as device:
            await device.report("2061", T0 - 3 * HOUR, hour(1))
            device.silent = 1
            await device.report("2061", T0 - HOUR, hour(3))
            await until(lambda: len(device.requests) == 1)
        await until(done(city))
        assert city.events("command")[0].outcome == "line_lost"
        async with city.logger() as again:
            again.memory = {"2061": {T0 - 2 * HOUR: hour(2)}}
            await again.report("2061", T0, hour(4))
            await until(done(city, 2))
        assert sorted(str(reading.value) for reading in city.readings()) == ["1.0", "2.0", "3.0", "4.0"]


async def test_history_is_asked_for_at_the_rate_that_is_allowed() -> None:
    slow = Duties(clock_tolerance_s=0, ask_back_days=7, asks_per_min=3)  # a request in twenty seconds, one at once
    async with rig(slow) as city, city.logger() as device:
        await device.report("2061", T0 - 6 * HOUR, hour(1))
        await device.report("2061", T0 - 4 * HOUR, hour(2))
        await device.report("2061", T0 - 2 * HOUR, hour(3))
        await until(done(city))
        await until(lambda: len(city.readings()) == 3)
        assert len(device.requests) == 1
        city.wall.jump_s += 20
        await until(done(city, 2))
        assert len(device.requests) == 2


async def test_an_encrypted_device_is_asked_and_answers_in_cipher() -> None:
    keys = DeviceKeys({"OUTLET1": DeviceKey(password="654321", sm4_key=b"0" * 16)})
    async with rig(HISTORY, keys) as city, city.logger(pw="654321", sm4_key=b"0" * 16) as device:
        await device.report("2061", T0 - 2 * HOUR, hour(1))
        await device.report("2061", T0 - HOUR, hour(2), send=False)
        await device.report("2061", T0, hour(3))
        await until(done(city))
        await until(lambda: len(city.readings()) == 3)
        assert city.source.counts["decrypted"] == 3 and city.publisher.of("dead-letters") == []
        assert device.requests[0].pw == "654321"


async def test_missing_parts_are_written_down_and_those_that_came_are_kept() -> None:
    async with rig(HISTORY) as city, city.logger() as device:
        for part in (1, 3):
            await device._client.send(
                _part(part, "DataTime=20160801085857;w01018-Rtd=1.5,w01018-Flag=N", f"2016080108585700{part}")
            )
        await until(lambda: len(city.readings()) == 2)
        for _ in range(5):  # the second part's own clock may have begun after the first jump
            city.wall.jump_s += 80
            with suppress(TimeoutError):
                await until(lambda: city.events("parts"), 2.0)
                break
        (event,) = city.events("parts")
        assert event.command == "2011" and "of 3 parts 2 never came" in event.text.en
        assert city.upper.counts["incomplete", ""] == 1


def _part(number: int, cp: str, qn: str) -> bytes:
    return build_frame(f"QN={qn};ST=32;CN=2011;PW=123456;MN=OUTLET1;Flag=7;PNUM=3;PNO={number};CP=&&{cp}&&")


@pytest.mark.parametrize("marked", [True, False])
async def test_backfill_is_known_by_its_mark_or_by_having_been_asked_for(marked: bool) -> None:
    async with rig(HISTORY) as city, city.logger() as device:
        device.marks_backfill = marked
        await device.report("2061", T0 - 2 * HOUR, hour(1))
        await device.report("2061", T0 - HOUR, hour(2), send=False)
        await device.report("2061", T0, hour(3))
        await until(lambda: len(city.readings()) == 3)
        assert [reading.value for reading in city.readings() if reading.backfill] == [2.0]
