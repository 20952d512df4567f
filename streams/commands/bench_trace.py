"""`citybrain bench trace`: how long it takes to say where a bad lot went and where it came from."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from streams.bench_trace import bench_trace
from topics.errors import ConfigurationError


def trace(
    events: Annotated[int, typer.Option(min=100, help="custody events to fill the store with")] = 1_000_000,
    times: Annotated[int, typer.Option(min=1, help="lots traced each way")] = 50,
    seed: Annotated[int, typer.Option(help="equal seeds fill and ask alike")] = 1,
    url: Annotated[str, typer.Option("--store", help="an empty store; without it SQLite in a folder that goes")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """How long a lot's way takes to trace, forward and back, over a store of very many custody events."""
    with tempfile.TemporaryDirectory(prefix="citybrain-bench-") as folder:
        try:
            where = url or f"sqlite:///{Path(folder) / 'store.db'}"
            told = bench_trace(where, events, times, seed, lambda line: print(line, file=sys.stderr))
        except ValueError as error:
            raise ConfigurationError(str(error)) from error
    if as_json:
        print(json.dumps(told))
        return
    print(f"{told['events']:,} events, filled in {told['fill_cpu_s']} CPU s; promised {told['promised_s']:g} s a trace")
    for way in ("forward", "backward"):
        at = told[way]
        print(f"{way:9} median {at['median_s']} s, worst {at['worst_s']} s (CPU {at['worst_cpu_s']} s)")
        print(f"{'':9} up to {at['largest']:,} elements")
