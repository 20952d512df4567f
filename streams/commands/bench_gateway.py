"""`citybrain bench gateway`: devices connected at once, latency of the answers, readings per second of processor."""

import json
import sys
from typing import Annotated

import typer

from streams.bench_gateway import Load, bench_gateway
from streams.logs import configure_logs
from streams.sources.hj212.fuzz import fuzz_gateway


def gateway(
    devices: Annotated[int, typer.Option(min=1, max=20_000, help="devices connected at once")] = 2_000,
    rate: Annotated[float, typer.Option(min=0.01, max=100, help="frames a second of each")] = 1.0,
    minutes: Annotated[float, typer.Option(min=0.05, max=60, help="how long is measured")] = 1.0,
    factors: Annotated[int, typer.Option(min=1, max=4, help="readings in a frame")] = 3,
    fuzz: Annotated[bool, typer.Option("--fuzz", help="instead: feed it bytes that no device would send")] = False,
    fuzz_bytes: Annotated[int, typer.Option(min=1_000, max=1_000_000_000, help="how many")] = 10_000_000,
    seed: Annotated[int, typer.Option(help="equal seeds give equal fuzz")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """HJ 212 devices on loopback against a real gateway and broker: answers in time, and what they cost."""
    load = Load(devices, rate, minutes * 60, factors)
    configure_logs("WARNING")
    told = fuzz_gateway(fuzz_bytes, seed) if fuzz else bench_gateway(load, lambda line: print(line, file=sys.stderr))
    if as_json:
        print(json.dumps(told))
        return
    for name, value in told.items():
        print(f"{name:24} {value:,}" if isinstance(value, int | float) else f"{name:24} {value}")
