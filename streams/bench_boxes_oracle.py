"""An oracle of the rules over boxes: written from their description, over whole series, without the judge's code.

Slow on purpose: every slope is a matrix of all pairs, every hold a look back over the whole course.
"""

import math
from collections.abc import Mapping

import numpy as np

from records.box_terms import BoxTerms

Course = list[tuple[int, float]]


def expected(
    courses: Mapping[str, Mapping[str, Course]],
    blocks: Mapping[str, str],
    orders: Mapping[str, tuple[int, int]],
    terms: BoxTerms,
    control_c: float,
    emergency_c: float,
    end: int,
) -> dict[tuple[str, str], int]:
    """Rule and box (or block) → event time at which it must first open (ms UTC)."""
    found: dict[tuple[str, str], int | None] = {}
    for name, course in courses.items():
        heat = course["container_temp"]
        found["box-control", name] = _held([(t, v > control_c) for t, v in heat], terms.hold_s)
        found["box-emergency", name] = _held([(t, v >= emergency_c) for t, v in heat], terms.hold_s)
        found["box-rise", name] = _rise(heat, terms)
        gas, tilt = terms.gases["gas_lel"], terms.tilts["tilt"]
        found["box-gas", name] = _held([(t, v >= gas.first) for t, v in course["gas_lel"]], gas.hold_s)
        found["box-tilt", name] = _held([(t, v >= tilt.first) for t, v in course["tilt"]], tilt.hold_s)
        found["box-door", name] = _door(course["door"], orders.get(name), terms.door_hold_s)
        found["box-silence", name] = _silence(heat, terms.silent_s, end)
    for block in dict.fromkeys(blocks.values()):
        inside = {name: courses[name]["container_temp"] for name, where in blocks.items() if where == block}
        found["box-mass-loss", block] = _loss(inside, terms, end)
    return {key: time for key, time in found.items() if time is not None}


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


def _rise(course: Course, terms: BoxTerms) -> int | None:
    rule = terms.rise
    size, window = int(rule.bucket_s * 1000), int(rule.window_s * 1000)
    times, values = np.array([t for t, _ in course]), np.array([v for _, v in course])
    spans = times // size
    kinds = np.unique(spans)
    medians = np.array([np.median(values[spans == each]) for each in kinds])
    for number in range(len(kinds) - 1):  # a span is over once a reading of a later one has come
        inside = kinds[: number + 1] > kinds[number] - window / size
        x, y = kinds[: number + 1][inside], medians[: number + 1][inside]
        if len(x) < 4 or (x[-1] - x[0] + 1) * size < 0.75 * window:
            continue
        first, second = np.triu_indices(len(x), 1)
        slope = float(np.median((y[second] - y[first]) / ((x[second] - x[first]) * size)) * 3_600_000)
        if slope >= rule.controlled_per_h:
            return int(times[spans == kinds[number + 1]][0])
    return None


def _gaps(course: Course, silent_s: float, end: int) -> list[tuple[int, int]]:
    """When it was last heard and when it spoke again, for each silence that is long enough (``end`` = never)."""
    times = [t for t, _ in course]
    after = [*times[1:], end]
    return [(t, later) for t, later in zip(times, after, strict=True) if later - t > silent_s * 1000]


def _silence(course: Course, silent_s: float, end: int) -> int | None:
    gaps = _gaps(course, silent_s, end)
    return gaps[0][0] + int(silent_s * 1000) if gaps else None


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
