"""`citybrain bench nab`: the Numenta Anomaly Benchmark with the frozen univariate configuration."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from threadpoolctl import threadpool_limits

from detectors.benchmarks.nab import bench
from streams.nab_data import absent, read_nab


def nab(
    data: Annotated[Path, typer.Option(help="folder with NAB's directories and combined_windows.json")],
    seed: Annotated[int, typer.Option(help="of the random detector that is measured beside")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """NAB's score with the threshold chosen on the labels, as NAB does, and on other directories, as one should."""
    missing = absent(data)
    if missing is not None:
        print(f"skipped: {missing}", file=sys.stderr)
        if as_json:
            print(json.dumps({"skipped": missing}))
        return
    print("reading …", file=sys.stderr)
    recordings = read_nab(data)
    print(f"judging {sum(each.file.rows for each in recordings):,} rows of {len(recordings)} files …", file=sys.stderr)
    with threadpool_limits(1):
        told = bench(recordings, seed)
    print(json.dumps(told) if as_json else "\n".join(lines(told)))


def lines(told: dict[str, Any]) -> list[str]:
    """The figures for people."""
    profiles = ("standard", "low_fp", "low_fn")
    head = f"{'':44} {'standard':>9} {'low FP':>9} {'low FN':>9}"
    rows = [head]
    for key, name in (
        ("oracle", "threshold chosen on the labels (as NAB does)"),
        ("cross_directory", "threshold from other directories"),
        ("chosen_elsewhere", "threshold and detectors from others"),
    ):
        rows.append(_row(name, [told[profile][key] for profile in profiles]))
    fixed = told["fixed_threshold"]
    rows.append(_row(f"threshold fixed beforehand, rarity {fixed['rarity']}", [fixed[profile] for profile in profiles]))
    rows.append(
        f"  there: {fixed['found']} of {fixed['windows']} windows found, {fixed['false_per_series_day']} false alerts "
        f"a series-day; by rows F1 {fixed['f1']} (an alarm that never ends {fixed['always_alarm_f1']}), "
        f"FAR {fixed['far']}, MAR {fixed['mar']}"
    )
    rank = told["ranking"]
    rows.append(
        f"  without threshold, mean of files: VUS-PR {rank['vus_pr']}, AUROC {rank['auroc']}, AP "
        f"{rank['average_precision']} (rows in windows: {rank['share_of_rows_in_windows']})"
    )
    rows += ["", "measured in this run, threshold chosen on the labels"]
    rows += [_row(name, [each[profile]["oracle"] for profile in profiles]) for name, each in told["measured"].items()]
    rows += ["", "published by NAB, threshold chosen on the labels"]
    rows += [_row(name, [each[profile] for profile in profiles]) for name, each in told["published"].items()]
    check = told["scorer"]
    word = "agrees" if check["agrees"] else "does NOT agree"
    rows += ["", f"our scorer {word} with NAB's figures for the windowed Gaussian: {check['published']}"]
    return rows


def _row(name: str, points: list[float]) -> str:
    return f"{name:44} " + " ".join(f"{each:9.2f}" for each in points)
