"""`citybrain bench capacity`: what one and two workers of this machine judge, what a large site does to them, and
whether the model of `citybrain size` says what a small city then takes."""

import asyncio
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from aiokafka import TopicPartition

from load_tests.generator import preload
from load_tests.pack import load_domain
from load_tests.workload import Workload
from streams.bench_pipeline import NotMeasured, registered
from streams.bench_warm import Warm, put_in_force, start_from, warmed
from streams.clients import lone_consumer
from streams.packs import publish_packs
from streams.process_cpu import resident_mb, trees_cpu_s
from streams.registry_feed import publish_records
from streams.settings import child_environment, load_settings
from streams.sizing import Figures, worker_load
from streams.supervise import Part, Supervisor
from topics.broker import EmbeddedKafka
from topics.catalog import catalog
from topics.connection import KafkaConnection
from topics.declare import declare
from topics.pulse import Pulse

START_MS = 1_767_225_600_000
SILENT_S = 60.0
PARTITIONS = 4


@dataclass(frozen=True, slots=True)
class Measure:
    """How much is measured. The city's points report once in ``interval_s``, and are watched for ``seconds``."""

    messages: int = 1_000_000
    series: int = 5_000
    hot_share: float = 0.3
    points: int = 20_000
    interval_s: int = 60
    seconds: float = 30.0
    seed: int = 1


@dataclass(slots=True)
class Look:
    """One look at the workers' pulses: readings judged and records waiting, by worker, and processor seconds used."""

    wall_s: float
    readings: dict[str, int] = field(default_factory=dict)
    lag: dict[str, int] = field(default_factory=dict)
    cpu_s: dict[str, float] = field(default_factory=dict)
    memory_mb: dict[str, float] = field(default_factory=dict)


