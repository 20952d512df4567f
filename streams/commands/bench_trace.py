"""`citybrain bench trace`: how long it takes to say where a bad lot went, who holds it and where it came from."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from streams.bench_trace import bench_trace


def trace(
    events: Annotated[int, typer.Option(min=100, help="custody events to fill the store with")] = 1_000_000,
    times: Annotated[int, typer.Option(min=1, help="lots traced each way")] = 50,
    seed: Annotated[int, typer.Option(help="equal seeds fill and ask alike")] = 1,
    url: Annotated[
        str,
        typer.Option(
            "--store", help="an empty store, or one filled so before; without it SQLite in a folder that goes"
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """How long it takes to trace a bad lot and name its holders, and to trace back, over very many custody events."""
    with tempfile.TemporaryDirectory(prefix="citybrain-bench-") as folder:
        where = url or f"sqlite:///{Path(folder) / 'store.db'}"
        told = bench_trace(where, events, times, seed, lambda line: print(line, file=sys.stderr))
    if as_json:
        print(json.dumps(told))
    else:
        print(f"{told['events']:,} events in {told['store']}, filled in {told['fill_cpu_s']} CPU s")
        for way in ("forward", "holders", "backward"):
            for at in told[way]:
                print(
                    f"{way:9} naming up to {at['up_to']:>7,}: {at['answers']:>3} answers, "
                    f"median {at['median_s']:.3f} s, worst {at['worst_s']:.3f} s (CPU {at['worst_cpu_s']:.3f} s)"
                )
        by = "of processor" if told["by"] == "processor" else "by the clock"
        print(f"promised below {told['promised_s']:g} s {by} for each of these:")
        print("the promise is kept" if told["kept"] else "the promise is NOT kept")
    if not told["kept"]:
        raise typer.Exit(1)
