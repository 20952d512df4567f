"""`citybrain bench pipeline --engine flink`: the PyFlink job off the same backlog as the worker, in the same run, and
the latency of both at a rate."""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from load_tests.generator import preload
from load_tests.pack import load_domain
from streams.bench_flink_backlog import Mode, rates, work_off
from streams.bench_pipeline import (
    BACKLOG,
    START_MS,
    Plan,
    measure_latency,
    registered,
    take_turn,
)
from streams.bench_warm import ROUNDS, put_in_force, warmed
from streams.flink.home import flink_home
from streams.packs import publish_packs
from streams.registry_feed import publish_records
from streams.settings import child_environment, load_settings
from streams.supervise import Part
from topics.broker import EmbeddedKafka
from topics.catalog import catalog
from topics.connection import KafkaConnection
from topics.declare import declare

#: A domain for each engine's steady load: event time runs ahead of the wall there, and the second's would be late.
STEADY_WITH = {"faust": "steady-faust", "flink": "steady-flink"}

#: The load of the latency grows for at least so long: the JVM still compiles what 100,000 readings a second need.
RAMP_S = 45.0

#: What is measured beside at-least-once of one subtask, for whoever would choose.
OTHERS = (Mode(delivery="exactly-once"), Mode(parallelism=2))

#: Promised: messages a processor second, and the latency's p99 at the promised rate.
PROMISED_PER_CPU_S, PROMISED_P99_MS, PROMISED_RATE = 150_000, 500.0, 100_000


class FlinkPart(Part):
    """Three JVMs start one after the other."""

    ready_within_s = 180.0


def bench_flink(plan: Plan, delivery: str, modes: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure, and return the figures. ``delivery`` is the sink's guarantee; with ``modes`` the other modes work the
    backlog off too.

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
        measured = {}
        for mode in (Mode(delivery=delivery), *(OTHERS if modes else ())):
            say(f"measuring: flink, {mode.name}")
            measured[mode.name] = rates(plan, work_off(plan, kafka, warm, Path(folder), mode))
        faust = latency_of(plan, broker, Path(folder), "faust", delivery, say)
        latency = latency_of(plan, broker, Path(folder), "flink", delivery, say)
        latency |= {f"faust_{name}": faust[name] for name in ("latency_ms", "latency_cores")}
    return figures(plan, delivery, turn, measured, latency)


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


def figures(
    plan: Plan,
    delivery: str,
    turn: dict[str, dict[str, float]],
    measured: dict[str, dict[str, int]],
    latency: dict[str, Any],
) -> dict[str, Any]:
    """The keys that others read; ``kept`` says whether each promise was. ``measured`` is by mode, the asked one
    first.
    """
    flink = next(iter(measured.values()))
    faust = turn["worker"]["messages"] / turn["worker"]["cpu_seconds"]
    return {
        "engine": "flink",
        "delivery": delivery,
        "mode": "process",
        "flink_per_cpu_s": flink["per_cpu_s"],
        "flink_per_s": flink["per_s"],
        "worker_per_s": flink["per_s"],
        "faust_per_cpu_s": round(faust),
        "ceiling_per_s": round(turn["ceiling"]["messages"] / turn["ceiling"]["seconds"]),
        "ceiling_per_cpu_s": round(turn["ceiling"]["messages"] / turn["ceiling"]["cpu_seconds"]),
        "ratio_to_faust_cpu": round(flink["per_cpu_s"] / faust, 3),
        "readings_to_a_finding": round(flink["counted"] / max(1, flink["findings"])),
        "counted": flink["counted"],
        "messages": plan.messages,
        "seed": plan.seed,
        "modes": measured,
        **latency,
        "kept": {
            "per_cpu_s": flink["per_cpu_s"] >= PROMISED_PER_CPU_S,
            "latency": plan.rate_per_s >= PROMISED_RATE and latency["latency_ms"]["p99"] <= PROMISED_P99_MS,
        },
    }
