"""`citybrain bench pipeline`: the worker against the ceiling of its own clients, on one broker in one run."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from hdrh.histogram import HdrHistogram

from load_tests.generator import preload
from load_tests.pack import load_domain
from load_tests.workload import Workload
from records.registry import Device, SeriesMeta, Site
from streams.bench_warm import ROUNDS, Warm, put_in_force, start_from, warmed
from streams.clients import lone_consumer
from streams.packs import publish_packs
from streams.process_cpu import trees_cpu_s
from streams.registry_feed import publish_records
from streams.settings import child_environment, load_settings
from streams.supervise import Part, Supervisor
from topics.broker import EmbeddedKafka
from topics.catalog import catalog
from topics.connection import KafkaConnection
from topics.declare import declare
from topics.errors import CityBrainError
from topics.finding import Finding, Text

#: 2026-01-01 UTC: the event time at which the preloaded backlog begins.
START_MS = 1_767_225_600_000

#: Two domains, because event time and series of the backlog and of the steady load must not meet.
BACKLOG = "load"
STEADY = "steady"

#: Microseconds: histogram of latencies from 0.1 ms to a minute, three digits.
LATENCY_RANGE = (100, 60_000_000, 3)

LEG_WITHIN_S = 600

#: What the generator may take for building a message before its clock starts, wall seconds (processor: 4 µs).
BUILT_WITHIN_S = 1e-5

#: No finding for so long after the last reading: the worker has caught up.
DRAINED_AFTER_S = 5.0

#: What a turn's legs told, by name.
Turn: TypeAlias = dict[str, dict[str, float]]


class NotMeasured(CityBrainError):
    """A leg of the benchmark ended without a figure; the text carries its last words."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. ``agent_messages`` are fewer, because Faust's own path takes so much longer."""

    messages: int = 1_000_000
    agent_messages: int = 50_000
    series: int = 5_000
    seed: int = 1
    rate_per_s: float = 50_000
    seconds: float = 15.0
    #: The first of these seconds are the worker's warm-up and not in the histogram.
    warm_up_s: float = 3.0
    #: Before them the rate grows evenly from nought.
    ramp_s: float = 0.0
    #: The ceiling and the worker take turns so many times; told is the turn of median ratio in processor time.
    turns: int = 3

    def workload(self, name: str, interval_ms: int) -> Workload:
        """The readings to send, each series' every ``interval_ms`` of event time."""
        return Workload(self.seed, partitions=4, series=self.series, interval_ms=interval_ms, name=name)


