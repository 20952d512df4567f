"""Real workers of one group under measurement: started together, watched by their pulses, accounted by process."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from aiokafka import TopicPartition

from streams.bench_pipeline import NotMeasured
from streams.clients import lone_consumer
from streams.process_cpu import resident_mb, trees_cpu_s
from streams.settings import child_environment, load_settings
from streams.supervise import Part, Supervisor
from topics.broker import EmbeddedKafka
from topics.connection import KafkaConnection
from topics.pulse import Pulse

SILENT_S = 60.0


@dataclass(slots=True)
class Look:
    """One look at the workers' pulses: readings judged and records waiting, by worker, and processor seconds used."""

    wall_s: float
    readings: dict[str, int] = field(default_factory=dict)
    lag: dict[str, int] = field(default_factory=dict)
    cpu_s: dict[str, float] = field(default_factory=dict)
    memory_mb: dict[str, float] = field(default_factory=dict)


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
    """Process ids of the workers that run, by name."""
    return {f"worker-{number}": part.process.pid for number, part in enumerate(parts) if part.process is not None}


def broker_pid(broker: EmbeddedKafka) -> dict[str, int]:
    """Process id of the broker, if it runs."""
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
