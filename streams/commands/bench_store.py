"""`citybrain bench store`: how long lists and stories take over a store of very many closed alarms."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from streams.bench_store import Plan, bench_store
from topics.errors import ConfigurationError


def store(
    alarms: Annotated[int, typer.Option(min=1_000, help="closed alarms to fill the store with")] = 1_000_000,
    times: Annotated[int, typer.Option(min=1, help="how often each question is asked")] = 100,
    seed: Annotated[int, typer.Option(help="equal seeds fill and ask alike")] = 1,
    url: Annotated[str, typer.Option("--store", help="an empty store; without it SQLite in a folder that goes")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """How long lists, pages deep in them and stories take over a store of very many closed alarms."""
    with tempfile.TemporaryDirectory(prefix="citybrain-bench-") as folder:
        try:
            told = bench_store(
                url or f"sqlite:///{Path(folder) / 'store.db'}",
                Plan(alarms, times, seed),
                lambda line: print(line, file=sys.stderr),
            )
        except ValueError as error:
            raise ConfigurationError(str(error)) from error
    if as_json:
        print(json.dumps(told))
        return
    print(f"{told['alarms']:,} alarms on {told['database']}, filled in {told['filled_s']} s")
    for title, at in told["questions_ms"].items():
        print(f"{title:28} p50 {at['p50']:8.1f} ms   p95 {at['p95']:8.1f} ms   max {at['max']:8.1f} ms")
    print(f"worst p95 {told['worst_p95_ms']} ms, promised {told['promised_p95_ms']:g} ms")
