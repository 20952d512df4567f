"""`citybrain bench`: measure this machine."""

import json
import sys
from typing import Annotated

import typer

from streams.bench_pipeline import Plan, bench_pipeline
from streams.commands.bench_alarms import alarms, calibration
from streams.commands.bench_alerts import flood, stream
from streams.commands.bench_boxes import boxes
from streams.commands.bench_capacity import capacity
from streams.commands.bench_card import card
from streams.commands.bench_coding import coding
from streams.commands.bench_csv import labelled_csv
from streams.commands.bench_detectors import detectors
from streams.commands.bench_evidence import evidence
from streams.commands.bench_gateway import gateway
from streams.commands.bench_groups import groups
from streams.commands.bench_integrity import integrity
from streams.commands.bench_inventory import inventory
from streams.commands.bench_nab import nab
from streams.commands.bench_store import store
from streams.commands.bench_tep import tep
from streams.commands.bench_trace import trace
from streams.commands.bench_yard import yard
from topics.errors import ConfigurationError

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Measure this machine.")
app.command(name="detectors")(detectors)
app.command(name="alarms")(alarms)
app.command(name="calibration")(calibration)
app.command(name="groups")(groups)
app.command(name="nab")(nab)
app.command(name="capacity")(capacity)
app.command(name="tep")(tep)
app.command(name="csv")(labelled_csv)
app.command(name="store")(store)
app.command(name="integrity")(integrity)
app.command(name="gateway")(gateway)
app.command(name="evidence")(evidence)
app.command(name="flood")(flood)
app.command(name="stream")(stream)
app.command(name="trace")(trace)
app.command(name="coding")(coding)
app.command(name="yard")(yard)
app.command(name="boxes")(boxes)
app.command(name="card")(card)
app.command(name="inventory")(inventory)


@app.command()
def pipeline(
    engine: Annotated[str, typer.Option(help="faust, or flink with faust in the same run")] = "faust",
    delivery: Annotated[str, typer.Option(help="flink: at-least-once or exactly-once")] = "at-least-once",
    modes: Annotated[bool, typer.Option("--modes", help="flink: exactly-once and two subtasks too")] = False,
    messages: Annotated[int | None, typer.Option(min=10_000, help="backlog; 1 million, flink: 4 million")] = None,
    series: Annotated[int, typer.Option(min=1, help="series the readings are of")] = 5_000,
    rate: Annotated[
        float | None, typer.Option(min=100, help="messages/s of the latency; 50,000, flink: 100,000")
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=5, help="how long latency is measured; 15, flink: 30")] = None,
    seed: Annotated[int, typer.Option(help="equal seeds send equal values")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """The worker's rate against the ceiling of fetching and decoding, a plain Faust agent, and the latency."""
    if engine not in ("faust", "flink"):
        raise ConfigurationError(f"--engine: expected faust or flink, got {engine!r}")
    flink = engine == "flink"
    backlog = messages or (4_000_000 if flink else 1_000_000)
    plan = Plan(
        backlog, min(50_000, backlog), series, seed, rate or (100_000 if flink else 50_000), seconds or 15 * (1 + flink)
    )

    def say(line: str) -> None:
        print(line, file=sys.stderr)

    if flink:
        from streams.bench_flink import bench_flink

        told = bench_flink(plan, delivery, modes, say)
    else:
        told = bench_pipeline(plan, say)
    if as_json:
        print(json.dumps(told))
        return
    for name, value in told.items():
        if name != "legs":
            print(f"{name:24} {value:,}" if isinstance(value, int | float) else f"{name:24} {value}")
