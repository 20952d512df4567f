"""``python -m load_tests``: send a workload by the clock, and print as JSON what was offered."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer

from load_tests.generator import by_the_clock
from load_tests.workload import Workload
from topics.connection import KafkaConnection


def main(
    brokers: Annotated[str, typer.Option(help="host:port of the cluster")],
    name: Annotated[str, typer.Option(help="the domain whose readings topic is sent to")] = "load",
    rate: Annotated[float, typer.Option(help="messages a second")] = 50_000,
    seconds: Annotated[float, typer.Option(help="for how long")] = 10,
    ramp: Annotated[float, typer.Option(help="seconds before that, in which the rate grows from nought")] = 0,
    ahead: Annotated[float, typer.Option(help="seconds before all that, in which messages are built")] = 0,
    partitions: Annotated[int, typer.Option(help="partitions of the topic")] = 4,
    series: Annotated[int, typer.Option(help="how many series send")] = 5_000,
    interval_ms: Annotated[int, typer.Option(help="event time between two readings of a series")] = 1_000,
    slices: Annotated[int, typer.Option(help="in how many parts a round comes, each with city time")] = 1,
    seed: Annotated[int, typer.Option(help="equal seeds send equal values")] = 1,
) -> None:
    workload = Workload(seed, partitions, series, interval_ms=interval_ms, name=name, slices=slices)
    sending = by_the_clock(
        KafkaConnection(brokers), f"readings.{name}", workload, rate, seconds, ramp_s=ramp, ahead_s=ahead
    )
    sent = asyncio.run(sending)
    print(json.dumps(asdict(sent)))


if __name__ == "__main__":
    typer.run(main)
