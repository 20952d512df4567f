"""The player: sends a scripted day through real doors, paced by city time, and counts what it sent.

City time is cut into slices. A slice is sent a little before the clock reaches it, and the clock does not
leave it until every reading in it is kept: so nothing is lost, silence is never an artefact of a slow
machine, and no reading is further ahead of the last tick than the kernel allows.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from streams.sources.simulator.city import Wire
from streams.sources.simulator.day import Day, Message, Span
from streams.sources.simulator.doors import Doors
from streams.sources.simulator.epcis import document
from streams.sources.simulator.faults import Faults
from streams.sources.simulator.frames import frame, hour_frame
from streams.sources.simulator.hour_records import HourRecord
from streams.sources.simulator.pacer import Pacer
from streams.sources.simulator.report import SentReport
from topics.codec import encode
from topics.events import Event
from topics.positions import Position
from topics.reading import Reading

#: A slice lasts about this long on the wall (s), within these bounds of city time (ms).
SLICE_S = 0.1
SLICE_MS = (10_000, 150_000)

#: Slices under way at once, so that the next is made while the last is being kept. What is told in events or
#: goes wrong on purpose is sent alone: its place among the readings is part of the story.
IN_FLIGHT = 2

#: No reading is sent further ahead of the last tick than this (ms); the kernel refuses 10 minutes.
AHEAD_MS = 480_000

#: How often to look whether the tick writer has caught up (s).
LOOK_S = 0.005

#: Cargo events sent in one request.
EVENTS_A_REQUEST = 200


class Simulator:
    """Plays ``day`` through ``doors``.

    ``last_tick`` says which tick was last acknowledged in every partition (city time, ms UTC): give it the
    tick writer's ``schedule.last_ms``. ``progress`` is called with the city time reached after each slice;
    ``sleep`` waits that many seconds of the wall time the pacer has.
    """

    def __init__(
        self,
        day: Day,
        doors: Doors,
        pacer: Pacer,
        last_tick: Callable[[], int],
        progress: Callable[[int], None] = lambda _: None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.day = day
        self.doors = doors
        self.pacer = pacer
        self.last_tick = last_tick
        self.progress = progress
        self.sleep = sleep
        self.report = SentReport()
        self._ways: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._under_way: deque[tuple[int, asyncio.Task[None]]] = deque()
        self._faults = Faults(day, doors, self.report)

    async def weeks_before(self) -> int:
        """Send what happened in the yards before the play begins, as fast as it is taken; returns how many events."""
        events = self.day.events_before(self.pacer.clock.start_ms)
        await self._cargo(events)
        return len(events)

    async def play(self, until_ms: int | None = None) -> SentReport:
        """Play until the clock ends (or until a city time) and return the report."""
        end = min(until_ms or self._end(), self._end())
        at = self.pacer.clock.start_ms
        async with asyncio.TaskGroup() as group:
            while at < end:
                upto = min(at + self._slice_ms(at), end)
                await self._ready(at, upto)
                span = self.day.span(at, upto)
                alone = bool(span.faults or span.events)
                await self._finish(0 if alone else IN_FLIGHT - 1)
                self._under_way.append((upto, group.create_task(self._send(span))))
                if alone:
                    await self._finish(0)
                at = upto
            await self._finish(0)
        await self._reached(end)
        self.report.held_ms = round(self.pacer.held_ms)
        return self.report

    async def _finish(self, leave: int) -> None:
        """Wait until at most ``leave`` slices are under way; the clock may go on over those that are kept."""
        while len(self._under_way) > leave:
            upto, sent = self._under_way.popleft()
            await sent
            self.pacer.kept(upto)
            self.progress(upto)

    def _end(self) -> int:
        end = self.pacer.clock.end_ms
        if end is None:
            raise ValueError("simulator: expected a city clock with an end, got one that runs for ever")
        return end

    def _slice_ms(self, at: int) -> int:
        low, high = SLICE_MS
        length = self.pacer.clock.speed(at) * 1000 * SLICE_S
        return int(min(max(length, low), high)) // 1000 * 1000

    async def _ready(self, at: int, upto: int) -> None:
        """Wait until the slice may be sent: the clock is a few slices before it at most, the ticks near enough."""
        early = at - IN_FLIGHT * (upto - at)
        while self._under_way and self.pacer.limit_ms < max(early, upto - AHEAD_MS):
            await self._finish(len(self._under_way) - 1)  # the clock cannot get there before these are kept
        await self._reached(early)
        while self.last_tick() < upto - AHEAD_MS:
            await self.sleep(LOOK_S)

    async def _reached(self, city_ms: int) -> None:
        while self.pacer.city_ms() < city_ms:
            await self.sleep(max(self.pacer.wait_s(city_ms), 0.001))

    async def _send(self, span: Span) -> None:
        """Send all of a span; returns when all is kept. Each way in has a queue: its messages keep their order."""
        frames: dict[str, list[Message]] = {}
        by_wire: dict[Wire, list[Message]] = {"http": [], "topic": [], "epcis": []}
        for message in span.messages:
            wire = message.series[0].wire
            if wire == "hj212":
                frames.setdefault(message.device, []).append(message)
            else:
                by_wire[wire].append(message)
        async with asyncio.TaskGroup() as group:
            for device, messages in frames.items():
                group.create_task(self._in_turn(device, self._frames(device, messages)))
            for record in span.hours:
                group.create_task(self._in_turn(record.series.device, self._hour(record)))
            group.create_task(self._in_turn("http", self._http(by_wire["http"])))
            group.create_task(self._in_turn("topic", self._topic(by_wire["topic"])))
            group.create_task(self._in_turn("epcis", self._epcis(by_wire["epcis"])))
            group.create_task(self._cargo(span.events))
            group.create_task(self._in_turn("positions", self._positions(span)))
            group.create_task(self._in_turn("kitchens", self._kitchens(span)))
        for line in span.faults:
            await self._faults.send(line)

    async def _in_turn(self, way: str, sending: Coroutine[Any, Any, None]) -> None:
        """Send when what came before it on this way is kept (asyncio's locks are first come, first served)."""
        async with self._ways[way]:
            await sending

    async def _frames(self, device: str, messages: Sequence[Message]) -> None:
        st = self.day.city.device_kinds[device].st
        self.report.resent += await self.doors.frames(device, [frame(message, st) for message in messages])
        self.report.frames += len(messages)
        self._count("hj212", messages)

    async def _hour(self, record: HourRecord) -> None:
        series = record.series
        of_hour = hour_frame(record, self.day.city.device_kinds[series.device].st)
        self.report.resent += await self.doors.frames(series.device, [of_hour])
        self.report.frames += 1
        self.report.readings[series.domain] += len(record.statistics)
        self.report.wires["hj212"] += len(record.statistics)

    async def _http(self, messages: Sequence[Message]) -> None:
        if messages:
            self.report.refused += await self.doors.readings(
                [each for message in messages for each in readings(message)]
            )
            self.report.requests += 1
            self._count("http", messages)

    async def _topic(self, messages: Sequence[Message]) -> None:
        records: dict[str, list[tuple[str, bytes]]] = {}
        for message in messages:
            of_topic = records.setdefault(f"readings.{message.series[0].domain}", [])
            of_topic += [(message.series[0].site, encode(each)) for each in readings(message)]
        for topic, of_topic in records.items():
            await self.doors.publish(topic, of_topic)
        self._count("topic", messages)

    async def _epcis(self, messages: Sequence[Message]) -> None:
        if messages:
            self.report.refused += await self.doors.epcis(document(messages))
            self.report.requests += 1
            self._count("epcis", messages)
            for message in messages:
                self.report.events[message.series[0].domain] += 1

    async def _cargo(self, events: Sequence[Event]) -> None:
        for first in range(0, len(events), EVENTS_A_REQUEST):
            part = events[first : first + EVENTS_A_REQUEST]
            self.report.refused += await self.doors.cargo(part)
            self.report.requests += 1
            self.report.events["cargo"] += len(part)

    async def _positions(self, span: Span) -> None:
        """What vehicles report, each over its wire; on its topic it is counted with cargo, whose goods they carry."""
        by_http = [each.position for each in span.reports if each.wire == "http"]
        if by_http:
            self.report.refused += await self.doors.positions(by_http)
            self.report.requests += 1
        by_terminal: dict[str, list[Position]] = defaultdict(list)
        for each in span.reports:
            if each.wire == "jt808":
                by_terminal[self.day.city.phones[each.position.carrier]].append(each.position)
        for phone, told in by_terminal.items():
            self.report.resent += await self.doors.terminal(phone, told)
        self.report.events["cargo"] += len(span.reports)

    async def _kitchens(self, span: Span) -> None:
        if span.kitchens:
            self.report.refused += await self.doors.kitchens(span.kitchens)
            self.report.requests += 1
            self.report.events["food"] += len(span.kitchens)

    def _count(self, wire: Wire, messages: Sequence[Message]) -> None:
        for message in messages:
            self.report.readings[message.series[0].domain] += len(message.values)
            self.report.wires[wire] += len(message.values)


def readings(message: Message) -> list[Reading]:
    """The message as readings; their source says that they are simulated."""
    return [
        Reading(series.id, message.time, value, unit=series.signal.unit, source="simulator", backfill=message.backfill)
        for series, value in zip(message.series, message.values, strict=True)
    ]
