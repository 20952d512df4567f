"""`citybrain size`: how large a city's installation must be."""

import json
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from streams.sizing import City, Figures, size
from topics.errors import ConfigurationError

UNITS = {
    "readings_per_s": "readings a second",
    "partitions": "partitions of each readings topic",
    "workers": "workers of one core each, with headroom",
    "worker_load_cores": "cores that judging keeps busy on average",
    "worker_memory_mb": "MB of memory a worker, with its share of one that failed",
    "broker_cores": "cores of all brokers together, with headroom",
    "log_gb": "GB of disk of all brokers for the log",
    "history_gb": "GB of disk for the history",
    "state_gb": "GB of disk of all brokers for snapshots",
    "network_mb_per_s": "MB a second through all brokers",
    "hot_partition_per_s": "readings a second in the busiest partition",
    "one_partition_per_s": "readings a second that one core can judge",
    "catch_up_h": "hours until an outage of an hour is worked off",
}


def command(
    points: Annotated[int, typer.Option(min=1, help="series that report")],
    interval_s: Annotated[float, typer.Option(min=0.01, help="seconds between two readings of a point")] = 60,
    retention_days: Annotated[float, typer.Option(min=0.01, help="days the log is kept")] = 7,
    history_days: Annotated[float, typer.Option(min=0, help="days the history is kept")] = 30,
    replication: Annotated[int, typer.Option(min=1, max=9, help="brokers that have each record")] = 3,
    headroom: Annotated[float, typer.Option(min=1, help="how many times the mean load it must bear")] = 2,
    largest_site: Annotated[float, typer.Option(min=0, max=1, help="share of the traffic of the largest site")] = 0,
    figures: Annotated[Path | None, typer.Option(help="figures of your machines, of `bench capacity --json`")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """What a city of so many points needs: workers, partitions, cores, memory, disk (docs/sizing.md)."""
    city = City(
        points=points,
        interval_s=interval_s,
        retention_days=retention_days,
        history_days=history_days,
        replication=replication,
        headroom=headroom,
        largest_site=largest_site,
    )
    used = Figures() if figures is None else read_figures(figures)
    told = msgspec.to_builtins(size(city, used))
    if as_json:
        print(json.dumps({**told, "city": msgspec.to_builtins(city), "figures": msgspec.to_builtins(used)}))
        return
    for name, meaning in UNITS.items():
        print(f"{told[name]:>14,}  {meaning}")
    for note in told["notes"]:
        print(f"note: {note}")


def read_figures(path: Path) -> Figures:
    """Those under ``figures`` in what `citybrain bench capacity --json` printed. Raises ``ConfigurationError``."""
    try:
        return msgspec.convert(json.loads(path.read_text(encoding="utf-8"))["figures"], Figures, strict=False)
    except (OSError, ValueError, KeyError, TypeError, msgspec.ValidationError) as error:
        raise ConfigurationError(
            f"--figures {path}: expected what `bench capacity --json` prints, got: {error}"
        ) from None
