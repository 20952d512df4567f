"""The end of a played day: waiting until nothing is left to be judged, stored or signed for."""

import asyncio
import time
from collections.abc import Callable

import httpx
from aiokafka import TopicPartition

from streams.clients import group_consumer
from streams.judges import EVENT_JUDGES
from streams.keepers import KEEPERS
from streams.one_machine import Machine
from topics.catalog import CITY_TOPICS
from topics.connection import KafkaConnection
from topics.positions import TOPIC as POSITIONS

#: How long after the day's end everything may take to be judged, stored and signed for.
DRAIN_S = 40.0
POLL_S = 0.25


async def drained(machine: Machine, group: str, say: Callable[[str], None]) -> None:
    """Return when the worker has no lag, the store holds all findings and every due delivery is signed for.

    ``group``: the worker's consumer group, as its paths complete it. What is not settled after ``DRAIN_S`` is said, and
    left to the report. Raises as soon as a part of the machine has ended.
    """
    until = time.monotonic() + DRAIN_S
    calm = 0
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        while calm < 3:
            machine.supervisor.check()
            figures = (await client.get(f"http://127.0.0.1:{machine.settings.server_port}/api/report")).json()
            lag = await _lag(machine, group)
            answered = figures["signed_for"] + figures["dead"] == figures["due"]
            settled = answered and lag == 0 and figures["behind"] == 0
            calm = calm + 1 if settled else 0
            if time.monotonic() > until:
                say(f"still not settled after {DRAIN_S:.0f} s: lag {lag}, {figures}")
                return
            await asyncio.sleep(POLL_S)


async def _lag(machine: Machine, worker: str) -> int:
    """Records that the worker's groups and the server have not yet committed as judged."""
    total = 0
    groups = {
        f"{worker}-readings": [(domain.topic, domain.partitions) for domain in machine.domains],
        f"{worker}-events": [
            (domain.events_topic, domain.partitions)
            for domain in machine.domains
            if domain.events and domain.name in EVENT_JUDGES
        ],
    }
    for group, topics in groups.items():
        total += await _group_lag(machine.kafka, group, topics)
    read = [(domain.topic, domain.partitions) for domain in machine.domains]
    read += [(domain.events_topic, domain.partitions) for domain in machine.domains if domain.events]
    read += [(each.name, each.partitions) for each in CITY_TOPICS if each.name in (POSITIONS, "findings")]
    for keeper in KEEPERS:
        total += await _group_lag(machine.kafka, f"citybrain-{keeper}", read, reads_all=False)
    return total


async def _group_lag(
    kafka: KafkaConnection, group: str, topics: list[tuple[str, int]], *, reads_all: bool = True
) -> int:
    """``reads_all``: whether the group reads all of it, or only those partitions that it has committed for."""
    consumer = group_consumer(kafka, group)
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for topic, partitions in topics for number in range(partitions)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        lag = 0
        for place in places:
            committed = await consumer.committed(place)
            lag += max(0, ends[place] - (committed or 0)) if reads_all or committed is not None else 0
        return lag
    finally:
        await consumer.stop()
