"""An oracle of the rules over boxes: written from their description, over whole series, without the judge's code.

Slow on purpose: every slope is a matrix of all pairs, every hold a look back over the whole course.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from records.box_terms import BoxTerms

Course = list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Cargo:
    """What is in a box, °C: ``control_c`` and ``emergency_c`` as declared, ``sadt_c`` of the goods list."""

    un: str
    hazard_class: str
    control_c: float | None = None
    emergency_c: float | None = None
    sadt_c: float | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """When a condition first opens (ms UTC), and of a drift how many hours its limit is away by then."""

    time: int
    hours_left: float | None = None


@dataclass(frozen=True, slots=True)
class Slope:
    """The course of a temperature as it is known from ``time`` (ms UTC) on; ``per_h`` is ``None`` while too short."""

    time: int
    per_h: float | None
    rising: float
    last_median: float


def limits_of(cargo: Cargo, terms: BoxTerms) -> dict[str, float]:
    """The temperature (°C) at which each kind of limit is passed: as declared, else so far below the SADT as the first
    row of IMDG 7.3.7.2 that covers it says; the SADT is told within its margin; a ceiling where nothing else is known.
    """
    found: dict[str, float] = {}
    if cargo.control_c is not None and cargo.emergency_c is not None:
        found = {"control": cargo.control_c, "emergency": cargo.emergency_c}
    elif cargo.sadt_c is not None:
        row = min((each for each in terms.from_sadt if cargo.sadt_c <= each.up_to_c), key=lambda each: each.up_to_c)
        below = {"control": row.control_below_c, "emergency": row.emergency_below_c, "sadt": terms.sadt_margin_c}
        found = {kind: cargo.sadt_c - by for kind, by in below.items()}
    return found or {"ceiling": terms.ceilings_c[cargo.hazard_class]}


def expected(
    courses: Mapping[str, Mapping[str, Course]],
    blocks: Mapping[str, str],
    cargoes: Mapping[str, Cargo],
    orders: Mapping[str, tuple[int, int]],
    terms: BoxTerms,
    end: int,
) -> dict[tuple[str, str], Opening]:
    """Rule and box (or block) → how it must first open. Boxes of one block are around each other."""
    found: dict[tuple[str, str], int | None] = {}
    for name, course in courses.items():
        heat, limits = course["container_temp"], limits_of(cargoes[name], terms)
        for kind, bound in limits.items():
            at = kind in ("emergency", "sadt")  # those are told when reached, the others when passed
            found[f"box-{kind}", name] = _held([(t, v >= bound if at else v > bound) for t, v in heat], terms.hold_s)
        found["box-rise", name] = _rise(heat, terms, "control" in limits)
        gas, tilt = terms.gases["gas_lel"], terms.tilts["tilt"]
        found["box-gas", name] = _held([(t, v >= gas.first) for t, v in course["gas_lel"]], gas.hold_s)
        found["box-tilt", name] = _held([(t, v >= tilt.first) for t, v in course["tilt"]], tilt.hold_s)
        found["box-door", name] = _door(course["door"], orders.get(name), terms.door_hold_s)
        found["box-silence", name] = _silence(list(course.values()), terms.silent_s, end)
    drifts: dict[tuple[str, str], Opening] = {}
    for block in dict.fromkeys(blocks.values()):
        inside = {name: courses[name]["container_temp"] for name, where in blocks.items() if where == block}
        found["box-mass-loss", block] = _loss(inside, terms, end)
        drifts |= _drifts(inside, cargoes, terms)
    return {key: Opening(time) for key, time in found.items() if time is not None} | drifts


def _held(states: list[tuple[int, bool]], hold_s: float) -> int | None:
    """The first reading at which it has been so, without a break, for ``hold_s``."""
    for place, (now, _) in enumerate(states):
        back = place
        while back >= 0 and states[back][1]:
            if now - states[back][0] >= hold_s * 1000:
                return now
            back -= 1
    return None


def _door(course: Course, order: tuple[int, int] | None, hold_s: float) -> int | None:
    """As a hold, told only while nobody has ordered it open."""
    for place, (now, value) in enumerate(course):
        if value < 0.5 or (order is not None and order[0] <= now <= order[1]):
            continue
        back = place
        while back > 0 and course[back - 1][1] >= 0.5:
            back -= 1
        if now - course[back][0] >= hold_s * 1000:
            return now
    return None


def _slopes(course: Course, window_s: float, bucket_s: float) -> list[Slope]:
    """The median slope of all pairs of medians in the window, each time a span is over: when a later reading comes."""
    size, window = int(bucket_s * 1000), int(window_s * 1000)
    times, values = np.array([t for t, _ in course]), np.array([v for _, v in course])
    spans = times // size
    kinds = np.unique(spans)
    medians = np.array([np.median(values[spans == each]) for each in kinds])
    found = []
    for number in range(len(kinds) - 1):
        now = int(times[spans == kinds[number + 1]][0])
        inside = kinds[: number + 1] > kinds[number] - window / size
        x, y = kinds[: number + 1][inside], medians[: number + 1][inside]
        if len(x) < 4 or (x[-1] - x[0] + 1) * size < 0.75 * window:
            found.append(Slope(now, None, 0.0, float(y[-1])))
            continue
        first, second = np.triu_indices(len(x), 1)
        slopes = (y[second] - y[first]) / ((x[second] - x[first]) * size)
        found.append(Slope(now, float(np.median(slopes) * 3_600_000), float(np.mean(slopes > 0)), float(y[-1])))
    return found


def _rise(course: Course, terms: BoxTerms, controlled: bool) -> int | None:
    rule = terms.rise
    bound = rule.controlled_per_h if controlled else rule.per_h
    slopes = _slopes(course, rule.window_s, rule.bucket_s)
    return next((each.time for each in slopes if each.per_h is not None and each.per_h >= bound), None)


def _drifts(
    inside: Mapping[str, Course], cargoes: Mapping[str, Cargo], terms: BoxTerms
) -> dict[tuple[str, str], Opening]:
    """The boxes of one block that drift: faster than the median of those around them by enough, steadily, and towards a
    limit of their own that is near. Without two around it a box has nobody to be held against; while fewer than two of
    them know their own slope nothing is said.
    """
    rule, found = terms.drift, {}
    slopes = {name: _slopes(course, rule.window_s, rule.bucket_s) for name, course in inside.items()}
    for name, own in slopes.items():
        cargo, passed = cargoes[name], limits_of(cargoes[name], terms)
        reached = [each for kind, each in passed.items() if kind in ("control", "emergency")]
        reached += [cargo.sadt_c] if cargo.sadt_c is not None else []  # the temperature itself, not its margin
        for each in own:
            above = [limit for limit in reached if limit > each.last_median]
            if each.per_h is None or each.per_h <= 0 or not above:
                continue
            left_h = (min(above) - each.last_median) / each.per_h
            shared = _shared(name, each.time, inside, slopes, terms.silent_s)
            fast = each.per_h - max(0.0, shared) >= rule.per_h
            if fast and each.rising >= rule.steady and left_h <= rule.horizon_s / 3600:
                found["box-drift", name] = Opening(each.time, round(left_h, 2))
                break
    return found


def _shared(
    name: str, now: int, inside: Mapping[str, Course], slopes: Mapping[str, list[Slope]], silent_s: float
) -> float:
    """°C an hour that the boxes around one share at a moment; infinite where that cannot be said yet."""
    others = []
    for other, course in inside.items():
        heard = [t for t, _ in course if t <= now]
        if other == name or not heard or now - heard[-1] > silent_s * 1000:
            continue
        known = [each.per_h for each in slopes[other] if each.time <= now]
        others.append(known[-1] if known else None)
    if len(others) < 2:
        return 0.0
    rates = [each for each in others if each is not None]
    return float(np.median(rates)) if len(rates) >= 2 else math.inf


def _gaps(course: Course, silent_s: float, end: int) -> list[tuple[int, int]]:
    """When it was last heard and when it spoke again, for each silence that is long enough (``end`` = never)."""
    times = [t for t, _ in course]
    after = [*times[1:], end]
    return [(t, later) for t, later in zip(times, after, strict=True) if later - t > silent_s * 1000]


def _silence(courses: list[Course], silent_s: float, end: int) -> int | None:
    """The first silence of any of a box's sensors."""
    last = [last for course in courses for last, _ in _gaps(course, silent_s, end)]
    return min(last) + int(silent_s * 1000) if last else None


def _loss(inside: Mapping[str, Course], terms: BoxTerms, end: int) -> int | None:
    """The first moment at which enough boxes are silent that were last heard within the window."""
    silent, within = int(terms.silent_s * 1000), int(terms.lost.within_s * 1000)
    gaps = {name: _gaps(course, terms.silent_s, end) for name, course in inside.items()}
    moments = sorted({last + silent for each in gaps.values() for last, _ in each})
    for now in moments:
        heard = {
            name: last for name, each in gaps.items() for last, again in each if last + silent <= now and again > now
        }
        newest = max(heard.values(), default=0)
        gone = [name for name, last in heard.items() if newest - last <= within]
        watched = len(inside) - (len(heard) - len(gone))
        if len(gone) >= max(terms.lost.least, math.ceil(terms.lost.share * watched)):
            return now
    return None
