"""What a course of temperatures did to goods: how long and how far beyond the limits, and the mean kinetic temperature.

Goods are judged by the time they were too warm (or too cold), not by one point. What an open door or a defrosting
unit explains is forgiven up to a grace; what goes beyond it counts whole. Pure; times ms UTC, temperatures °C.
"""

import math
from collections.abc import Sequence

import msgspec

#: Activation energy and gas constant of the mean kinetic temperature, kJ/mol and kJ/(mol K) (USP <1160>).
ACTIVATION_KJ = 83.144
GAS_KJ = 8.3144e-3
ZERO_K = 273.15


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goods of one kind endure. ``grace_s``: an excursion this short with the door open or the unit defrosting
    does not count. ``allowed_s``: so much time beyond the limits in all, ``dose`` so many degree-minutes. A value is
    taken to last until the next, at most ``longest_s``: a longer silence is unproven and counted as such.
    """

    low: float
    high: float
    allowed_s: float
    source: str
    confirmed: bool
    dose: float = math.inf
    grace_s: float = 0.0
    longest_s: float = 1800.0


class Point(msgspec.Struct, frozen=True):
    """A temperature; ``excused`` where the door was open or the unit defrosting."""

    time: int
    value: float
    excused: bool = False


class Course(msgspec.Struct, frozen=True):
    """What the course comes to. ``windows`` are the excursions that count, ``start <= t < end``; ``dose`` in degree
    minutes; ``kinetic`` the mean kinetic temperature, ``None`` without a proven value.
    """

    beyond_s: float
    dose: float
    unproven_s: float
    windows: tuple[tuple[int, int], ...]
    kinetic: float | None
    spoilt: bool


def judge_course(points: Sequence[Point], budget: Budget, until: int) -> Course:
    """Judge values in any order, the last one lasting until ``until`` (ms)."""
    ordered = sorted(points, key=lambda each: each.time)
    spans = [
        (point, min(end.time if end else until, point.time + int(budget.longest_s * 1000)), end.time if end else until)
        for point, end in zip(ordered, [*ordered[1:], None], strict=True)
    ]
    excursions: list[list[tuple[Point, int]]] = []
    unproven, joined = 0, False
    for point, end, following in spans:
        if not budget.low <= point.value <= budget.high and end > point.time:
            if joined:
                excursions[-1].append((point, end))
            else:
                excursions.append([(point, end)])
            joined = end == following
        else:
            joined = False
        unproven += max(0, following - end)
    counted = [each for each in excursions if not _forgiven(each, budget)]
    beyond = sum(end - point.time for each in counted for point, end in each) / 1000
    dose = sum(
        max(point.value - budget.high, budget.low - point.value) * (end - point.time) / 60_000
        for each in counted
        for point, end in each
    )
    weights = [(point.value, max(0, end - point.time)) for point, end, _ in spans]
    return Course(
        beyond_s=beyond,
        dose=dose,
        unproven_s=unproven / 1000,
        windows=tuple((each[0][0].time, each[-1][1]) for each in counted),
        kinetic=mean_kinetic(weights),
        spoilt=beyond > budget.allowed_s or dose > budget.dose,
    )


def mean_kinetic(values: Sequence[tuple[float, float]]) -> float | None:
    """The mean kinetic temperature (°C) of temperatures (°C) with weights; ``None`` where nothing weighs."""
    whole = sum(weight for _, weight in values)
    if whole <= 0:
        return None
    energy = ACTIVATION_KJ / GAS_KJ
    mean = sum(math.exp(-energy / (value + ZERO_K)) * weight for value, weight in values) / whole
    return energy / -math.log(mean) - ZERO_K


def _forgiven(excursion: Sequence[tuple[Point, int]], budget: Budget) -> bool:
    long = excursion[-1][1] - excursion[0][0].time
    return all(point.excused for point, _ in excursion) and long <= budget.grace_s * 1000
