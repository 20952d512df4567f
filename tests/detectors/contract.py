"""The contract of a detector, run over every line of the table. Each check takes a detector made afresh."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.base import BoolArray, Detector, FloatArray, Rows, Scores, State
from tests.detectors.small_pack import MINUTE, START

SERIES = 6
#: Long enough for every warm-up: three days of a value each ten minutes.
STEPS = 3 * 144
STEP_MS = 10 * MINUTE


@dataclass(frozen=True, slots=True)
class Subject:
    """A detector to check. ``odd`` makes a healthy history end badly; ``settle`` brings its memory to where rows
    alone do not (a forest's features)."""

    make: Callable[[], Detector]
    odd: Callable[[FloatArray], FloatArray]
    settle: Callable[[State], None] = lambda state: None


def history(seed: int = 7) -> FloatArray:
    """Healthy values (steps, series) with noise of about 1 around 20, and gaps."""
    noise = np.random.default_rng(seed)
    values: FloatArray = np.round(20.0 + noise.standard_normal((STEPS, SERIES)), 3)
    values[noise.random(values.shape) < 0.02] = np.nan
    return values


def tick(values: FloatArray, step: int, slots: object = slice(0, SERIES), places: object = slice(None)) -> Rows:
    """The rows of one step, for the series at ``places``."""
    x = values[step][places]
    m = len(x)
    t = np.full(m, START + step * STEP_MS, np.int64)
    gap = np.full(m, float(STEP_MS) if step else np.inf)
    mask: BoolArray = ~np.isnan(x) & (x <= 900.0)
    interval = np.full(m, float(STEP_MS))
    return Rows(slots, x, t, mask, mask, gap, np.zeros(m, np.intp), np.full(m, 0.001), interval, int(t[0]), int(t[0]))  # type: ignore[arg-type]


def run(detector: Detector, values: FloatArray, state: State, first: int = 0) -> Scores:
    """Play steps from ``first`` on; the scores of the last."""
    for step in range(first, len(values)):
        scores = detector.update(tick(values, step), state)
        detector.commit(scores, state)
    return scores


def worse_is_higher(subject: Subject) -> None:
    """The same history with a bad end scores higher, once ready."""
    good, bad = history(), subject.odd(history())
    states = [subject.make().state(SERIES) for _ in range(2)]
    for state in states:
        subject.settle(state)
    healthy = run(subject.make(), good, states[0]).score
    odd = run(subject.make(), bad, states[1]).score
    assert np.nanmax(odd) > np.nanmax(healthy) or (np.isnan(healthy).all() and np.nanmax(odd) > 0)


def missing_values_are_no_fault(subject: Subject) -> None:
    """Nothing but NaN raises nothing, scores nothing as ready, and every ready score is finite."""
    detector, state = subject.make(), subject.make().state(SERIES)
    scores = detector.update(tick(np.full((1, SERIES), np.nan), 0), state)
    assert not (scores.ready & (scores.score > 0)).any()
    subject.settle(state)
    detector.commit(scores, state)
    scores = run(detector, history(), state)
    assert np.isfinite(scores.score[scores.ready]).all()


def update_writes_nothing(subject: Subject) -> None:
    """Neither the memory nor the rows change until ``commit``; a second look says the same."""
    detector, state, values = subject.make(), subject.make().state(SERIES), history()
    subject.settle(state)
    run(detector, values[:300], state)
    kept = {name: array.copy() for name, array in state.items()}
    rows = tick(values, 300)
    inputs: list[NDArray[Any]] = [rows.x, rows.t, rows.mask]
    before = [array.copy() for array in inputs]
    first, second = detector.update(rows, state), detector.update(rows, state)
    for name in state:
        np.testing.assert_array_equal(state[name], kept[name], err_msg=name)
    for kept_array, array in zip(before, inputs, strict=True):
        np.testing.assert_array_equal(array, kept_array)
    same(first, second)
    detector.commit(first, state)
    same(first, second)  # no score is a view of the memory


def one_by_one_is_the_same(subject: Subject) -> None:
    """A dense tick, a sparse one and single rows give the same scores and memories, bit for bit."""
    values = history()
    orders = ([np.arange(SERIES)], [np.array([5, 1]), np.array([0, 2, 3, 4])], [np.array([k]) for k in range(SERIES)])
    results, memories = [], []
    for order in orders:
        detector, state = subject.make(), subject.make().state(SERIES)
        subject.settle(state)
        for step in range(STEPS):
            whole = np.full(SERIES, np.nan)
            for places in order:
                dense = len(places) == SERIES
                rows = tick(values, step, slice(0, SERIES) if dense else places, places)
                scores = detector.update(rows, state)
                detector.commit(scores, state)
                whole[places] = scores.score
        results.append(whole)
        memories.append(state)
    for result, memory in zip(results[1:], memories[1:], strict=True):
        np.testing.assert_array_equal(result, results[0])
        for name, array in memory.items():
            np.testing.assert_array_equal(array, memories[0][name], err_msg=name)


def memory_moves(subject: Subject) -> None:
    """State copied to other slots of a larger memory goes on as if nothing had happened; runs repeat."""
    values = history()
    detector, state = subject.make(), subject.make().state(SERIES)
    subject.settle(state)
    run(detector, values[:300], state)
    wide = subject.make().state(2 * SERIES)
    for name, array in wide.items():
        array[..., 3 : 3 + SERIES] = state[name]
    here = run(detector, values, state, first=300)
    for step in range(300, STEPS):
        there = detector.update(tick(values, step, slice(3, 3 + SERIES)), wide)
        detector.commit(there, wide)
    same(here, there)


def memory_is_small(subject: Subject) -> None:
    """At most 1 kB for each series, so that all detectors together keep within 2 kB; last axis is the slot."""
    state = subject.make().state(10)
    assert all(array.shape[-1] == 10 for array in state.values())
    assert sum(array.nbytes for array in state.values()) <= 10 * 1024


CHECKS: tuple[Callable[[Subject], None], ...] = (
    worse_is_higher,
    missing_values_are_no_fault,
    update_writes_nothing,
    one_by_one_is_the_same,
    memory_moves,
    memory_is_small,
)


def same(one: Scores, other: Scores) -> None:
    """Bit-equal scores."""
    np.testing.assert_array_equal(one.score, other.score)
    np.testing.assert_array_equal(one.ready, other.ready)
    np.testing.assert_array_equal(one.expected, other.expected)
