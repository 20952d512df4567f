"""`citybrain bench integrity`: how many injected frauds are found, and how often the honest are accused."""

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from threadpoolctl import threadpool_limits

from detectors.benchmarks.integrity.report import PROMISED_RATE, PROMISED_SHARE, healthy_lines, told
from detectors.benchmarks.integrity.trial import trial
from detectors.integrity.table import rules_of
from topics.errors import ConfigurationError


def integrity(
    outlets: Annotated[int, typer.Option(min=3, help="outlets, each with a month of its own")] = 50,
    days: Annotated[int, typer.Option(min=6, help="judged days; eight more come before them")] = 30,
    seed: Annotated[int, typer.Option(help="equal seeds generate equal months; thresholds were chosen on others")] = 2,
    healthy_scores: Annotated[
        Path | None, typer.Option("--healthy-scores", help="write the table of healthy scores here, and nothing else")
    ] = None,
    healthy_seeds: Annotated[str, typer.Option(help="seeds of the months it is made of, by commas")] = "301,302",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """Frauds of thirteen kinds put into generated honest months; exit status 1 if the promise is not kept."""
    with threadpool_limits(1):
        if healthy_scores is not None:
            _write_scores(healthy_scores, healthy_seeds, outlets, days)
            return
        begun = time.process_time()
        found = told(trial(seed, outlets, days, rules_of(), _say)) | {"seed": seed}
        found["cpu_s"] = round(time.process_time() - begun, 1)
    print(json.dumps(found, ensure_ascii=False) if as_json else "\n".join(_lines(found)))
    if not found["promise_kept"]:
        raise typer.Exit(1)


def _write_scores(file: Path, seeds: str, outlets: int, days: int) -> None:
    try:
        numbers = [int(each) for each in seeds.split(",")]
    except ValueError:
        raise ConfigurationError(f"--healthy-seeds: expected numbers by commas, got {seeds!r}") from None
    trials = [trial(each, outlets, days, rules_of(), _say, frauds={}) for each in numbers]
    file.write_text(healthy_lines(trials, numbers), encoding="utf-8")


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _lines(found: dict[str, Any]) -> list[str]:
    lines = [f"{'kind':38} {'put in':>6} {'found':>6} {'named':>6}  {'share':>7}  {'95 % interval':17} told after"]
    for name, kind in found["kinds"].items():
        low, high = kind["interval_95"]
        share = "–" if kind["share"] is None else f"{kind['share']:.1%}"
        lines.append(
            f"{name:38} {kind['injected']:6} {kind['found']:6} {kind['named']:6}  {share:>7}  "
            f"{f'{low:.1%} – {high:.1%}':17} {kind['told_after_h_median'] or 0:.1f} h"
        )
    low, high = found["share_interval_95"]
    lines.append(f"all: {found['found']} of {found['injected']} = {found['share']:.1%} ({low:.1%} – {high:.1%})")
    low, high = found["false_interval_95"]
    lines.append(
        f"false accusations: {found['false_accusations']} in {found['station_years']} station-years "
        f"= {found['false_per_station_year']} a station-year ({low} – {high}) {found['false_by_rule'] or ''}"
    )
    word = "kept" if found["promise_kept"] else "NOT kept"
    lines.append(
        f"promise (each kind ≥ {PROMISED_SHARE:.0%}, at most {PROMISED_RATE:g} false a station-year): {word}; "
        f"{found['cpu_s']} s of processor time"
    )
    return lines
