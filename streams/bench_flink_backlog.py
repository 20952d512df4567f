"""The PyFlink job off a backlog, in any of its modes: how many readings a second, and a processor second.

Counted is the processor time of everything that is Flink: JobManager, TaskManager and Python workers. Starting up is
not in it, and neither is the first third of the backlog, in which the JVM still compiles.
"""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from aiokafka import TopicPartition

from load_tests.pack import load_domain
from streams.bench_pipeline import BACKLOG, START_MS, NotMeasured, Plan
from streams.bench_warm import Warm, start_from
from streams.clients import lone_consumer, sure_producer
from streams.flink.cluster import FlinkCluster
from streams.flink.rest import FlinkRest
from streams.flink.run import make_plan, submit
from streams.process_cpu import group_cpu_s
from streams.settings import load_settings
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.pulse import Pulse
from topics.reading import TICK, Control

#: The share of the backlog behind which counting begins.
BEGIN_AT = 1 / 3
SILENT_S = 120.0

#: What is taken of a pulse.
COUNTED = ("readings", "findings")


@dataclass(frozen=True, slots=True)
class Mode:
    """How the job runs; Python is in a process of its own, as it is in the city's."""

    delivery: str = "at-least-once"
    parallelism: int = 1

    @property
    def name(self) -> str:
        """As it is told, and the consumer group's end."""
        return f"{self.delivery}-{self.parallelism}"


@dataclass(frozen=True, slots=True)
class Sample:
    """Readings judged since the job began, and when: wall and processor seconds."""

    readings: int
    findings: int
    wall_s: float
    cpu_s: float


def work_off(plan: Plan, kafka: KafkaConnection, warm: Warm, folder: Path, mode: Mode) -> list[Sample]:
    """The job over the backlog, from the same state as the worker; what its pulses said, with the time it took."""
    group = f"bench-flink-{mode.name}"
    asyncio.run(start_from(kafka, f"{group}-readings", warm))
    settings = load_settings(
        brokers=kafka.brokers, data_dir=str(folder), flink_delivery=mode.delivery, flink_parallelism=mode.parallelism
    )
    own = folder / f"flink-{mode.name}"
    with FlinkCluster(own / "cluster", slots=mode.parallelism, java_home=settings.java_home or None) as cluster:
        job = make_plan(settings, group, [warm.domain], own / "job", cluster.rest)
        samples = asyncio.run(_watch(plan, kafka, cluster, submit(job, own / "job")))
    return samples


def rates(plan: Plan, samples: list[Sample]) -> dict[str, int]:
    """Readings a second and a processor second behind the part that does not count, and findings.

    Raises ``NotMeasured`` where less than two pulses lie there.
    """
    first = next((each for each in samples if each.readings >= BEGIN_AT * plan.messages), samples[-1])
    last = samples[-1]
    if last.readings <= first.readings:
        raise NotMeasured(f"flink: expected two pulses behind a third of the backlog, got one; give more than {plan}")
    readings = last.readings - first.readings
    return {
        "per_cpu_s": round(readings / (last.cpu_s - first.cpu_s)),
        "per_s": round(readings / (last.wall_s - first.wall_s)),
        "counted": readings,
        "findings": last.findings - first.findings,
    }


async def _watch(plan: Plan, kafka: KafkaConnection, cluster: FlinkCluster, job: str) -> list[Sample]:
    """What the job's pulses say until nearly all is judged.

    City time is put into the log meanwhile, as a city's is: a job that gets nothing more says nothing more, and what
    it had judged since its last pulse would stay untold.
    """
    consumer, clock = lone_consumer(kafka), asyncio.create_task(_city_time(plan, kafka))
    await consumer.start()
    try:
        consumer.assign([TopicPartition("pulse", 0)])
        await consumer.seek_to_end()
        return await _samples(plan, consumer, cluster, job)
    finally:
        clock.cancel()
        await consumer.stop()


async def _samples(plan: Plan, consumer: Any, cluster: FlinkCluster, job: str) -> list[Sample]:
    rest, heard, samples = FlinkRest(cluster.rest), time.monotonic(), list[Sample]()
    newest: dict[str, Pulse] = {}  # each subtask says its own
    while not samples or samples[-1].readings < 0.95 * plan.messages:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            pulses = [msgspec.json.decode(each.value, type=Pulse) for each in records]
            mine = {each.worker: each for each in pulses if each.domain == BACKLOG and each.worker.startswith("flink-")}
            if mine:
                newest |= mine
                heard = time.monotonic()
                readings, findings = (sum(getattr(each, name) for each in newest.values()) for name in COUNTED)
                samples.append(Sample(readings, findings, heard, group_cpu_s(cluster.groups())))
        if time.monotonic() - heard > SILENT_S:
            raise NotMeasured(f"flink: expected pulses of the job, got none: {await asyncio.to_thread(rest.why, job)}")
    return samples


async def _city_time(plan: Plan, kafka: KafkaConnection) -> None:
    """A tick each second into every partition; it says a time that is long past, so that nothing is found by it."""
    workload, tick = plan.workload(BACKLOG, 60_000), encode(Control(TICK, START_MS))
    topic = load_domain(workload).topic
    producer = sure_producer(kafka)
    await producer.start()
    try:
        while True:
            for partition in range(workload.partitions):
                await producer.send(topic, tick, partition=partition)
            await asyncio.sleep(1.0)
    finally:
        await producer.stop()
