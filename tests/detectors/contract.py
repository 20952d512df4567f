"""The contract of a detector, run over every line of the table. Each check takes a detector made afresh."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from detectors.base import BoolArray, Detector, FloatArray, Rows, Scores, SlotArray, Slots, State
from detectors.chain import Chain
from detectors.episodes import FAMILY
from tests.detectors.small_pack import MINUTE, START

SERIES = 6
#: Long enough for every warm-up: three days of a value each ten minutes.
STEPS = 3 * 144
STEP_MS = 10 * MINUTE
MANY = slice(0, SERIES)
ALL: SlotArray = np.arange(SERIES)


@dataclass(frozen=True, slots=True)
class Subject:
    """A detector to check, as ``key`` of the table.

    ``odd`` makes a healthy history end badly; ``odd_end`` does so to the last rows, where the answer does not come
    from values (silence); ``settle`` brings the memory to where rows alone do not (a forest's features), and
    ``odd_memory`` makes that odd.
    """

    key: str
    make: Callable[[], Detector]
    odd: Callable[[FloatArray], FloatArray] = lambda values: values
    odd_end: Callable[[Rows], Rows] = lambda rows: rows
    settle: Callable[[State], None] = lambda state: None
    odd_memory: Callable[[State], None] = lambda state: None

    def fresh(self) -> tuple[Detector, State]:
        """A detector with the memory it begins with."""
        detector = self.make()
        state = detector.state(SERIES)
        self.settle(state)
        return detector, state


def history(seed: int = 7) -> FloatArray:
    """Healthy values (steps, series) with noise of about 1 around 20, and gaps."""
    noise = np.random.default_rng(seed)
    values: FloatArray = np.round(20.0 + noise.standard_normal((STEPS, SERIES)), 3)
    values[noise.random(values.shape) < 0.02] = np.nan
    return values


def tick(values: FloatArray, step: int, slots: Slots = MANY, places: SlotArray = ALL) -> Rows:
    """The rows of one step, for the series at ``places``."""
    x = values[step][places]
    m = len(x)
    t = np.full(m, START + step * STEP_MS, np.int64)
    gap = np.full(m, float(STEP_MS) if step else np.inf)
    mask: BoolArray = ~np.isnan(x) & (x <= 900.0)
    interval = np.full(m, float(STEP_MS))
    return Rows(slots, x, t, mask, mask, gap, np.zeros(m, np.intp), np.full(m, 0.001), interval, int(t[0]), int(t[0]))


def run(detector: Detector, values: FloatArray, state: State, first: int = 0, slots: Slots = MANY) -> Scores:
    """Play steps from ``first`` on; the scores of the last."""
    for step in range(first, len(values)):
        scores = detector.update(tick(values, step, slots), state)
        detector.commit(scores, state)
    return scores


def describes_itself(subject: Subject) -> None:
    """It bears the name of its line, has a known family, and its docstring explains the score and every setting."""
    detector = subject.make()
    assert detector.name == subject.key
    assert detector.family in set(FAMILY.values())
    assert detector.version >= 1
    text = type(detector).__doc__ or ""
    assert "``score``" in text
    for each in dataclasses.fields(detector):  # type: ignore[arg-type]  # every member is a dataclass
        assert f"``{each.name}``" in text or not each.repr, f"{each.name} is not explained"
    assert type(detector).__dataclass_params__.frozen  # type: ignore[attr-defined]


def worse_is_higher(subject: Subject) -> None:
    """The same history with a bad end scores higher, once ready."""
    (detector, calm), (_, troubled) = subject.fresh(), subject.fresh()
    good, bad = history(), subject.odd(history())
    run(detector, good[:-1], calm)
    run(detector, bad[:-1], troubled)
    subject.odd_memory(troubled)
    healthy = detector.update(tick(good, STEPS - 1), calm)
    odd = detector.update(subject.odd_end(tick(bad, STEPS - 1)), troubled)
    assert odd.ready.any()
    least = np.nanmax(healthy.score) if healthy.ready.any() else 0.0
    assert np.nanmax(odd.score) > least >= 0.0


def answers_fit(subject: Subject) -> None:
    """One answer for each row, in the types that findings are made of; scores are never below 0."""
    detector, state = subject.fresh()
    run(detector, history()[:-1], state)
    for places in (ALL, ALL[:1]):
        scores = detector.update(tick(history(), STEPS - 1, places, places), state)
        arrays = [scores.score, scores.expected] + ([] if scores.contrib is None else [scores.contrib])
        for array in arrays:
            assert array.shape == places.shape and array.dtype == np.float64
        assert scores.ready.shape == places.shape and scores.ready.dtype == np.bool_
        assert not (scores.score < 0).any()


def missing_values_are_no_fault(subject: Subject) -> None:
    """Nothing but NaN raises nothing, is ready for nothing, and every ready score is finite."""
    detector, state = subject.make(), subject.make().state(SERIES)
    nothing = np.full((1, SERIES), np.nan)
    scores = detector.update(tick(nothing, 0), state)
    assert not (scores.ready & (scores.score > 0)).any()
    detector.commit(scores, state)
    subject.settle(state)
    for step in range(STEPS):
        scores = detector.update(tick(history(), step), state)
        detector.commit(scores, state)
        assert np.isfinite(scores.score[scores.ready]).all()
        assert np.isnan(scores.score[~scores.ready]).all() or not (scores.score[~scores.ready] > 0).any()


def missing_values_teach_nothing(subject: Subject) -> None:
    """A series whose value did not come remembers what it did before, bit for bit, whenever that happens."""
    detector, state = subject.fresh()
    nothing = np.full((STEPS, SERIES), np.nan)
    for first, last in ((0, 1), (1, 40), (40, STEPS)):
        kept = _copied(state)
        detector.commit(detector.update(tick(nothing, first), state), state)
        _same_memory(state, kept)
        run(detector, history()[:last], state, first)


def update_writes_nothing(subject: Subject) -> None:
    """Neither the memory nor the rows change until ``commit``; a second look says the same, and no answer but
    ``expected``, which is read before, is a view of the memory."""
    detector, state = subject.fresh()
    values = history()
    run(detector, values[:300], state)
    kept, rows, untouched = _copied(state), tick(values, 300), tick(values, 300)
    first, second = detector.update(rows, state), detector.update(rows, state)
    _same_memory(state, kept)
    for name in ("x", "t", "mask", "learn", "gap", "code"):
        np.testing.assert_array_equal(getattr(rows, name), getattr(untouched, name), err_msg=name)
    same(first, second)
    said = Scores(first.score.copy(), first.ready.copy(), first.expected.copy())
    for array in state.values():
        array[:] = -1.0
    np.testing.assert_array_equal(first.score, said.score)
    np.testing.assert_array_equal(first.ready, said.ready)


def one_by_one_is_the_same(subject: Subject) -> None:
    """A dense tick, a sparse one and single rows give the same scores and memories, bit for bit, at every step."""
    values = history()
    orders: tuple[list[SlotArray], ...] = (
        [ALL],
        [np.array([5, 1]), np.array([0, 2, 3, 4])],
        [np.array([k]) for k in range(SERIES)],
    )
    results, memories = [], []
    for order in orders:
        detector, state = subject.fresh()
        whole = np.full((STEPS, SERIES), np.nan)
        for step in range(STEPS):
            for places in order:
                rows = tick(values, step, MANY if len(places) == SERIES else places, places)
                scores = detector.update(rows, state)
                detector.commit(scores, state)
                whole[step, places] = scores.score
        results.append(whole)
        memories.append(state)
    for result, memory in zip(results[1:], memories[1:], strict=True):
        np.testing.assert_array_equal(result, results[0])
        _same_memory(memory, memories[0])


def memory_moves(subject: Subject) -> None:
    """Memory saved by the chain and loaded by another, into other slots, goes on as if nothing had happened."""
    values = history()
    detector, state = subject.fresh()
    run(detector, values[:300], state)
    chain, heir = Chain(), Chain()
    for each, room in ((chain, SERIES), (heir, 2 * SERIES)):
        each.use({subject.key: subject.make()})
        each.grow(room)
    chain.state[subject.key] = state
    heir.load(3 + ALL, chain.exported(ALL))
    here = run(detector, values, state, first=300)
    there = run(subject.make(), values, heir.state[subject.key], 300, slice(3, 3 + SERIES))
    same(here, there)
    _same_memory(heir.exported(3 + ALL)[subject.key], state)


def memory_is_small(subject: Subject) -> None:
    """At most 1 kB for each series, so that all detectors together keep within 2 kB; last axis is the slot."""
    state = subject.make().state(10)
    assert all(array.shape[-1] == 10 and array.dtype == np.float64 for array in state.values())
    assert sum(array.nbytes for array in state.values()) <= 10 * 1024


CHECKS: tuple[Callable[[Subject], None], ...] = (
    describes_itself,
    worse_is_higher,
    answers_fit,
    missing_values_are_no_fault,
    missing_values_teach_nothing,
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


def _copied(state: State) -> State:
    return {name: array.copy() for name, array in state.items()}


def _same_memory(one: State, other: State) -> None:
    assert one.keys() == other.keys()
    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name], err_msg=name)
