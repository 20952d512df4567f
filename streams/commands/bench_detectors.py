"""`citybrain bench detectors`: how many readings a second the default chain judges on one core."""

import importlib.util
import json
import sys
import time
from typing import Annotated, Any

import typer
from threadpoolctl import threadpool_limits

from detectors.benchmarks.throughput import default_chain, isolation_forest_peer

PEER_ROWS = 20_000


def detectors(
    series: Annotated[int, typer.Option(min=10, help="series, each read once in a round")] = 10_000,
    rounds: Annotated[int, typer.Option(min=10, help="rounds that are measured")] = 400,
    seed: Annotated[int, typer.Option(help="equal seeds judge equal values")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """The default chain with episodes and findings on, one thread, beside scikit-learn's forest and river's trees."""
    told = measured(series, rounds, seed)
    if as_json:
        print(json.dumps(told))
        return
    print(f"default chain, {series:,} series a round: {told['default_chain_readings_per_s']:,.0f} readings/s")
    for name, rate in told["by_width"].items():
        print(f"  {name}: {rate:,.0f} readings/s")
    print(f"  memory: {told['memory_bytes_per_series']:,.0f} bytes for each series")
    print(f"  findings: one in {1 / max(told['findings'], 1e-9):,.0f} readings")
    for name, rate in told["peers"].items():
        print(f"{name}: {rate:,.0f} rows/s")


def measured(series: int, rounds: int, seed: int) -> dict[str, Any]:
    """The figures, as `--json` prints them. Processor time, so that a busy machine does not count."""
    with threadpool_limits(1):
        widths = {}
        for name, count, mixed in (("dense", series, False), ("mixed", series, True), ("quarter", series // 4, True)):
            print(f"warming {count:,} series, {name} …", file=sys.stderr)
            widths[name] = default_chain(count, rounds, time.process_time, seed=seed, mixed=mixed)
        print("peers …", file=sys.stderr)
        peers = {"scikit-learn IsolationForest, batch": isolation_forest_peer(PEER_ROWS, time.process_time, seed=seed)}
        if importlib.util.find_spec("river") is not None:
            peers["river HalfSpaceTrees, row by row"] = _half_space_trees(2_000)
        else:
            print("river is not installed (the extra `river`), so its HalfSpaceTrees are left out", file=sys.stderr)
    return {
        "default_chain_readings_per_s": round(widths["dense"].readings_per_s),
        "by_width": {f"{name}, {each.series} series": round(each.readings_per_s) for name, each in widths.items()},
        "findings": widths["dense"].findings,
        "memory_bytes_per_series": round(widths["dense"].memory_bytes),
        "peers": {name: round(rate) for name, rate in peers.items()},
    }


def _half_space_trees(rows: int) -> float:
    anomaly: Any = importlib.import_module("river.anomaly")
    model, begun = anomaly.HalfSpaceTrees(seed=1), time.process_time()
    for row in range(rows):
        features = {"x": (row * 7919 % 1000) / 1000}
        model.score_one(features)
        model.learn_one(features)
    return rows / (time.process_time() - begun)
