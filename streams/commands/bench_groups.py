"""`citybrain bench groups`: false alerts and breaks found by a detector of groups of channels."""

import json
import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer
from threadpoolctl import threadpool_limits

from detectors.benchmarks.group_alarms import GroupBudget, Plan, group_alarms
from detectors.groups.members import DEFAULT, MEMBERS


def groups(
    detector: Annotated[str, typer.Option(help=f"one of {', '.join(MEMBERS)}")] = DEFAULT,
    places: Annotated[int, typer.Option(min=2, help="places of four channels, each read once a minute")] = 12,
    days: Annotated[int, typer.Option(min=1, help="healthy days that count")] = 30,
    warm_days: Annotated[int, typer.Option(min=1, help="days before them, which teach")] = 7,
    rate: Annotated[
        float,
        typer.Option(min=1e-6, help="false alerts a sensor may raise in a day; the default is ten times the knob's"),
    ] = 0.04,
    seed: Annotated[int, typer.Option(help="equal seeds, equal places")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """False alerts of groups against what the knob leaves to them, and breaks of one channel with the others found."""
    if detector not in MEMBERS:
        print(f"detector: expected one of {sorted(MEMBERS)}, got {detector!r}", file=sys.stderr)
        raise typer.Exit(2)
    plan = Plan(detector, places, warm_days, days, rate, seed)
    with threadpool_limits(1):
        told = as_told(group_alarms(plan, lambda line: print(line, file=sys.stderr)))
    if as_json:
        print(json.dumps(told))
        return
    low, high = told["ratio_interval_95"]
    print(f"{told['alerts']} false alerts in {told['sensor_days']:,.0f} sensor-days of groups, simulated")
    print(f"the knob leaves {told['nominal']:g} to them: {told['ratio']:.2f} times (95 %: {low:.2f} to {high:.2f})")
    print(f"{told['found']} of {places} breaks of an hour found, {told['blamed']} with the right channel named first")


def as_told(budget: GroupBudget) -> dict[str, Any]:
    """The figures, as ``--json`` prints them; ``ratio`` is realised / nominal."""
    return {
        "simulated": True,
        "plan": asdict(budget.plan),
        "alerts": budget.alerts,
        "sensor_days": budget.sensor_days,
        "realised": budget.alerts / budget.sensor_days,
        "nominal": budget.nominal,
        "ratio": budget.ratio,
        "ratio_interval_95": list(budget.interval),
        "found": budget.found,
        "blamed": budget.blamed,
    }
