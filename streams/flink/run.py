"""`citybrain worker --engine flink`: the job on a cluster of this machine that lives as long as the command, or on the
city's own."""

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from streams.flink.cluster import FlinkCluster
from streams.flink.handover import hand_over
from streams.flink.home import flink_home, python_jars
from streams.flink.job import Plan
from streams.flink.rest import FlinkRest
from streams.flink.resume import mark_mode, newest_point
from streams.judges import EVENT_JUDGES
from streams.packs import domains_of, read_packs
from streams.settings import Settings, load_settings, program_environment
from topics.domain import Domain
from topics.errors import PartMissing
from topics.jars import jars
from topics.java import find_java

SUBMITTED_WITHIN_S = 180.0
LOOK_EVERY_S = 1.0


def run_job(settings: Settings, group: str, only: list[str], cluster: str = "") -> None:
    """Run the job until SIGTERM or SIGINT, then end it with a savepoint from which the next start goes on.

    ``cluster`` is the address of a city's own JobManager (host:port); empty starts one here.
    Raises ``PartMissing``, ``ConfigurationError`` or ``JobEnded`` in one sentence.
    """
    flink_home()
    ending = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ending.set())
    domains = registered_domains(settings, only)
    folder = settings.data / "flink" / group
    with _cluster(settings, folder, cluster) as (rest, own):
        plan = make_plan(settings, group, domains, folder, rest.base, foreign=own is None)
        job = submit(plan, folder)
        failures = Failures(rest, job)
        while rest.state(job) != "RUNNING" and not ending.wait(0.2):
            failures.tell()
        if not ending.is_set():
            print(f"worker ready: {', '.join(domain.name for domain in domains)} (Flink job {job})", flush=True)
        while not ending.wait(LOOK_EVERY_S):
            rest.state(job)
            failures.tell()
            if own is not None:
                own.mend()
        print(f"worker ended with savepoint {rest.savepoint(job, folder / 'savepoints', stop=True)}", flush=True)


class Failures:
    """Says on standard error why Flink has started the job again: it does so by itself and without end, and a job that
    never comes to work would else be waited for in silence."""

    def __init__(self, rest: FlinkRest, job: str) -> None:
        self._rest = rest
        self._job = job
        self._told = 0

    def tell(self) -> None:
        """Say the last failure where there has been one since the last time."""
        failed = self._rest.restarts(self._job)
        if failed > self._told:
            print(f"Flink started the job again: {self._rest.why(self._job)}", file=sys.stderr, flush=True)
        self._told = failed


def make_plan(
    settings: Settings, group: str, domains: list[Domain], folder: Path, base: str, *, foreign: bool = False
) -> Plan:
    """What is to be submitted. A job with nothing to go on from takes over from the group's Faust workers.

    ``foreign``: the cluster is not one of ours, so it has no more of Flink on its class path than Flink's own lib.
    """
    judged = [each for each in domains if each.events and each.name in EVENT_JUDGES]
    topics = [each.topic for each in domains] + [each.events_topic for each in judged]
    restore = newest_point(folder)
    if not restore:
        hand_over(settings.kafka, group, topics)
    mark_mode(folder)
    place = urlsplit(base)
    archives = jars("flink", lambda line: print(line, file=sys.stderr))
    if foreign:
        archives += python_jars(flink_home())
    return Plan(
        host=place.hostname or "127.0.0.1",
        port=place.port or 8081,
        connection=settings.kafka,
        group=group,
        topics=topics,
        partitions=sum(each.partitions for each in domains) + sum(each.partitions for each in judged),
        parallelism=settings.flink_parallelism,
        guarantee=settings.flink_delivery,
        checkpoint_s=settings.flink_checkpoint_s,
        cycle_s=settings.flink_snapshot_s,
        folder=str(folder),
        restore=restore,
        jars=[str(path) for path in archives],
        python=sys.executable,
    )


def submit(plan: Plan, folder: Path) -> str:
    """Give the job to its cluster in a process of its own; the job's id. Raises ``PartMissing`` with its last words."""
    words = [sys.executable, "-m", "streams.flink.job"]
    log = folder / "submission.log"
    folder.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as errors:
        done = subprocess.run(
            words,
            input=msgspec.json.encode(plan) + b"\n",
            stdout=subprocess.PIPE,
            stderr=errors,
            env=_client_environment(folder),
            timeout=SUBMITTED_WITHIN_S,
            check=False,
        )
    said = done.stdout.decode().split()
    if done.returncode != 0 or not said:
        raise PartMissing(
            f"Flink job: expected an id, got: {cause(log.read_text(errors='replace'))} (all of it: {log})"
        )
    return said[-1]


def cause(log: str) -> str:
    """Why a submission failed, in one line: the innermost cause that Java names, else the last that was said."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    return (causes or lines or ["nothing"])[-1]


def _client_environment(folder: Path) -> dict[str, str]:
    """The client's JVM reads the configuration of the cluster it speaks to, where that is ours."""
    home = flink_home()
    conf = folder / "cluster"
    java = find_java(load_settings().java_home or None)
    return program_environment(
        FLINK_CONF_DIR=str(conf if conf.exists() else home / "conf"),
        FLINK_LOG_DIR=str(folder),
        JAVA_HOME=str(java.parent.parent),
        JVM_ARGS="-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    )


@contextmanager
def _cluster(settings: Settings, folder: Path, address: str) -> Iterator[tuple[FlinkRest, FlinkCluster | None]]:
    if address:
        rest = FlinkRest(f"http://{address}")
        if not rest.answers():
            raise PartMissing(f"--cluster: expected a Flink JobManager at {address}, got no answer")
        yield rest, None
        return
    options = {} if not settings.metrics_port else prometheus(settings.metrics_port)
    cluster = FlinkCluster(
        folder / "cluster",
        slots=settings.flink_parallelism,
        java_home=settings.java_home or None,
        options=options,
        log_level=settings.log_level.lower(),
    )
    with contextlib.ExitStack() as stack:
        stack.enter_context(cluster)
        yield FlinkRest(cluster.rest), cluster


def prometheus(port: int) -> dict[str, str]:
    """Flink's own reporter: JobManager and TaskManagers take the ports from this one on."""
    return {
        "metrics.reporters": "prom",
        "metrics.reporter.prom.factory.class": "org.apache.flink.metrics.prometheus.PrometheusReporterFactory",
        "metrics.reporter.prom.port": f"{port}-{port + 9}",
    }


def registered_domains(settings: Settings, only: list[str]) -> list[Domain]:
    """Those whose packs are on topic ``config``, or of them ``only`` these. Raises ``PartMissing``."""
    packs = {domain.name: domain for domain in domains_of(read_packs(settings.kafka))}
    if missing := [name for name in only if name not in packs]:
        raise PartMissing(f"expected packs {missing} on topic config, got {sorted(packs)}; publish them first")
    if not packs:
        raise PartMissing("expected domain packs on topic config, got none; give --domains DIR to publish them")
    return [packs[name] for name in sorted(packs) if not only or name in only]
