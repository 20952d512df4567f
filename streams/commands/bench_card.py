"""`citybrain bench card`: how fast a responder's card of a full yard is made, and whether a replay shows the same."""

import json
import sys
from typing import Annotated

import typer

from streams.bench_card import bench_card
from topics.domain_file import load_domains


def card(
    boxes: Annotated[int, typer.Option(min=20, help="containers that stand in the yard at a time")] = 20_000,
    turns: Annotated[int, typer.Option(min=2, help="times the yard is filled anew")] = 2,
    asked: Annotated[int, typer.Option(min=1, help="cards of now, and of random minutes")] = 200,
    checked: Annotated[int, typer.Option(min=0, help="minutes that are played again, up to the minute")] = 3,
    seed: Annotated[int, typer.Option(help="equal seeds, equal yards")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """Responder's cards of a full yard, now and at past minutes, held against a replay. The boxes are made up."""
    (pack,) = (each for each in load_domains() if each.name == "cargo")
    told = bench_card(pack, boxes, turns, asked, checked, seed, lambda line: print(line, file=sys.stderr))
    if as_json:
        print(json.dumps(told))
    else:
        print(
            f"{told['boxes_on_card']:,} boxes of {told['substances']} substances, {told['boxes_named']:,} named, "
            f"{told['bytes']:,} bytes"
        )
        for name, each in told["cards"].items():
            for unit, title in (("cpu_ms", "processor"), ("wall_ms", "clock")):
                of = each[unit]
                print(f"{name:5} {title:10} p50 {of['p50']} ms, p99 {of['p99']} ms, worst {of['worst']} ms")
        print(f"{told['checked']} minutes played again, {told['unlike_replay']} cards unlike")
        print(f"promised p99 below {told['promised_ms']:g} ms of processor: {'kept' if told['kept'] else 'NOT kept'}")
    if not told["kept"]:
        raise typer.Exit(1)
