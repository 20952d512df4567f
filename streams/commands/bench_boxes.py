"""`citybrain bench boxes`: a yard of watched boxes, and whether a slow oracle says the same."""

import json
import sys
from typing import Annotated

import typer

from streams.bench_boxes import bench_boxes
from topics.domain_file import load_domains


def boxes(
    number: Annotated[int, typer.Option("--boxes", min=20, help="boxes with sensors")] = 400,
    hours: Annotated[
        float, typer.Option(min=3, help="hours of readings: temperatures each minute, the rest each other")
    ] = 8.0,
    seed: Annotated[int, typer.Option(help="equal seeds, equal yards")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """Boxes that warm, drift, leak, tilt, open, fall silent or stay near a limit, held against an oracle to the second.
    They are made up.
    """
    (pack,) = (each for each in load_domains() if each.name == "cargo")
    told = bench_boxes(pack, number, hours, seed, lambda line: print(line, file=sys.stderr))
    if as_json:
        print(json.dumps(told))
    else:
        print(f"{told['boxes']:,} boxes, {told['readings']:,} readings, {told['readings_per_cpu_s']:,} a CPU second")
        for fate, title in (("near", "near a limit"), ("drift", "drifting")):
            print(f"{title}: {told['sides'][fate]['told']} to be told, {told['sides'][fate]['not_told']} not")
        print(f"{told['expected']} conditions by the oracle, {told['found']} found")
        print(f"missed {told['missed']}, extra {told['extra']}, at another time {told['at_another_time']}")
        print(f"another time left {told['other_time_left']}")
        print("the same" if told["kept"] else "NOT the same")
    if not told["kept"]:
        raise typer.Exit(1)
