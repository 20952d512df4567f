"""`citybrain bench flood` and `bench stream`: the alert server under a flood, and with many listeners."""

import json
from collections.abc import Callable
from typing import Annotated, Any

import typer

from streams.bench_flood import Plan as Flood
from streams.bench_flood import bench_flood
from streams.bench_server import say
from streams.bench_stream import Plan as Stream
from streams.bench_stream import bench_stream

AsJson = Annotated[bool, typer.Option("--json", help="one JSON object on standard output")]


def flood(
    findings: Annotated[int, typer.Option(min=100, max=100_000, help="findings to send")] = 10_000,
    seconds: Annotated[float, typer.Option(min=1, max=600, help="over so long")] = 60.0,
    as_json: AsJson = False,
) -> None:
    """How long red alarms and the others take to listener and bureau under a flood; that none is lost."""
    _tell(lambda: bench_flood(Flood(findings, seconds), say), as_json)


def stream(
    listeners: Annotated[int, typer.Option(min=1, max=2_000, help="open streams")] = 500,
    changes_per_s: Annotated[float, typer.Option("--rate", min=0.5, max=200, help="alarms that change a second")] = 5.0,
    seconds: Annotated[float, typer.Option(min=5, max=600, help="how long")] = 20.0,
    as_json: AsJson = False,
) -> None:
    """How long a change takes to every one of many listeners, and what it costs the server."""
    _tell(lambda: bench_stream(Stream(listeners, changes_per_s, seconds), say), as_json)


def _tell(measure: Callable[[], dict[str, Any]], as_json: bool) -> None:
    told = measure()
    if as_json:
        print(json.dumps(told))
        return
    for name, value in told.items():
        if isinstance(value, dict):
            print(name)
            for inner, figure in value.items():
                print(f"  {inner:22} {figure}")
        else:
            print(f"{name:24} {value}")