def bench_capacity(measure: Measure, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure; the keys are in docs/sizing.md. Raises ``NotMeasured`` or ``PartMissing``."""
    even = Workload(measure.seed, PARTITIONS, measure.series, interval_ms=60_000, name="even")
    hot = Workload(
        measure.seed, PARTITIONS, measure.series, interval_ms=60_000, name="hot", hot_share=measure.hot_share
    )
    told: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="citybrain-bench-") as name, EmbeddedKafka(Path(name)) as broker:
        kafka, folder = KafkaConnection(broker.bootstrap), Path(name)
        warm = {load.name: prepare(kafka, load, measure.messages, say) for load in (even, hot)}
        log_bytes = on_disk(folder, warm["even"].domain.topic) / measure.messages
        for workers, load in ((1, even), (2, even), (2, hot)):
            leg = f"{workers}_{load.name}"
            say(f"measuring: {workers} workers, {load.name}")
            told[leg] = backlog_figures(work_off(broker, folder, warm[load.name], workers, leg))
        figures = Figures(
            reading_us=told["1_even"]["worker_us"],
            broker_us=told["1_even"]["broker_us"],
            log_bytes=round(log_bytes, 1),
            state_bytes=round(sum(map(len, _all(warm["even"]))) / measure.series, 1),
        )
        say(f"measuring: a city of {measure.points:,} points")
        city = run_city(kafka, folder, measure, broker_pid(broker))
    return {
        "workers_1_per_s": told["1_even"]["per_s"],
        "workers_2_per_s": told["2_even"]["per_s"],
        "hot_share": measure.hot_share,
        "hot_2_per_s": told["2_hot"]["per_s"],
        "hot_waits": told["2_hot"]["waits_when_first_is_done"],
        "legs": told,
        "figures": msgspec.to_builtins(figures),
        "city": {**city, "model_cores": round(worker_load(measure.points, city["readings_per_s"], figures), 4)},
    }


def prepare(kafka: KafkaConnection, load: Workload, messages: int, say: Callable[[str], None]) -> Warm:
    """Declare, register, warm and preload one domain."""
    say(f"warming and preloading: {load.name}, {messages:,} messages")
    domain = declared(kafka, load)
    warm = warmed(load, domain, registered(load), START_MS)
    asyncio.run(put_in_force(kafka, warm, START_MS))
    asyncio.run(preload(kafka, domain.topic, load, START_MS, messages))
    return warm


def declared(kafka: KafkaConnection, load: Workload) -> Any:
    """The workload's domain, with its topics, pack and registry on the broker."""
    domain = load_domain(load)
    declare(kafka, catalog([domain]))
    publish_packs(kafka, [domain], START_MS)
    asyncio.run(publish_records(kafka, registered(load)))
    return domain


def work_off(broker: EmbeddedKafka, folder: Path, warm: Warm, workers: int, leg: str) -> list[Look]:
    """Real workers over the backlog until none of it waits; what their pulses said meanwhile."""
    kafka, group = KafkaConnection(broker.bootstrap), f"capacity-{leg}"
    asyncio.run(start_from(kafka, f"{group}-readings", warm))
    with workers_of(kafka, folder, warm.domain.name, group, workers) as parts:
        return asyncio.run(watch(kafka, warm.domain.name, {**pids(parts), **broker_pid(broker)}, workers, ended))


@contextlib.contextmanager
def workers_of(kafka: KafkaConnection, folder: Path, domain: str, group: str, number: int) -> Iterator[list[Part]]:
    """So many real workers of one group, ready."""
    environment = child_environment(load_settings(data_dir=str(folder / "data")))
    words = ["worker", "--brokers", kafka.brokers, "--only", domain, "--group", group]
    parts = [Part(f"{group}-{each}", words, folder, environment) for each in range(number)]
    with Supervisor() as supervisor:
        supervisor.start(*parts)
        yield parts


def pids(parts: list[Part]) -> dict[str, int]:
    return {f"worker-{number}": part.process.pid for number, part in enumerate(parts) if part.process is not None}


def broker_pid(broker: EmbeddedKafka) -> dict[str, int]:
    return {"broker": broker.process.pid} if broker.process is not None else {}


def ended(looks: list[Look]) -> bool:
    """Whether everything has been judged: every worker has, and none waits for more."""
    return (
        sum(looks[-1].readings.values()) > 0
        and not any(looks[-1].lag.values())
        and looks[-1].readings == (looks[-2].readings if len(looks) > 1 else {})
    )


async def watch(
    kafka: KafkaConnection, domain: str, roots: dict[str, int], workers: int, over: Callable[[list[Look]], bool]
) -> list[Look]:
    """Looks of about a second, from the first at which all workers have judged something until ``over``."""
    consumer, looks, pulses = lone_consumer(kafka), list[Look](), dict[str, Pulse]()
    await consumer.start()
    consumer.assign([TopicPartition("pulse", 0)])
    began_ms, heard = int(time.time() * 1000), time.monotonic()
    while not looks or not over(looks):
        fresh = set[str]()
        for records in (await consumer.getmany(timeout_ms=300)).values():
            for record in records:
                pulse = msgspec.json.decode(record.value, type=Pulse)
                if pulse.domain == domain and pulse.wall_time >= began_ms - 1_500:
                    pulses[pulse.worker] = pulse
                    fresh.add(pulse.worker)
        judging = [each for each in pulses.values() if each.readings]
        if fresh and len(judging) >= workers:
            heard = time.monotonic()
            numbers = {name: each.readings for name, each in pulses.items()}
            lag = {name: each.lag for name, each in pulses.items()}
            looks.append(Look(heard, numbers, lag, trees_cpu_s(roots), resident_mb(roots)))
        if time.monotonic() - heard > SILENT_S:
            raise NotMeasured(f"capacity: expected pulses of {workers} workers that judge {domain}, got {pulses}")
    await consumer.stop()
    return looks


def backlog_figures(looks: list[Look]) -> dict[str, Any]:
    """Rates until the first worker is done, and until the last is; processor time a reading."""
    first, last = looks[0], next(each for each in looks if each.readings == looks[-1].readings)
    if last is first:
        raise NotMeasured("capacity: expected pulses while a backlog is worked off, got one; give more --messages")
    total = sum(last.readings.values())
    readings = total - sum(first.readings.values())
    done = {
        name: next(each.wall_s for each in looks if each.readings[name] == last.readings[name])
        for name in last.readings
    }
    early = next(each for each in looks if each.wall_s >= min(done.values()))
    used = {name: last.cpu_s[name] - first.cpu_s[name] for name in last.cpu_s}
    return {
        "per_s": round(readings / (last.wall_s - first.wall_s)),
        "worker_us": round(1e6 * sum(cpu for name, cpu in used.items() if name != "broker") / readings, 2),
        "broker_us": round(1e6 * used.get("broker", 0.0) / readings, 2),
        "share_of_busiest": round(max(last.readings.values()) / total, 3),
        "waits_when_first_is_done": max(early.lag.values()),
        "worker_memory_mb": round(max(mb for name, mb in last.memory_mb.items() if name != "broker")),
    }


def run_city(kafka: KafkaConnection, folder: Path, measure: Measure, others: dict[str, int]) -> dict[str, Any]:
    """Points that report once in a while, at the pace of the clock, with city time in every second; what it takes.

    ``others`` are processes whose cores are told too, by name.
    """
    load = Workload(
        measure.seed, PARTITIONS, measure.points, interval_ms=1000 * measure.interval_s, name="small-city",
        slices=measure.interval_s,
    )  # fmt: skip
    domain = declared(kafka, load)
    with workers_of(kafka, folder, domain.name, "capacity-city", 1) as parts:
        words = [sys.executable, "-m", "load_tests", "--brokers", kafka.brokers, "--name", load.name]
        words += ["--rate", str(measure.points / measure.interval_s + PARTITIONS), "--seconds", str(measure.seconds)]
        words += ["--series", str(load.series), "--interval-ms", str(load.interval_ms), "--slices", str(load.slices)]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL) as generator:
            roots = pids(parts) | others
            looks = asyncio.run(watch(kafka, domain.name, roots, 1, lambda _: generator.poll() is not None))
    if len(looks) < 2:
        raise NotMeasured("capacity: expected pulses of a second while the city runs, got one; give more --seconds")
    # Meeting a series for the first time costs more than judging it ever after: the second half counts.
    first, last = looks[(len(looks) - 1) // 2], looks[-1]
    wall = last.wall_s - first.wall_s
    used = {name: round((last.cpu_s[name] - first.cpu_s[name]) / wall, 4) for name in last.cpu_s}
    return {
        "points": measure.points,
        "readings_per_s": round((sum(last.readings.values()) - sum(first.readings.values())) / wall, 1),
        **{f"{name.partition('-')[0]}_cores": cores for name, cores in used.items()},
        "worker_memory_mb": round(last.memory_mb["worker-0"]),
    }


def on_disk(folder: Path, topic: str) -> int:
    """Bytes of a topic's log segments in a broker's folder."""
    return sum(each.stat().st_size for each in folder.rglob(f"{topic}-*/*.log"))


def _all(warm: Warm) -> list[bytes]:
    return [body for blocks in warm.blocks for body in blocks]
