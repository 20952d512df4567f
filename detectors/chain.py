"""The row detectors together: all score before any learns, and a row that one cannot bear is set aside."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.base import Detector, Rows, Scores, SlotArray, State
from detectors.calibration import FUSED


@dataclass(frozen=True, slots=True)
class Poison:
    """A row that made a detector raise: its position among the rows, whose fault and what was said."""

    position: int
    detector: str
    error: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Scores by detector of the ``rows`` all of them bear. ``kept``: their positions, ``None`` for all."""

    scores: dict[str, Scores]
    rows: Rows
    kept: SlotArray | None
    poison: tuple[Poison, ...]


class Chain:
    """The row detectors in force, with their memory for all slots."""

    def __init__(self) -> None:
        self.detectors: dict[str, Detector] = {}
        self.state: dict[str, State] = {}
        self.room = 0
        self._idle: list[str] = list(FUSED)
        self._nothing = _silent(0)

    def use(self, detectors: Mapping[str, Detector]) -> None:
        """Other detectors (another pack, other settings) take over, with the same memory."""
        self.detectors = dict(detectors)
        self._idle = [name for name in FUSED if name not in detectors]
        for name, detector in self.detectors.items():
            kept = self.state.get(name, {})
            self.state[name] = {
                key: with_lines(kept[key], fresh) if key in kept else fresh
                for key, fresh in detector.state(self.room).items()
            }

    def grow(self, room: int) -> None:
        """Memory for ``room`` slots."""
        more = room - self.room
        for name, detector in self.detectors.items():
            fresh = detector.state(more)
            self.state[name] = {
                key: np.concatenate([value, with_lines(fresh[key], value)], axis=-1)
                for key, value in self.state[name].items()
            }
        self.room = room

    def judge(self, rows: Rows) -> Verdict:
        """Score the rows and set aside those that a detector cannot bear; nothing is learnt before ``commit``."""
        try:
            return Verdict(self._scores(rows), rows, None, ())
        except Exception:  # noqa: BLE001  # the edge of a detector: each row that fails is a dead letter, and counted
            return self._without_poison(rows)

    def commit(self, verdict: Verdict) -> None:
        """Let the detectors learn from the rows of the verdict."""
        for name, detector in self.detectors.items():
            if name in verdict.scores:
                detector.commit(verdict.scores[name], self.state[name])

    def _scores(self, rows: Rows) -> dict[str, Scores]:
        """Of every detector; one of ``FUSED`` that does not run says nothing."""
        scores = {name: each.update(rows, self.state[name]) for name, each in self.detectors.items()}
        if len(self._idle):
            if len(self._nothing.score) < len(rows.x):
                self._nothing = _silent(2 * len(rows.x))
            whole, m = self._nothing, len(rows.x)
            silent = Scores(whole.score[:m], whole.ready[:m], whole.score[:m])
            scores |= dict.fromkeys(self._idle, silent)
        return scores

    def _without_poison(self, rows: Rows) -> Verdict:
        poison: dict[int, Poison] = {}
        for name in self.detectors:
            for each in self._search(name, rows, np.arange(len(rows.x))):
                poison.setdefault(each.position, each)
        kept = np.setdiff1d(np.arange(len(rows.x)), np.array(sorted(poison), np.intp))
        rest = rows.part(kept)
        scores = self._scores(rest) if len(kept) else {}
        return Verdict(scores, rest, kept, tuple(poison[position] for position in sorted(poison)))

    def _search(self, name: str, rows: Rows, among: SlotArray) -> list[Poison]:
        """The rows that make a detector raise, by halving."""
        try:
            self.detectors[name].update(rows.part(among), self.state[name])
        except Exception as error:  # noqa: BLE001  # see ``judge``
            if len(among) == 1:
                return [Poison(int(among[0]), name, f"{type(error).__name__}: {error}")]
            half = len(among) // 2
            return self._search(name, rows, among[:half]) + self._search(name, rows, among[half:])
        return []

    def exported(self, slots: SlotArray) -> dict[str, State]:
        """The memory of these slots."""
        return {name: {key: value[..., slots] for key, value in state.items()} for name, state in self.state.items()}

    def load(self, slots: SlotArray, exported: Mapping[str, State]) -> None:
        """Take over memory. A snapshot of a pack with more limits brings more lines: that pack is in force soon."""
        for name, state in self.state.items():
            for key, kept in exported.get(name, {}).items():
                if key in state:
                    state[key] = with_lines(state[key], kept)
                    state[key][..., slots] = with_lines(kept, state[key])


def _silent(m: int) -> Scores:
    """What a detector says of m rows that does not run; nobody may write to it."""
    nothing, ready = np.full(m, np.nan), np.zeros(m, np.bool_)
    for each in (nothing, ready):
        each.flags.writeable = False
    return Scores(nothing, ready, nothing)


def with_lines(array: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """The array with at least as many lines (first axis of two) as another, for a pack with more limits: NaN is
    "not yet" in every memory that has lines of its own."""
    if array.ndim == 1 or len(array) >= len(other):
        return array
    return np.concatenate([array, np.full((len(other) - len(array), *array.shape[1:]), np.nan)])
