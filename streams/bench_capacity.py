"""`citybrain bench capacity`: what one and two workers of this machine judge, what a large site does to them, and
whether the model of `citybrain size` says what a small city then takes."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from load_tests.generator import preload
from load_tests.pack import load_domain
from load_tests.workload import Workload
from streams.bench_pipeline import NotMeasured, registered
from streams.bench_warm import Warm, put_in_force, start_from, warmed
from streams.bench_workers import Look, backlog_figures, broker_pid, ended, pids, watch, workers_of
from streams.packs import publish_packs
from streams.registry_feed import publish_records
from streams.sizing import Figures, judging_load
from topics.broker import EmbeddedKafka
from topics.catalog import catalog
from topics.connection import KafkaConnection
from topics.declare import declare

START_MS = 1_767_225_600_000
PARTITIONS = 4


@dataclass(frozen=True, slots=True)
class Measure:
    """How much is measured. The city's points report once in ``interval_s``, and are watched for ``seconds``, of which
    the second half counts: it must not be shorter than ``interval_s``, or points are met in it for the first time.
    """

    messages: int = 1_500_000
    series: int = 5_000
    hot_share: float = 0.3
    points: int = 20_000
    interval_s: int = 15
    seconds: float = 60.0
    seed: int = 1


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
        cities = []
        for points in (measure.points // 10, measure.points, 2 * measure.points):
            say(f"measuring: a city of {points:,} points")
            cities.append(run_city(kafka, folder, replace(measure, points=points), broker_pid(broker)))
        even_leg = told["1_even"]
        state = sum(map(len, _all(warm["even"]))) / measure.series
        figures = fitted(cities[0], cities[1], even_leg, round(log_bytes, 1), round(state, 1))
    largest = cities[2]
    model = figures.base_cores + judging_load(largest["points"], largest["readings_per_s"], figures)
    return {
        "workers_1_per_s": told["1_even"]["per_s"],
        "workers_2_per_s": told["2_even"]["per_s"],
        "hot_share": measure.hot_share,
        "hot_2_per_s": told["2_hot"]["per_s"],
        "hot_waits": told["2_hot"]["waits_when_first_is_done"],
        "legs": told,
        "figures": msgspec.to_builtins(figures),
        "cities": cities,
        "model_cores": round(model, 4),
        "model_to_measured": round(model / largest["worker_cores"], 2),
    }


def fitted(
    small: dict[str, Any], large: dict[str, Any], backlog: dict[str, Any], log_bytes: float, state_bytes: float
) -> Figures:
    """What an idle worker and a point take, from two cities; the rest from a backlog."""
    idle, busy = (each["worker_cores"] - each["readings_per_s"] * backlog["worker_us"] / 1e6 for each in (small, large))
    points = large["points"] - small["points"]
    point_us = max(0.0, 1e6 * (busy - idle) / points)
    return Figures(
        reading_us=backlog["worker_us"],
        point_us=round(point_us, 3),
        broker_us=backlog["broker_us"],
        log_bytes=log_bytes,
        state_bytes=state_bytes,
        point_bytes=max(0, round(1e6 * (large["worker_memory_mb"] - small["worker_memory_mb"]) / points)),
        base_cores=round(max(0.0, idle - small["points"] * point_us / 1e6), 4),
        base_mb=backlog["worker_memory_mb"],
    )


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


def run_city(kafka: KafkaConnection, folder: Path, measure: Measure, others: dict[str, int]) -> dict[str, Any]:
    """Points that report once in a while, at the pace of the clock, with city time in every second; what it takes.

    ``others`` are processes whose cores are told too, by name.
    """
    load = Workload(
        measure.seed, PARTITIONS, measure.points, interval_ms=1000 * measure.interval_s, name=f"city-{measure.points}",
        slices=measure.interval_s,
    )  # fmt: skip
    domain = declared(kafka, load)
    with workers_of(kafka, folder, domain.name, f"capacity-{load.name}", 1) as parts:
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
