"""What the benchmarks of the alert server share: a broker, a described city, a bureau, and the server as a process."""

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hdrh.histogram import HdrHistogram

from records.registry import Device, SeriesMeta, Site
from streams.bureau import Bureau, Register
from streams.packs import publish_packs
from streams.registry_feed import publish_records
from streams.settings import child_environment, load_settings
from streams.supervise import Part, Supervisor
from topics.broker import EmbeddedKafka
from topics.catalog import catalog
from topics.connection import KafkaConnection
from topics.declare import declare
from topics.domain import Domain, Quantity, Route
from topics.finding import Finding, Origin, Text, finding_id

DOMAIN = "bench"
#: A hundred sites, so that an alarm's key is site and quantity as it is in a city.
SITES = 100
READY = re.compile(r"server ready on (http://\S+?)/")


class TimedRegister(Register):
    """The stand-in bureau's register that remembers when each message came (wall ms), in order."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[tuple[int, bytes]] = []

    def take(self, body: bytes) -> tuple[int, bytes]:
        self.came.append((now_ms(), body))
        return super().take(body)


@dataclass(frozen=True, slots=True)
class Bench:
    """A running server and what is about it. ``store`` is its SQLite file, read after it has ended."""

    kafka: KafkaConnection
    base: str
    store: Path
    register: TimedRegister
    server: Part
    supervisor: Supervisor

    def cpu_s(self) -> float:
        """CPU seconds the server's process has used (Linux)."""
        assert self.server.process is not None
        fields = Path(f"/proc/{self.server.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100


def now_ms() -> int:
    """Milliseconds UTC of this machine's clock."""
    return time.time_ns() // 1_000_000


def pack() -> Domain:
    """A domain whose every alarm is told to the bureau."""
    title = Text("压测", "bench")
    quantity = Quantity(title, "1", "bench", 1.0, (0.0, 1.0), 0.1)
    route = Route("emergency-bureau", Text("应急管理局", "emergency bureau"), "blue")
    return Domain(DOMAIN, title, 1, "Safety", {"q": quantity}, {}, (route,), {}, partitions=1)


def finding(number: int, severity: str, at_ms: int) -> Finding:
    """The ``number``-th finding, of an alarm of its own; ``at_ms`` is when it is meant to be sent."""
    subject = f"site-{number % SITES}/d/q{number // SITES}/Rtd"
    return Finding(
        finding_id("bench", 1, subject, at_ms), "open", 0, DOMAIN, f"site-{number % SITES}", subject,
        f"q{number // SITES}", "limit", "bench", 1, severity, at_ms, at_ms,
        Text(f"压测报警 {number}", f"bench alarm {number}"), Origin("readings.bench", 0, number, number), stamp=at_ms,
    )  # fmt: skip


@contextmanager
def bench_server() -> Iterator[Bench]:
    """Everything up on this machine's loopback; all of it is gone afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="citybrain-bench-") as name,
        EmbeddedKafka(Path(name)) as broker,
        Bureau(register=(register := TimedRegister())) as bureau,
        Supervisor() as supervisor,
    ):
        folder, kafka, domain = Path(name), KafkaConnection(broker.bootstrap), pack()
        declare(kafka, catalog([domain]))
        publish_packs(kafka, [domain], now_ms())
        title = Text("压测站点", "bench site")
        sites: list[Site | Device] = [
            Site(f"site-{number}", DOMAIN, title, "bench", "120116", 39.0, 117.7) for number in range(SITES)
        ]
        devices = [Device(f"d{number}", f"site-{number}", "bench", {"q": SeriesMeta()}) for number in range(SITES)]
        asyncio.run(publish_records(kafka, [*sites, *devices]))
        store = folder / "store.db"
        words = ["server", "--brokers", kafka.brokers, "--bureau", bureau.url, "--port", "0", "--simulated"]
        environment = child_environment(load_settings(), data_dir=str(folder))
        server = Part("server", [*words, "--store", f"sqlite:///{store}"], folder, environment)
        supervisor.start(server)
        found = READY.search(server.said())
        assert found is not None, "the server says where it listens when it is ready"
        yield Bench(kafka, found[1], store, register, server, supervisor)


def histogram() -> HdrHistogram:
    """Milliseconds from 1 to ten minutes, three digits."""
    return HdrHistogram(1, 600_000, 3)


def percentiles(counted: HdrHistogram) -> dict[str, float | None]:
    """``p50`` to ``max`` in milliseconds, ``None`` where nothing was counted."""
    some = counted.get_total_count() > 0
    at = {f"p{value:g}": counted.get_value_at_percentile(value) if some else None for value in (50, 95, 99)}
    return at | {"max": counted.get_max_value() if some else None}


def say(line: str) -> None:
    """Progress, to a person."""
    print(line, file=sys.stderr, flush=True)
