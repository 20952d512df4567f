"""`citybrain bench evidence`: how soon the evidence of an exceedance is one sealed file."""

import json
import sys
from typing import Annotated

import typer

from streams.bench_evidence import bench_evidence
from topics.domain_file import load_domains


def evidence(
    stations: Annotated[int, typer.Option(min=2, max=5_000, help="stations, within reach of each other")] = 50,
    days: Annotated[int, typer.Option(min=1, max=30, help="days of the history")] = 10,
    packs: Annotated[int, typer.Option(min=1, help="packs that are made, each of an exceeding day")] = 20,
    seed: Annotated[int, typer.Option(help="equal seeds, equal readings")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """Raw frames, marks, maintenance, neighbours and picture links of one exceedance in one file within a second?"""
    (pack,) = (each for each in load_domains() if each.name == "pollution")
    told = bench_evidence(pack, stations, days, packs, seed, lambda line: print(line, file=sys.stderr))
    if as_json:
        print(json.dumps(told))
    else:
        for name, value in told.items():
            print(f"{name:18} {value:,}" if isinstance(value, int | float) else f"{name:18} {value}")
    if not told["promise_kept"]:
        raise typer.Exit(1)
