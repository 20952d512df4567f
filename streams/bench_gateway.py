"""`citybrain bench gateway`: many HJ 212 devices against the real gateway process and a real broker, on loopback."""

import asyncio
import contextlib
import os
import re
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records.registry import Device, SeriesMeta, Site
from streams.packs import load_packs, publish_packs
from streams.registry_feed import publish_records
from streams.settings import child_environment, load_settings
from streams.sources.hj212.fleet import FACTORS, Fleet
from streams.supervise import Part, Supervisor
from topics.broker import EmbeddedKafka
from topics.catalog import catalog
from topics.connection import KafkaConnection
from topics.declare import declare
from topics.errors import CityBrainError
from topics.finding import Text

DOMAIN = "pollution"
DEVICES_A_SITE = 10

#: The promise of the gateway: an answer within this at the 99th percentile.
PROMISE_MS = 500.0

_PORT = re.compile(r"hj212 on 127\.0\.0\.1:(\d+)")


class NotMeasured(CityBrainError):
    """The benchmark gives no figure; the text says what was in its way."""


@dataclass(frozen=True, slots=True)
class Load:
    """``rate`` is frames a second of each device, each with ``factors`` readings; the warm-up is not in the figures."""

    devices: int = 2_000
    rate: float = 1.0
    seconds: float = 60.0
    factors: int = 3
    warm_up_s: float = 5.0


def bench_gateway(load: Load, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure, and return the figures of docs/hj212.md: those of a gateway that keeps raw frames (as it does unless
    told otherwise), and as ``without_raw`` those of one that does not. Raises ``NotMeasured`` or ``PartMissing``.
    """
    _room_for(load.devices)
    with tempfile.TemporaryDirectory(prefix="citybrain-bench-") as name, EmbeddedKafka(Path(name)) as broker:
        kafka, folder = KafkaConnection(broker.bootstrap), Path(name)
        domains = [each for each in load_packs() if each.name == DOMAIN]
        declare(kafka, catalog(domains))
        publish_packs(kafka, domains, 1_767_225_600_000)
        say(f"registering {load.devices:,} devices")
        asyncio.run(publish_records(kafka, registered(load.devices)))
        with_raw, without = (_one_gateway(load, kafka, folder, keep, say) for keep in (True, False))
    ratio = with_raw["frames_per_cpu_s"] / without["frames_per_cpu_s"]
    return with_raw | {"without_raw": without, "raw_ratio": round(ratio, 3)}


def _one_gateway(
    load: Load, kafka: KafkaConnection, folder: Path, keep_raw: bool, say: Callable[[str], None]
) -> dict[str, Any]:
    home = folder / ("with-raw" if keep_raw else "without-raw")
    home.mkdir()
    settings = load_settings(
        brokers=kafka.brokers,
        data_dir=str(home / "data"),
        hj212_port=0,
        intake_port=0,
        metrics_port=0,
        # These devices answer no commands, and all of them connect in the same second.
        hj212_clock_tolerance_s=0,
        hj212_keep_raw=keep_raw,
        log_level="INFO",
    )
    part = Part("gateway", ["gateway", "--only", "hj212"], home, child_environment(settings))
    with Supervisor() as supervisor:
        supervisor.start(part)
        found = _PORT.search(part.said())
        if found is None or part.process is None:
            raise NotMeasured(f"gateway: expected it to say its port, got {part.last_words()}")
        kept = "kept" if keep_raw else "not kept"
        say(f"{load.devices:,} devices, {load.rate:g} frames a second each, for {load.seconds:g} s, raw frames {kept}")
        told = asyncio.run(_measure(load, int(found[1]), part.process.pid))
        return told | {"spool_took_over": part.said().count("spool_takes_over")}


def registered(devices: int) -> list[Site | Device]:
    """The registry of a fleet."""
    sites: list[Site | Device] = [
        Site(f"bench-{number:05d}", DOMAIN, Text("负载", "Load"), "Load", "120116", 39.0, 117.7)
        for number in range(-(-devices // DEVICES_A_SITE))
    ]
    quantities = {code: SeriesMeta() for code in FACTORS}
    return sites + [
        Device(mn(number), f"bench-{number // DEVICES_A_SITE:05d}", "hj212", quantities) for number in range(devices)
    ]


def mn(number: int) -> str:
    """An MN of 24 characters, as the standard has them."""
    return f"BE9C000A8900016F{number:08X}"


async def _measure(load: Load, port: int, pid: int) -> dict[str, Any]:
    fleet = Fleet([mn(number) for number in range(load.devices)], load.rate, load.factors, _wall_ms)
    try:
        await fleet.connect("127.0.0.1", port)
        before = [cpu_seconds(pid), time.process_time(), 0.0]

        def warm() -> None:
            before[:] = [cpu_seconds(pid), time.process_time(), fleet.report.answered]

        report = await fleet.run(load.seconds + load.warm_up_s, load.warm_up_s, warm)
        spent, load_cpu = cpu_seconds(pid) - before[0], time.process_time() - before[1]
        frames = report.answered - int(before[2])
    except OSError as error:
        raise NotMeasured(f"fleet: expected {load.devices} connections to be taken, got: {error}") from error
    finally:
        fleet.close()
    if not report.latencies or not spent:
        raise NotMeasured(f"gateway: expected answers, got {report.answered} to {report.sent} frames")
    ordered = sorted(report.latencies)
    at = {name: _percentile(ordered, share) for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))}
    latency = {name: round(value * 1000, 1) for name, value in (at | {"max": ordered[-1]}).items()}
    return {
        "devices": load.devices,
        "frames_sent": report.sent,
        "frames_answered": report.answered,
        "frames_repeated": report.repeated,
        "hung_up": report.hung_up,
        "readings": report.answered * load.factors,
        "latency_ms": latency,
        "promise_ms": PROMISE_MS,
        "promise_kept": latency["p99"] < PROMISE_MS and report.answered == report.sent,
        "gateway_cpu_seconds": round(spent, 2),
        "gateway_cores": round(spent / load.seconds, 3),
        "fleet_cpu_seconds": round(load_cpu, 2),
        "frames_per_cpu_s": round(frames / spent),
        "readings_per_cpu_s": round(frames * load.factors / spent),
    }


def _percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def cpu_seconds(pid: int) -> float:
    """Processor time that a process of ours has used so far, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _room_for(devices: int) -> None:
    """Each connection needs a descriptor here and one in the gateway, which is our child."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = devices + 500
    if soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
            return
        raise NotMeasured(f"fleet: expected room for {wanted} open files, got {soft} (ulimit -n)")


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
