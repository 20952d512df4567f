"""`citybrain bench alarms`: the alarm budget of healthy points, and how many faults put into others are found."""

import json
import sys
import time
from dataclasses import asdict
from typing import Annotated, Any

import typer
from threadpoolctl import threadpool_limits

from detectors.benchmarks.alarm_budget import (
    LEAST_SHARE_FOUND,
    MOST_ALARMS,
    Budget,
    Plan,
    alarm_budget,
    poisson_interval,
)
from detectors.benchmarks.drift import drift
from detectors.benchmarks.healthy_points import FAULTS, SIMULATION
from detectors.calibration import DEFAULT_RATE

DRIFT_DAYS = 14
#: Half as much again at the end.
GROWTH = 0.5


def alarms(
    points: Annotated[int, typer.Option(min=10, help="healthy points, each read once a minute")] = 8_266,
    faults: Annotated[int, typer.Option(min=0, help="points more, each with one fault")] = 50,
    days: Annotated[int, typer.Option(min=1, help="days that count")] = 7,
    warm_days: Annotated[int, typer.Option(min=3, help="days before them, from which models are fitted")] = 14,
    size: Annotated[float, typer.Option(min=0.1, help="times the size of the faults")] = 1.0,
    seed: Annotated[int, typer.Option(help="equal seeds, equal points")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """Alarms per healthy point and day, and faults found, with the default settings. The points are simulated."""
    began = time.process_time()
    with threadpool_limits(1):
        plan = Plan(points, faults, warm_days, days, seed, size)
        budget = alarm_budget(plan, lambda line: print(line, file=sys.stderr))
    told = as_told(budget) | {"cpu_s": round(time.process_time() - began, 1)}
    if as_json:
        print(json.dumps(told))
        return
    low, high = told["interval_95"]
    print(f"{points:,} simulated healthy points, {days} days after {warm_days} of warm-up, default settings")
    print(
        f"alarms per point and day: {told['alarms_per_point_day']:.4f} (95 %: {low:.4f} to {high:.4f}),"
        f" at most {MOST_ALARMS} promised"
    )
    for detector, count in told["alarms"].items():
        print(f"  {detector}: {count}")
    print(f"faults found: {told['found']} of {told['injected']}, at least {LEAST_SHARE_FOUND:.0%} promised")
    for kind, each in told["faults"].items():
        print(f"  {kind}: {each['found']} of {each['injected']} ({each['minutes']} min, {each['size_sd']:g} sd)")
    print("the promise is kept" if told["kept"] else "the promise is NOT kept")


def as_told(budget: Budget) -> dict[str, Any]:
    """The figures, as ``--json`` prints them."""
    found, injected = sum(budget.found.values()), sum(budget.injected.values())
    return {
        "simulated": True,
        "plan": {name: value for name, value in asdict(budget.plan).items() if name != "kinds"},
        "alarms_per_point_day": budget.per_point_day,
        "interval_95": list(budget.interval),
        "alarms": budget.alarms,
        "found": found,
        "injected": injected,
        "faults": {
            kind: {
                "found": budget.found[kind],
                "injected": budget.injected[kind],
                "minutes": minutes,
                "size_sd": size * budget.plan.size,
            }
            for kind, (minutes, size) in FAULTS.items()
        },
        "kept": budget.kept,
    }


def calibration(
    sensors: Annotated[int, typer.Option(min=10, help="sensors, each read once a minute")] = 2_000,
    days: Annotated[int, typer.Option(min=1, help="days that count")] = 7,
    warm_days: Annotated[int, typer.Option(min=3, help="days before them, from which models are fitted")] = 7,
    seed: Annotated[int, typer.Option(help="equal seeds, equal sensors")] = 1,
    drifting: Annotated[
        int,
        typer.Option("--drift", min=0, help="sensors whose noise grows by half over a fortnight after that; 0: none"),
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """False alerts per sensor and day against what the knob says, on simulated AR(1) sensors with heavy tails."""
    with threadpool_limits(1):
        plan = Plan(sensors, 0, warm_days, days, seed, kinds=SIMULATION)
        budget = alarm_budget(plan, lambda line: print(line, file=sys.stderr))
        told = as_calibrated(budget) | (drifted(drifting, seed) if drifting else {})
    if as_json:
        print(json.dumps(told))
        return
    low, high = told["ratio_interval_95"]
    print(f"{sensors:,} simulated sensors, {days} days: {told['realised']:.5f} false alerts per sensor and day")
    print(
        f"the knob says {told['nominal']}: {told['ratio']:.2f} times (95 %: {low:.2f} to {high:.2f}), 0.5 to 2 promised"
    )
    for name, each in told.get("drift", {}).items():
        low, high = each["ratio_interval_95"]
        print(
            f"noise grows by half over {DRIFT_DAYS} days, {name}: {each['ratio']:.2f} times ({low:.2f} to {high:.2f})"
        )


def drifted(sensors: int, seed: int, days: int = DRIFT_DAYS) -> dict[str, Any]:
    """``drift``: realised / nominal with the models of before, and with models fitted anew each day."""
    said = {}
    for name, refit in (("models as they were", False), ("refitted each day", True)):
        print(f"noise grows, {name}", file=sys.stderr)
        found = drift(sensors, days, seed, GROWTH, refit, lambda line: print(line, file=sys.stderr))
        expected = sensors * days * DEFAULT_RATE
        count = sum(found.alerts)
        said[name] = {
            "ratio": count / expected,
            "ratio_interval_95": [bound / expected for bound in poisson_interval(count)],
            "alerts": list(found.alerts),
        }
    return {"drift": said}


def as_calibrated(budget: Budget) -> dict[str, Any]:
    """The figures, as ``--json`` prints them; ``ratio`` is realised / nominal."""
    expected = DEFAULT_RATE * budget.point_days
    return {
        "simulated": True,
        "alerts": budget.statistical,
        "realised": budget.statistical / budget.point_days,
        "nominal": DEFAULT_RATE,
        "ratio": budget.statistical / expected,
        "ratio_interval_95": [bound / expected for bound in poisson_interval(budget.statistical)],
    }
