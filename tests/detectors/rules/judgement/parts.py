"""Rules, readings and marks of a small works, with values of the test's own."""

import datetime as dt
from typing import Any

from detectors.rules.judgement.book import Book
from detectors.rules.judgement.rules import (
    Condition,
    FormalLimit,
    Grade,
    JudgementRules,
    MarkState,
    ReferenceOxygen,
    Validity,
)
from topics.finding import Text
from topics.mark import Mark
from topics.reading import Reading

#: 1 May 2026, 00:00 in Tianjin.
DAY0 = int(dt.datetime(2026, 5, 1, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp() * 1000)
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
OUTLET, STACK, FURNACE = "works/W1/w01018", "plant/S1/a21026", "burner/B1/furnace-temperature"
TYPES = {"works": "municipal-waste-water", "plant": "stack", "burner": "waste-incineration"}


def limit(value: float, level: Any = "national", averaging: Any = "day", **more: Any) -> FormalLimit:
    fields: dict[str, Any] = {
        "standard": f"{level} {value:g}", "edition": "1", "source": "the test", "confirmed": True,
        "valid_from": dt.date(2020, 1, 1),
    }  # fmt: skip
    return FormalLimit(value, level, averaging, **(fields | more))


def state(scope: Any, name: str, effect: Any, *, proof: bool = False) -> MarkState:
    return MarkState(scope, name, effect, Text(name, name), "the test", True, proof)


def rules(**more: Any) -> JudgementRules:
    fields: dict[str, Any] = {
        "limits": {
            "w01018": (limit(50.0), limit(30.0, "local", confirmed=False)),
            "a21026": (limit(50.0, averaging="hour"),),
            "furnace-temperature": (limit(850.0, averaging="furnace", side="low", times=5),),
        },
        "validity": Validity("the test", True),
        "oxygen": (ReferenceOxygen(6.0, ("stack",), ("a21026",), "the test", True),),
        "states": (
            state("plant", "stopped", "exempt", proof=True),
            state("plant", "start-up", "exempt"),
            state("plant", "fault", "valid"),
            state("treatment", "fault", "valid"),
            state("monitor", "fault", "invalid"),
            state("monitor", "maintenance", "invalid"),
            state("monitor", "calibration", "invalid"),
        ),
        "grades": (
            Grade(0.0, 1, "blue", "the test", True),
            Grade(1.0, 3, "yellow", "the test", True),
            Grade(2.0, 5, "orange", "the test", True),
        ),
        "decimals": {"w01018": 1, "a21026": 1, "w00000": 1, "furnace-temperature": 1},
        "units": {
            "w01018": "mg/L", "w00000": "L/s", "w01010": "°C", "a21026": "mg/m3", "a19001": "%",
            "furnace-temperature": "°C",
        },
        "titles": {"w01018": Text("化学需氧量", "COD")},
    }  # fmt: skip
    return JudgementRules(**(fields | more))


def book(**more: Any) -> Book:
    return Book(rules(**more), lambda site: TYPES[site])


def reading(series: str, time: int, value: float | None, flag: str = "N", received: int = 1, **more: Any) -> Reading:
    return Reading(series, time, value, flag, received=received, **more)


def hour_of_minutes(subject: str, start: int, value: float, *, flag: str = "N", minutes: int = 60) -> list[Reading]:
    return [reading(f"{subject}/Rtd", start + place * MINUTE, value, flag) for place in range(minutes)]


def hour_value(subject: str, start: int, value: float | None, flag: str = "N", received: int = 1) -> Reading:
    """The device's own hour mean."""
    series = f"{subject}/Avg"
    return reading(series, start + HOUR, value, flag, received, period_start=start, period_end=start + HOUR)


def mark(name: str, scope: Any, what: str, start: int, end: int, **more: Any) -> Mark:
    fields: dict[str, Any] = {"site": "works", "made": end} | more
    return Mark(id=name, scope=scope, state=what, start=start, end=end, **fields)


COLD = Condition(water_at_most=12.0)
WINTER = Condition(months=(11, 12, 1, 2, 3))
