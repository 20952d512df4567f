"""`citybrain bench inventory`: how fast it is said what is in a yard, where and whose, at any past minute."""

import json
import sys
from typing import Annotated

import typer

from streams.bench_inventory import bench_inventory


def inventory(
    boxes: Annotated[int, typer.Option(min=10, help="containers that stand in the yard at a time")] = 20_000,
    turns: Annotated[int, typer.Option(min=2, help="times the yard is filled anew")] = 4,
    asked: Annotated[int, typer.Option(min=1, help="questions of each kind")] = 200,
    checked: Annotated[int, typer.Option(min=0, help="minutes that are replayed from zero too")] = 5,
    seed: Annotated[int, typer.Option(help="equal seeds, equal yards")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """Answers to how much is in a yard, where and whose, at random past minutes, held against a replay from zero."""
    told = bench_inventory(boxes, turns, asked, checked, seed, lambda line: print(line, file=sys.stderr))
    if as_json:
        print(json.dumps(told))
    else:
        print(f"{told['boxes']:,} boxes at a time, {told['events']:,} events; processor time of one answer:")
        for name, each in told["answers"].items():
            print(f"{name:18} median {each['p50_ms']} ms, p99 {each['p99_ms']} ms, worst {each['worst_ms']} ms")
        print(f"{told['checked']} minutes replayed from zero, {told['unlike_replay']} answered otherwise")
        print(f"promised p99 below {told['promised_ms']:g} ms: {'kept' if told['kept'] else 'NOT kept'}")
    if not told["kept"]:
        raise typer.Exit(1)
