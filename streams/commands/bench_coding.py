"""`citybrain bench coding`: whether exactly the faults are found that were planted in a day of coded goods."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from streams.bench_coding import bench_coding


def coding(
    events: Annotated[int, typer.Option(min=1000, help="custody events of the day")] = 10_000,
    seed: Annotated[int, typer.Option(help="equal seeds plant alike")] = 1,
    url: Annotated[str, typer.Option("--store", help="an empty store; without it SQLite in a folder that goes")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """Of 10,000 events 50 sell uncoded goods, 20 break a link, 10 use a code of somebody else's: are all found?"""
    with tempfile.TemporaryDirectory(prefix="citybrain-bench-") as folder:
        where = url or f"sqlite:///{Path(folder) / 'store.db'}"
        told = bench_coding(where, events, seed, lambda line: print(line, file=sys.stderr))
    kept = not told["missed"] and not told["false"] and told["shares_equal"]
    if as_json:
        print(json.dumps(told | {"kept": kept}))
    else:
        print(f"{told['events']:,} events of {told['firms']} firms in {told['cpu_s']} CPU s")
        print(f"planted: {told['planted']}, found: {told['found']}")
        print(f"missed: {len(told['missed'])}, false: {len(told['false'])}; shares equal: {told['shares_equal']}")
    if not kept:
        raise typer.Exit(1)
