"""`citybrain bench capacity`: what one and two workers judge, a large site, and a small city against the model."""

import json
import sys
from typing import Annotated

import typer

from streams.bench_capacity import Measure, bench_capacity


def capacity(
    messages: Annotated[int, typer.Option(min=100_000, help="backlog of each leg")] = 1_500_000,
    series: Annotated[int, typer.Option(min=100, help="series the backlog is of")] = 5_000,
    hot_share: Annotated[float, typer.Option(min=0.0, max=0.9, help="share of the traffic of one site")] = 0.3,
    points: Annotated[
        int, typer.Option(min=100, help="points of the city; a tenth and twice of it are run too")
    ] = 20_000,
    interval_s: Annotated[int, typer.Option(min=1, help="seconds between two readings of its points")] = 15,
    seconds: Annotated[float, typer.Option(min=5, help="how long the city is watched")] = 60,
    seed: Annotated[int, typer.Option(help="equal seeds send equal values")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """Rates of one and two workers, even and with one large site, and a small city against the model of `size`."""
    if seconds < 2 * interval_s:
        raise typer.BadParameter(
            f"expected at least twice --interval-s, got {seconds:g} and {interval_s}: the second half counts, and no "
            "point may be met in it for the first time",
            param_hint="--seconds",
        )
    measure = Measure(messages, series, hot_share, points, interval_s, seconds, seed)
    told = bench_capacity(measure, lambda line: print(line, file=sys.stderr))
    if as_json:
        print(json.dumps(told))
        return
    print(f"one worker {told['workers_1_per_s']:,} readings/s, two {told['workers_2_per_s']:,}/s on this machine")
    print(f"two, and one site with {hot_share:.0%} of the traffic: {told['hot_2_per_s']:,}/s;")
    print(f"when the first had nothing left, {told['hot_waits']:,} records waited at the other")
    city = told["cities"][-1]
    cores = f"{city['worker_cores']} cores, {told['model_cores']} modelled from the two smaller ones"
    print(f"a city of {city['points']:,} points, each {interval_s} s: {cores}")
