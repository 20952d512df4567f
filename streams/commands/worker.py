"""`citybrain worker`: judge readings and events until told to stop."""

import contextlib
import os
import socket
import time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from streams.clients import Membership
from streams.judging import Judging
from streams.liveness import Liveness
from streams.metrics import Metrics, serve_metrics
from streams.packs import load_packs, publish_packs
from streams.process_memory import settle_memory
from streams.settings import load_settings
from streams.worker import run_worker
from topics.errors import ConfigurationError


def command(
    engine: Annotated[str, typer.Option(help="faust, or flink (the extra of that name)")] = "faust",
    brokers: Annotated[str | None, typer.Option(help="address of the Kafka cluster, host:port[,host:port…]")] = None,
    domains: Annotated[Path | None, typer.Option(help="publish the packs of this folder first")] = None,
    only: Annotated[list[str] | None, typer.Option(help="judge only this domain; may be given again")] = None,
    group: Annotated[str, typer.Option(help="workers of one group share the partitions")] = "citybrain",
    cluster: Annotated[
        str, typer.Option(help="flink: JobManager of the city's own cluster, host:port; empty starts one here")
    ] = "",
) -> None:
    if engine not in ("faust", "flink"):
        raise ConfigurationError(f"--engine: expected faust or flink, got {engine!r}")
    if cluster and engine != "flink":
        raise ConfigurationError("--cluster: expected only with --engine flink")
    settings = load_settings(brokers=brokers)
    if domains is not None:
        publish_packs(settings.kafka, load_packs(domains), now_ms())
    if engine == "flink":
        from streams.flink.run import run_job

        run_job(settings, group, only or [], cluster)
        return
    settle_memory()
    metrics = Metrics()
    liveness = Liveness(settings.worker_stall_s, time.monotonic())
    judging = Judging(
        settings.kafka,
        group,
        f"{socket.gethostname()}-{os.getpid()}",
        now_ms,
        only=only or [],
        membership=Membership(settings.worker_member, round(settings.worker_session_s * 1000)),
        liveness=liveness if settings.metrics_port else None,
        snapshot_interval_s=settings.snapshot_interval_s,
        metrics=metrics,
    )
    with contextlib.ExitStack() as stack:
        if settings.metrics_port:
            alive = partial(_alive, liveness)
            server = serve_metrics(settings.metrics_port, metrics, host=settings.metrics_host, alive=alive)
            stack.callback(server.close)
        run_worker(settings.kafka, group, judging, settings.log_level)


def _alive(liveness: Liveness) -> str:
    return liveness.problem(time.monotonic())


def now_ms() -> int:
    """Wall time in ms UTC."""
    return time.time_ns() // 1_000_000
