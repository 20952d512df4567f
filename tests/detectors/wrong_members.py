"""Planted wrong detectors: at least one for each check of the contract, and one for each way a member can see."""

import dataclasses
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from detectors.base import FloatArray, Rows, Scores, State
from detectors.isolation_forest import OddCombination
from detectors.late import Late
from detectors.missing import Missing
from detectors.rate_of_change import RateOfChange


class Misnamed(RateOfChange):
    """It has no ``score`` to its line's name: findings would bear another's."""

    name: ClassVar[str] = "somebody_else"


@dataclass(frozen=True)
class Unexplained(RateOfChange):
    """``score`` as its parent's; ``alpha``, ``ready_rows`` and ``most_gap`` too. One setting nobody can look up."""

    mystery: float = 3.0


class UpsideDown(RateOfChange):
    """Its low scores are the bad ones."""

    def update(self, rows: Rows, state: State) -> Scores:
        scores = super().update(rows, state)
        return dataclasses.replace(scores, score=1.0 / np.maximum(scores.score, 1e-9))


class UpsideDownSilence(Missing):
    """The longer the silence the better."""

    def update(self, rows: Rows, state: State) -> Scores:
        scores = super().update(rows, state)
        return dataclasses.replace(scores, score=1.0 / scores.score)


class UpsideDownLateness(Late):
    """The later the better."""

    def update(self, rows: Rows, state: State) -> Scores:
        scores = super().update(rows, state)
        return dataclasses.replace(scores, score=1.0 / (1.0 + scores.score))


class BlindForest(OddCombination):
    """Nothing is odd to it."""

    def update(self, rows: Rows, state: State) -> Scores:
        scores = super().update(rows, state)
        return dataclasses.replace(scores, score=np.where(scores.ready, 0.0, np.nan))


class OneForAll(RateOfChange):
    """One answer for all rows."""

    def update(self, rows: Rows, state: State) -> Scores:
        scores = super().update(rows, state)
        return dataclasses.replace(scores, score=np.array(np.nanmax(np.append(scores.score, 0.0))))


class HalfPrecise(RateOfChange):
    """Scores in single precision: equal inputs round differently elsewhere."""

    def update(self, rows: Rows, state: State) -> Scores:
        scores = super().update(rows, state)
        return dataclasses.replace(scores, score=scores.score.astype(np.float32))


class RefusesGaps(RateOfChange):
    """It expects every value to come."""

    def update(self, rows: Rows, state: State) -> Scores:
        if np.isnan(rows.x).all():
            raise ValueError("no value")
        return super().update(rows, state)


class AlwaysReady(RateOfChange):
    """It is ready where it has no score."""

    def update(self, rows: Rows, state: State) -> Scores:
        return dataclasses.replace(super().update(rows, state), ready=np.ones(len(rows.x), np.bool_))


class LearnsGaps(RateOfChange):
    """A value that did not come becomes the value before."""

    def update(self, rows: Rows, state: State) -> Scores:
        scores = super().update(rows, state)
        return dataclasses.replace(scores, writes=(*scores.writes, ("previous", rows.slots, rows.x)))


class LearnsAtOnce(RateOfChange):
    """It writes to its memory while it scores."""

    def update(self, rows: Rows, state: State) -> Scores:
        scores = super().update(rows, state)
        self.commit(scores, state)
        return scores


class LendsItsMemory(RateOfChange):
    """What it says changes under whoever reads it."""

    def update(self, rows: Rows, state: State) -> Scores:
        return dataclasses.replace(super().update(rows, state), score=state["previous"][rows.slots])


class SpoilsRows(RateOfChange):
    """It puts its own value where none came."""

    def update(self, rows: Rows, state: State) -> Scores:
        scores = super().update(rows, state)
        rows.x[:] = 0.0
        return scores


class LooksAtOthers(RateOfChange):
    """Its answer depends on which rows came together."""

    def update(self, rows: Rows, state: State) -> Scores:
        scores = super().update(rows, state)
        return dataclasses.replace(scores, score=scores.score + np.nanmax(np.append(scores.score, 0.0)))


class LooksAtOtherSilence(Missing):
    """A silence is as long as the longest of the tick."""

    def update(self, rows: Rows, state: State) -> Scores:
        scores = super().update(rows, state)
        return dataclasses.replace(scores, score=scores.score * (1.0 + len(rows.x)))


class RanksFeatures(OddCombination):
    """The oddest of the batch is odd."""

    def update(self, rows: Rows, state: State) -> Scores:
        scores = super().update(rows, state)
        return dataclasses.replace(scores, score=scores.score + 1.0 / len(rows.x))


@dataclass(frozen=True)
class RemembersInItself(RateOfChange):
    """It keeps a memory that no snapshot knows of."""

    seen: list[FloatArray] = field(default_factory=list, repr=False)

    def update(self, rows: Rows, state: State) -> Scores:
        self.seen.append(rows.x)
        scores = super().update(rows, state)
        return dataclasses.replace(scores, score=scores.score + len(self.seen))


class KnowsItsPlace(RateOfChange):
    """Its answer depends on the slot, which another worker gives another series."""

    def update(self, rows: Rows, state: State) -> Scores:
        scores = super().update(rows, state)
        slots = np.arange(rows.slots.start, rows.slots.stop) if isinstance(rows.slots, slice) else rows.slots
        return dataclasses.replace(scores, score=scores.score + slots)


class Hoards(RateOfChange):
    """It keeps two hundred values of each series."""

    def state(self, n: int) -> State:
        return {**super().state(n), "window": np.zeros((200, n))}


class WrongWay(RateOfChange):
    """Its memory has the series first, so that it cannot be cut into blocks."""

    def state(self, n: int) -> State:
        return {**super().state(n), "hours": np.zeros((n, 24))}
