"""`citybrain bench stream`: many listeners of one server; how long a change takes to the last of them.

Each change is a finding sent by the clock; every listener notes when its alarm arrived. All of the listeners live
in this process, so its own time to read them is part of the figure.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from hdrh.histogram import HdrHistogram

from streams.bench_server import Bench, bench_server, finding, histogram, now_ms, percentiles
from streams.clients import sure_producer
from topics.codec import encode
from topics.errors import CityBrainError

#: Listeners that connect at the same time.
AT_ONCE = 50
#: After the last change the listeners are given so long to hear of it.
SETTLE_S = 10.0
REQUEST = b"GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
#: In an alarm's view: its id and when its finding was sent.
ALARM = re.compile(rb'"id":"(\w+)".*?"opened":(\d+)')


class NotMeasured(CityBrainError):
    """The listeners could not be measured; the text says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``listeners`` hear of ``rate_per_s`` changes a second for ``seconds``."""

    listeners: int = 500
    rate_per_s: float = 5.0
    seconds: float = 20.0

    @property
    def changes(self) -> int:
        """How many changes are made in all."""
        return int(self.rate_per_s * self.seconds)


class Listener:
    """One open stream on a bare socket: the numbers of its events, and how long each alarm's first took to it (ms)."""

    def __init__(self) -> None:
        self.numbers: set[int] = set()
        self.delays: dict[bytes, int] = {}
        self.repeats = 0
        self.bytes = 0

    async def run(self, base: str, ready: Callable[[], None]) -> None:
        """Listen to the server at ``base`` until it hangs up; ``ready`` is called once the stream is open."""
        place = urlsplit(base)
        reader, writer = await asyncio.open_connection(place.hostname, place.port, limit=1 << 22)
        try:
            writer.write(REQUEST)
            name, number = b"", 0
            while line := await reader.readline():
                self.bytes += len(line)
                if line.startswith(b"retry: "):
                    ready()
                elif line.startswith(b"event: "):
                    name = line[7:].strip()
                elif line.startswith(b"id: "):
                    number = int(line[4:])
                elif line.startswith(b"data: ") and name == b"alarm":
                    self._hear(number, line)
        finally:
            writer.close()

    def _hear(self, number: int, line: bytes) -> None:
        self.repeats += number in self.numbers
        self.numbers.add(number)
        if (found := ALARM.search(line)) is not None:
            self.delays.setdefault(found[1], now_ms() - int(found[2]))


def bench_stream(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure, and return the figures. Raises ``NotMeasured``, or ``PartMissing`` where there is no broker."""
    with bench_server() as bench:
        return asyncio.run(_measure(plan, bench, say))


async def _measure(plan: Plan, bench: Bench, say: Callable[[str], None]) -> dict[str, Any]:
    say(f"connecting {plan.listeners} listeners")
    listeners = [Listener() for _ in range(plan.listeners)]
    tasks = await _connect(listeners, bench.base)
    loop = asyncio.get_running_loop()
    idle_cpu, idle_from = bench.cpu_s(), loop.time()
    await asyncio.sleep(5.0)
    idle = (bench.cpu_s() - idle_cpu) / (loop.time() - idle_from)
    say(f"sending {plan.changes} changes in {plan.seconds:g} s")
    busy_cpu, busy_from = bench.cpu_s(), loop.time()
    await _send(plan, bench)
    busy = (bench.cpu_s() - busy_cpu) / (loop.time() - busy_from)
    await _settle(listeners)
    lost = [task for task in tasks if task.done()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if lost:
        raise NotMeasured(f"stream: expected {plan.listeners} listeners to stay, got {len(lost)} that were cut off")
    return figures(plan, listeners) | {"server_cores_idle": round(idle, 3), "server_cores_busy": round(busy, 3)}


async def _connect(listeners: list[Listener], base: str) -> list["asyncio.Task[None]"]:
    tasks: list[asyncio.Task[None]] = []
    for first in range(0, len(listeners), AT_ONCE):
        part = listeners[first : first + AT_ONCE]
        opened = [asyncio.Event() for _ in part]
        tasks += [asyncio.create_task(each.run(base, event.set)) for each, event in zip(part, opened, strict=True)]
        async with asyncio.timeout(60):
            await asyncio.gather(*(event.wait() for event in opened))
    return tasks


async def _send(plan: Plan, bench: Bench) -> None:
    producer = sure_producer(bench.kafka)
    await producer.start()
    try:
        loop = asyncio.get_running_loop()
        start = loop.time()
        for number in range(plan.changes):
            await asyncio.sleep(max(0.0, start + number / plan.rate_per_s - loop.time()))
            each = finding(number, "red", now_ms())
            await producer.send("findings", encode(each), key=each.alarm_key.encode())
        await producer.flush()
    finally:
        await producer.stop()


async def _settle(listeners: list[Listener]) -> None:
    """Until nothing more comes."""
    heard, until = -1, asyncio.get_running_loop().time() + SETTLE_S
    while asyncio.get_running_loop().time() < until:
        now = sum(len(each.numbers) for each in listeners)
        if now == heard:
            return
        heard = now
        await asyncio.sleep(2.0)


def figures(plan: Plan, listeners: list[Listener]) -> dict[str, Any]:
    """From the sending of each finding to each listener, and who missed or doubled which event."""
    every = set[int]().union(*(each.numbers for each in listeners))
    delays: HdrHistogram = histogram()
    for each in listeners:
        for delay in each.delays.values():
            delays.record_value(max(1, delay))
    return {
        "listeners": plan.listeners,
        "changes": plan.changes,
        "events": len(every),
        "told": sum(len(each.delays) for each in listeners),
        "missed": sum(len(every) - len(each.numbers) for each in listeners),
        "doubled": sum(each.repeats for each in listeners),
        "delay_ms": percentiles(delays),
        "mb_per_s": round(sum(each.bytes for each in listeners) / 1e6 / (plan.seconds + 5), 2),
    }
