"""`citybrain bench pipeline --engine flink`: the PyFlink job off the same backlog as the worker, in the same run.

Counted is the processor time of everything that is Flink: JobManager, TaskManager and Python workers. Starting up is
not in it, and neither is the first third of the backlog, in which the JVM still compiles.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from aiokafka import TopicPartition

from load_tests.generator import preload
from load_tests.pack import load_domain
from streams.bench_pipeline import (
    BACKLOG,
    START_MS,
    NotMeasured,
    Plan,
    measure_latency,
    registered,
    take_turn,
)
from streams.bench_warm import ROUNDS, Warm, put_in_force, start_from, warmed
from streams.clients import lone_consumer, sure_producer
from streams.flink.cluster import FlinkCluster
from streams.flink.home import flink_home
from streams.flink.rest import FlinkRest
from streams.flink.run import make_plan, submit
from streams.packs import publish_packs
from streams.process_cpu import group_cpu_s
from streams.registry_feed import publish_records
from streams.settings import child_environment, load_settings
from streams.supervise import Part
from topics.broker import EmbeddedKafka
from topics.catalog import catalog
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.declare import declare
from topics.pulse import Pulse
from topics.reading import TICK, Control

#: A domain for each engine's steady load: event time runs ahead of the wall there, and the second's would be late.
STEADY_WITH = {"faust": "steady-faust", "flink": "steady-flink"}

#: The load of the latency grows for at least so long: the JVM still compiles what 100,000 readings a second need.
RAMP_S = 45.0

#: The share of the backlog behind which counting begins.
BEGIN_AT = 1 / 3
SILENT_S = 120.0

#: Promised: messages a processor second, and the latency's p99 at the promised rate.
PROMISED_PER_CPU_S, PROMISED_P99_MS, PROMISED_RATE = 150_000, 500.0, 100_000


@dataclass(frozen=True, slots=True)
class Sample:
    """Readings judged since the job began, and when: wall and processor seconds."""

    readings: int
    findings: int
    wall_s: float
    cpu_s: float


class FlinkPart(Part):
    """Three JVMs start one after the other."""

    ready_within_s = 180.0


def bench_flink(plan: Plan, delivery: str, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure, and return the figures. ``delivery`` is the sink's guarantee.

    Raises ``NotMeasured`` if a leg gives no figure, ``PartMissing`` where Flink, Java or a broker is missing.
    """
    flink_home()
    with tempfile.TemporaryDirectory(prefix="citybrain-bench-") as folder, EmbeddedKafka(Path(folder)) as broker:
        kafka = KafkaConnection(broker.bootstrap)
        backlog = plan.workload(BACKLOG, 60_000)
        loads = [backlog, *(plan.workload(name, 1_000) for name in STEADY_WITH.values())]
        domains = [load_domain(each) for each in loads]
        declare(kafka, catalog(domains))
        publish_packs(kafka, domains, START_MS)
        asyncio.run(publish_records(kafka, [record for each in loads for record in registered(each)]))
        say(f"warming {plan.series:,} series over {ROUNDS:,} rounds")
        warm = warmed(backlog, domains[0], registered(backlog), START_MS)
        asyncio.run(put_in_force(kafka, warm, START_MS))
        say(f"preloading {plan.messages:,} messages")
        asyncio.run(preload(kafka, domains[0].topic, backlog, START_MS, plan.messages))
        turn = take_turn(plan, kafka, warm, "bench-faust", say)
        say("measuring: flink")
        flink = work_off(plan, kafka, warm, Path(folder), delivery)
        faust = latency_of(plan, broker, Path(folder), "faust", delivery, say)
        latency = latency_of(plan, broker, Path(folder), "flink", delivery, say)
        latency |= {f"faust_{name}": faust[name] for name in ("latency_ms", "latency_cores")}
    return figures(plan, delivery, turn, flink, latency)


