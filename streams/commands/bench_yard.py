"""`citybrain bench yard`: how fast a move in a full yard is judged, and whether brute force says the same."""

import json
import sys
from typing import Annotated

import typer

from streams.bench_yard import PROMISED_MOVES, PROMISED_MS, bench_yard
from topics.domain_file import load_domains


def yard(
    boxes: Annotated[int, typer.Option(min=10, help="containers in the yard")] = 20_000,
    moves: Annotated[int, typer.Option(min=1, help="moves that are timed")] = 3_000,
    checked: Annotated[int, typer.Option(min=0, help="moves asked of brute force too")] = 300,
    seed: Annotated[int, typer.Option(help="equal seeds, equal yards")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """Answers to moves among very many boxes of dangerous goods, held against brute force. The boxes are made up."""
    (pack,) = (each for each in load_domains() if each.name == "cargo")
    told = bench_yard(pack, boxes, moves, checked, seed, lambda line: print(line, file=sys.stderr))
    if as_json:
        print(json.dumps(told))
    else:
        print(f"{told['boxes']:,} boxes, {told['moves']:,} moves: p50 {told['p50_ms']} ms, p99 {told['p99_ms']} ms")
        print(
            f"promised p99 below {PROMISED_MS:g} ms at {PROMISED_MOVES:g} moves/s; {told['moves_per_cpu_s']:g} a CPU s"
        )
        print(f"{told['checked']} moves asked of brute force, {told['unlike_brute_force']} answered otherwise")
        print("the promise is kept" if told["kept"] else "the promise is NOT kept")
    if not told["kept"]:
        raise typer.Exit(1)