def bench_pipeline(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure, and return the figures under the names of design section 6.

    Raises ``NotMeasured`` if a leg gives no figure, ``PartMissing`` if there is no broker to be had.
    """
    with tempfile.TemporaryDirectory(prefix="citybrain-bench-") as folder, EmbeddedKafka(Path(folder)) as broker:
        kafka = KafkaConnection(broker.bootstrap)
        # A round of the backlog is a minute, so that every round is also a look of the isolation forest.
        backlog, steady = plan.workload(BACKLOG, 60_000), plan.workload(STEADY, 1_000)
        domains = [load_domain(backlog), load_domain(steady)]
        declare(kafka, catalog(domains))
        publish_packs(kafka, domains, START_MS)
        asyncio.run(publish_records(kafka, registered(backlog) + registered(steady)))
        say(f"warming {plan.series:,} series over {ROUNDS:,} rounds")
        warm = warmed(backlog, domains[0], registered(backlog), START_MS)
        asyncio.run(put_in_force(kafka, warm, START_MS))
        say(f"preloading {plan.messages:,} messages")
        asyncio.run(preload(kafka, domains[0].topic, backlog, START_MS, plan.messages))
        turns = [take_turn(plan, kafka, warm, f"bench-{number}", say) for number in range(plan.turns)]
        say("measuring: agent")
        agent = run_leg("agent", kafka, domains[0].topic, plan.agent_messages, "bench-agent")
        say(f"measuring: latency at {plan.rate_per_s:,.0f}/s")
        words = ["worker", "--brokers", kafka.brokers, "--only", STEADY]
        worker = Part("worker", words, Path(folder), child_environment(load_settings()))
        latency = measure_latency(plan, kafka, worker, broker)
    return figures(plan, turns, agent, latency)


def take_turn(plan: Plan, kafka: KafkaConnection, warm: Warm, group: str, say: Callable[[str], None]) -> Turn:
    """The ceiling and the worker, one behind the other over the same backlog, so that both meet the same machine."""
    asyncio.run(start_from(kafka, f"{group}-readings", warm))
    messages = plan.messages + len(warm.blocks)  # the words that put the models in force
    turn = {}
    for name in ("ceiling", "worker"):
        say(f"measuring: {name}, {group}")
        turn[name] = run_leg(name, kafka, warm.domain.topic, messages, group)
    return turn


def figures(plan: Plan, turns: list[Turn], agent: dict[str, float], latency: dict[str, Any]) -> dict[str, Any]:
    """The keys that others read, and beside them each turn as it was measured."""
    ordered = sorted(turns, key=lambda turn: turn["ceiling"]["cpu_seconds"] / turn["worker"]["cpu_seconds"])
    told = ordered[len(ordered) // 2]
    ceiling, worker = told["ceiling"], told["worker"]
    return {
        "ceiling_per_s": round(_per_s(ceiling)),
        "worker_per_s": round(_per_s(worker)),
        "faust_agent_per_s": round(_per_s(agent)),
        "ratio": round(_per_s(worker) / _per_s(ceiling), 3),
        "ceiling_per_cpu_s": round(_per_s(ceiling, "cpu_seconds")),
        "worker_per_cpu_s": round(_per_s(worker, "cpu_seconds")),
        "faust_agent_per_cpu_s": round(_per_s(agent, "cpu_seconds")),
        "ratio_cpu": round(_per_s(worker, "cpu_seconds") / _per_s(ceiling, "cpu_seconds"), 3),
        "over_faust_agent": round(_per_s(worker) / _per_s(agent), 1),
        "readings_to_a_finding": round(worker["readings"] / max(1, worker["findings"])),
        "engine": "faust",
        "messages": plan.messages,
        "seed": plan.seed,
        **latency,
        "legs": {"turns": turns, "agent": agent},
    }


def _per_s(leg: dict[str, float], seconds: str = "seconds") -> float:
    return leg["messages"] / leg[seconds]


def registered(workload: Workload) -> list[Site | Device]:
    """The registry that a workload's readings need."""
    sites = [
        Site(workload.site(number), workload.name, Text("负载", "Load"), "Load", "120116", 39.0, 117.7)
        for number in range(workload.sites)
    ]
    devices = [Device(device, site, "load", {workload.quantity: SeriesMeta()}) for site, device in workload.devices()]
    return [*sites, *devices]


def run_leg(name: str, kafka: KafkaConnection, topic: str, messages: int, group: str) -> dict[str, float]:
    """One leg as a process of its own. Raises ``NotMeasured`` with its last words if it fails."""
    words = [sys.executable, "-m", "streams.bench_legs", name, kafka.brokers, topic, str(messages), group]
    done = subprocess.run(words, capture_output=True, text=True, timeout=LEG_WITHIN_S, check=False)
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines:
        raise NotMeasured(f"bench leg {name}: expected a figure, got status {done.returncode}: {done.stderr[-2000:]}")
    told: dict[str, float] = json.loads(lines[-1])
    if told.get("not_judged"):
        raise NotMeasured(
            f"bench leg {name}: expected every reading to be judged, got {told['not_judged']} that were not"
        )
    return told


def measure_latency(
    plan: Plan, kafka: KafkaConnection, worker: Part, broker: EmbeddedKafka, domain: str = STEADY
) -> dict[str, Any]:
    """From a reading's intended send time to its finding at a consumer, at a steady rate, worker in its own process.

    Beside it, how many cores worker, generator and broker kept busy meanwhile.
    """
    with Supervisor() as supervisor:
        supervisor.start(worker)
        words = [sys.executable, "-m", "load_tests", "--brokers", kafka.brokers, "--name", domain]
        words += ["--rate", str(plan.rate_per_s), "--seconds", str(plan.seconds), "--series", str(plan.series)]
        offered_in_all = plan.rate_per_s * (plan.ramp_s / 2 + plan.seconds)
        words += ["--seed", str(plan.seed), "--ramp", str(plan.ramp_s), "--ahead", str(offered_in_all * BUILT_WITHIN_S)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as generator:
            processes = {"worker": worker.process, "generator": generator, "broker": broker.process}
            roots = {name: process.pid for name, process in processes.items() if process is not None}
            histogram, cores = asyncio.run(_listen(kafka, plan, generator, roots))
            offered = json.loads((generator.stdout.read() if generator.stdout else "") or "{}")
    if not histogram.get_total_count():
        raise NotMeasured("latency: expected findings, got none")
    at = {
        f"p{name}": histogram.get_value_at_percentile(value) / 1000
        for name, value in (("50", 50), ("95", 95), ("99", 99))
    }
    return {
        "latency_ms": {
            name: round(value, 1) for name, value in (at | {"max": histogram.get_max_value() / 1000}).items()
        },
        "latency_findings": histogram.get_total_count(),
        "latency_cores": cores,
        "latency_offered": offered | {"rate_per_s": plan.rate_per_s},
    }


async def _listen(
    kafka: KafkaConnection, plan: Plan, generator: "subprocess.Popen[str]", roots: dict[str, int]
) -> tuple[HdrHistogram, dict[str, float]]:
    """The latencies, and by process the cores it kept busy, both from behind the warm-up; the cores until the generator
    ends, the latencies until nothing more comes."""
    histogram = HdrHistogram(*LATENCY_RANGE)
    decoder = msgspec.json.Decoder(Finding)
    consumer = lone_consumer(kafka)
    consumer.subscribe(["findings"])
    await consumer.start()
    await consumer.seek_to_end()
    began_ms = time.time_ns() // 1_000_000
    first, looks, heard = 0, list[tuple[float, dict[str, float]]](), time.monotonic()
    # What comes after the generator has ended counts too: a worker that is behind must not look fast.
    while generator.poll() is None or time.monotonic() - heard < DRAINED_AFTER_S:
        for records in (await consumer.getmany(timeout_ms=100)).values():
            now_us = time.time_ns() // 1000
            heard = time.monotonic()
            for record in records:
                stamp = decoder.decode(record.value).stamp
                if stamp < began_ms:
                    continue  # of a leg before: one of them would put the warm-up's end into the past
                first = first or stamp
                if stamp >= first + (plan.ramp_s + plan.warm_up_s) * 1000:
                    histogram.record_value(max(LATENCY_RANGE[0], now_us - stamp * 1000))
        if generator.poll() is None:
            heard = time.monotonic()
        warm = first and time.time() >= first / 1000 + plan.ramp_s + plan.warm_up_s
        if warm and (not looks or time.monotonic() - looks[-1][0] >= 1.0) and generator.poll() is None:
            looks.append((time.monotonic(), trees_cpu_s(roots)))
    await consumer.stop()
    return histogram, busy(looks)


def busy(looks: list[tuple[float, dict[str, float]]]) -> dict[str, float]:
    """Cores by process between the first and the last look (wall and processor seconds); none from less than two."""
    if len(looks) < 2:
        return {}
    (began, before), (ended, after) = looks[0], looks[-1]
    return {name: round((after[name] - before[name]) / (ended - began), 2) for name in after}