def latency_of(
    plan: Plan, broker: EmbeddedKafka, folder: Path, engine: str, delivery: str, say: Callable[[str], None]
) -> dict[str, Any]:
    """The latency at the plan's rate with this engine. The load grows to it, so that compiling is over before anything
    counts."""
    say(f"measuring: latency at {plan.rate_per_s:,.0f}/s, {engine}")
    kafka, domain = KafkaConnection(broker.bootstrap), STEADY_WITH[engine]
    words = ["worker", "--engine", engine, "--brokers", kafka.brokers, "--only", domain]
    words += ["--group", f"bench-steady-{engine}"]
    settings = load_settings(data_dir=str(folder / "steady"), flink_delivery=delivery)
    part = FlinkPart(engine, words, folder, child_environment(settings))
    return measure_latency(replace(plan, ramp_s=plan.ramp_s or max(RAMP_S, plan.seconds)), kafka, part, broker, domain)


def work_off(plan: Plan, kafka: KafkaConnection, warm: Warm, folder: Path, delivery: str) -> list[Sample]:
    """The job over the backlog, from the same state as the worker; what its pulses said, with the time it took."""
    asyncio.run(start_from(kafka, "bench-flink-readings", warm))
    settings = load_settings(brokers=kafka.brokers, data_dir=str(folder), flink_delivery=delivery)
    with FlinkCluster(folder / "flink-bench", java_home=settings.java_home or None) as cluster:
        job_folder = folder / "flink-job"
        job = submit(make_plan(settings, "bench-flink", [warm.domain], job_folder, cluster.rest), job_folder)
        samples = asyncio.run(_watch(plan, kafka, cluster, job))
    return samples


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
    while not samples or samples[-1].readings < 0.95 * plan.messages:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            pulses = [msgspec.json.decode(each.value, type=Pulse) for each in records]
            mine = [each for each in pulses if each.domain == BACKLOG and each.worker.startswith("flink-")]
            if mine:
                heard = time.monotonic()
                samples.append(Sample(mine[-1].readings, mine[-1].findings, heard, group_cpu_s(cluster.groups())))
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


def figures(
    plan: Plan, delivery: str, turn: dict[str, dict[str, float]], samples: list[Sample], latency: dict[str, Any]
) -> dict[str, Any]:
    """The keys that others read; ``kept`` says whether each promise was."""
    first = next((each for each in samples if each.readings >= BEGIN_AT * plan.messages), samples[-1])
    last = samples[-1]
    if last.readings <= first.readings:
        raise NotMeasured(f"flink: expected two pulses behind a third of the backlog, got one; give more than {plan}")
    readings = last.readings - first.readings
    per_cpu_s = readings / (last.cpu_s - first.cpu_s)
    faust = turn["worker"]["messages"] / turn["worker"]["cpu_seconds"]
    return {
        "engine": "flink",
        "delivery": delivery,
        "mode": "process",
        "flink_per_cpu_s": round(per_cpu_s),
        "flink_per_s": round(readings / (last.wall_s - first.wall_s)),
        "worker_per_s": round(readings / (last.wall_s - first.wall_s)),
        "faust_per_cpu_s": round(faust),
        "ceiling_per_s": round(turn["ceiling"]["messages"] / turn["ceiling"]["seconds"]),
        "ceiling_per_cpu_s": round(turn["ceiling"]["messages"] / turn["ceiling"]["cpu_seconds"]),
        "ratio_to_faust_cpu": round(per_cpu_s / faust, 3),
        "readings_to_a_finding": round(readings / max(1, last.findings - first.findings)),
        "counted": readings,
        "messages": plan.messages,
        "seed": plan.seed,
        **latency,
        "kept": {
            "per_cpu_s": per_cpu_s >= PROMISED_PER_CPU_S,
            "latency": plan.rate_per_s >= PROMISED_RATE and latency["latency_ms"]["p99"] <= PROMISED_P99_MS,
        },
    }
