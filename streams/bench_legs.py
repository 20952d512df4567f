"""The legs of `citybrain bench pipeline`, each run as a process of its own: ``python -m streams.bench_legs LEG …``.

``ceiling`` fetches and decodes and does no more; ``worker`` is the whole worker without its host; ``agent``
is a plain Faust agent that decodes. Each works off the same backlog, the last two as members of the group
that is the last word. Each prints one JSON object with ``messages``, ``seconds`` (wall) and ``cpu_seconds``
(of this process).
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

import faust
import msgspec

from streams.clients import group_consumer
from streams.commands.worker import now_ms
from streams.judging import Judging
from streams.process_memory import settle_memory
from topics.connection import KafkaConnection
from topics.reading import Reading

#: The same bounds as the worker's own, so that the legs differ in what they do with a fetch alone.
MOST_RECORDS = 8_000

#: A leg that sees nothing for this long has failed.
SILENT_S = 60.0


class Clock:
    """Wall and processor time since ``begin``."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Count from now."""
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def told(self, messages: int) -> dict[str, float]:
        """Messages, and seconds of wall and of CPU since ``begin``."""
        return {
            "messages": messages,
            "seconds": time.perf_counter() - self._wall,
            "cpu_seconds": time.process_time() - self._cpu,
        }


async def ceiling(connection: KafkaConnection, topic: str, messages: int, group: str) -> dict[str, float]:
    """Whole fetches by the client's own call, joined and decoded: as the worker fetches, and nothing else done."""
    decoder = msgspec.json.Decoder(list[Reading])
    consumer = group_consumer(connection, None)
    consumer.subscribe([topic])  # outside any group: all partitions, from their beginning
    await consumer.start()
    seen, clock = 0, Clock()
    async with asyncio.timeout(SILENT_S + messages / 10_000):
        while seen < messages:
            for records in (await consumer.getmany(timeout_ms=1000, max_records=MOST_RECORDS)).values():
                seen += len(decoder.decode(b"[" + b",".join([record.value for record in records]) + b"]"))
    told = clock.told(seen)
    await consumer.stop()
    return told


async def worker(connection: KafkaConnection, topic: str, messages: int, group: str) -> dict[str, float]:
    """The whole default chain, findings and snapshots included, until everything is acknowledged."""
    judging = Judging(connection, group, "bench", now_ms, only=[topic.removeprefix("readings.")])
    await judging.start()
    readings = judging.readings
    assert readings is not None
    running = asyncio.create_task(judging.run())
    await _until(lambda: bool(readings.owned), SILENT_S, every_s=0.001)
    clock = Clock()
    await _until(lambda: readings.judged_to() >= messages or running.done(), SILENT_S + messages / 10_000)
    await judging.outlets[0].settle()
    told = clock.told(readings.judged_to())
    tally = judging.tallies()[topic.removeprefix("readings.")]
    told |= {"readings": tally.readings, "findings": tally.findings}
    told["not_judged"] = tally.unregistered + sum(tally.dead_lettered.values())
    told["snapshots"] = sum(each.snapshots for each in readings.owned.values())
    await judging.stop()
    await running
    return told


async def _until(reached: Callable[[], bool], within_s: float, every_s: float = 0.02) -> None:
    """Look now and then: that takes less from the worker than an event after each batch would."""
    async with asyncio.timeout(within_s):
        while not reached():  # noqa: ASYNC110
            await asyncio.sleep(every_s)


async def agent(connection: KafkaConnection, topic: str, messages: int, group: str) -> dict[str, float]:
    """What Faust's own path makes of the same messages: one event at a time, decoded and counted."""
    app = faust.App(
        group,
        broker=f"kafka://{connection.brokers}",
        store="memory://",
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        broker_session_timeout=6,
        broker_heartbeat_interval=1,
        broker_rebalance_timeout=10,
    )
    decoder = msgspec.json.Decoder(Reading)
    clock, done = Clock(), asyncio.Event()
    seen = 0

    @app.agent(app.topic(topic, key_serializer="raw", value_serializer="raw"))
    async def count(stream: Any) -> None:
        nonlocal seen
        async for value in stream:
            decoder.decode(value)
            if seen == 0:
                clock.begin()
            seen += 1
            if seen >= messages:
                done.set()

    await app.start()
    await asyncio.wait_for(done.wait(), SILENT_S + messages / 1_000)
    return clock.told(seen)  # an app without its Worker cannot be relied on to stop; the process ends below


LEGS: dict[str, Callable[[KafkaConnection, str, int, str], Coroutine[Any, Any, dict[str, float]]]] = {
    "ceiling": ceiling,
    "worker": worker,
    "agent": agent,
}


def main(leg: str, brokers: str, topic: str, messages: str, group: str) -> None:
    """Run one leg and print what it measured."""
    settle_memory()
    loop = asyncio.new_event_loop()
    told = loop.run_until_complete(LEGS[leg](KafkaConnection(brokers), topic, int(messages), group))
    print(json.dumps(told), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
