"""`citybrain tune`: search a pack's settings against labels or verdicts; a person decides what becomes of it."""

import json
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from detectors.calibration import DEFAULT_RATE
from streams.backtesting.look_back import Asked, look_back
from streams.commands.backtest import (
    End,
    FileOf,
    FitDays,
    LabelFile,
    ModelFile,
    Rate,
    Registered,
    Start,
    UseHistory,
    UseTopic,
    UseVerdicts,
    bar,
)
from streams.commands.cluster import AsJson, Brokers, Domains, settings_of
from streams.tuning.folds import By, Counts
from streams.tuning.fragment import fragment
from streams.tuning.knobs import knobs_of
from streams.tuning.search import Searched, Task, search
from topics.errors import ConfigurationError


def command(
    domain: Annotated[str, typer.Option(help="whose pack is searched")],
    file: FileOf = None,
    history: UseHistory = False,
    topic: UseTopic = False,
    start: Start = None,
    end: End = None,
    labels: LabelFile = None,
    verdicts: UseVerdicts = False,
    registry: Registered = False,
    models: ModelFile = None,
    fit_days: FitDays = 0.0,
    rate: Rate = DEFAULT_RATE,
    only: Annotated[
        list[str] | None, typer.Option(help="settings to search, e.g. 'detectors.ewma_level.*'; may be repeated")
    ] = None,
    trials: Annotated[int, typer.Option(min=1, help="settings tried beside those in force")] = 40,
    minutes: Annotated[float, typer.Option(min=0.01, help="begin no trial after so long")] = 10.0,
    folds: Annotated[int, typer.Option(min=2)] = 4,
    folds_by: Annotated[str, typer.Option(help="site or time: what lies in one fold")] = "site",
    beta: Annotated[float, typer.Option(min=0.01, help="above 1 recall counts higher than precision")] = 1.0,
    seed: Annotated[int, typer.Option(help="of the draws")] = 0,
    tick_s: Annotated[int, typer.Option(min=1, help="event time between two ticks (CSV, history)")] = 300,
    out: Annotated[Path | None, typer.Option(help="write the fragment of a pack (TOML) to this file")] = None,
    domains: Domains = None,
    brokers: Brokers = None,
    as_json: AsJson = False,
) -> None:
    settings = settings_of(brokers, domains=domains)
    by = _by(folds_by)
    asked = Asked(
        domain, file, history, topic, start, end, None, labels, verdicts, registry, models, fit_days, rate, tick_s
    )
    with closing(look_back(settings, asked)) as work:
        if work.labels is None:
            raise ConfigurationError("tune: expected --labels FILE or --verdicts, got neither")
        pack = work.plan.domain
        named = {label.series.split("/")[2] for label in work.labels.windows if label.series.count("/") == 3}
        knobs = knobs_of(pack, named & pack.quantities.keys() or pack.quantities.keys(), only or ())
        task = Task(work.past, work.plan, work.labels, knobs, folds, by, beta)
        with bar("trying") as progress:
            shown = progress.add_task("trying", total=trials + 1)
            found = search(
                task,
                trials,
                minutes,
                seed,
                lambda done, best: progress.update(shown, completed=done, description=f"best F in sample {best:.3f}"),
            )
    result = _result(found, beta)
    text = fragment(pack, found.values[found.result.best], _notes(result, domain))
    if out is not None:
        out.write_text(text, encoding="utf-8")
    if as_json:
        print(json.dumps(result | {"domain": domain, "fragment": text}, ensure_ascii=False))
        return
    print("\n".join(_notes(result, domain)))
    print(f"written to {out}; nothing is in force before a person puts it into the pack" if out else f"\n{text}")


def _by(text: str) -> By:
    if text == "site":
        return "site"
    if text == "time":
        return "time"
    raise ConfigurationError(f"--folds-by: expected site or time, got {text!r}")


def _result(found: Searched, beta: float) -> dict[str, Any]:
    best = found.result.best
    return {
        "trials": len(found.values) - 1,
        "best": dict(found.values[best]),
        "in_force": _shown(sum(found.counts[0], Counts()), beta),
        "in_sample": _shown(found.result.in_sample, beta),
        "out_of_fold": _shown(found.result.out_of_fold, beta),
        "chosen_by_fold": [dict(found.values[trial]) for trial in found.result.chosen],
        "episodes": {"in_force": found.alarms[0], "best": found.alarms[best]},
    }


def _shown(counts: Counts, beta: float) -> dict[str, Any]:
    return {
        "f": round(counts.f(beta), 4),
        "true": counts.true,
        "false": counts.false,
        "found": counts.found,
        "events": counts.events,
    }


def _notes(result: dict[str, Any], domain: str) -> list[str]:
    def line(name: str, each: dict[str, Any]) -> str:
        return (
            f"{name}: F {each['f']:.3f}, {each['true']} true and {each['false']} false episodes, "
            f"{each['found']} of {each['events']} events"
        )

    worse = result["out_of_fold"]["f"] <= result["in_force"]["f"]
    return [
        f"citybrain tune, pack {domain}, {result['trials']} settings tried",
        line("in force now", result["in_force"]),
        line("best, in sample (flatters)", result["in_sample"]),
        line("out of fold (honest)", result["out_of_fold"]),
        "no better than what is in force on sites or times it has not seen: leave it"
        if worse
        else "better than what is in force on sites or times it has not seen",
    ]
