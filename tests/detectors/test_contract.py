"""Every member of the table keeps the contract, and a wrong one is found out."""

import dataclasses
from collections.abc import Callable
from typing import ClassVar

import numpy as np
import pytest

from detectors.base import Detector, FloatArray, Rows, Scores, State
from detectors.isolation_forest import FEATURES, OddCombination
from detectors.pack_tables import PackTables
from detectors.rate_of_change import RateOfChange
from detectors.registry import DETECTORS, settings_problems
from tests.detectors import contract
from tests.detectors.contract import Subject
from tests.detectors.small_forest import small_forest
from tests.detectors.small_pack import domain, spec


def _tables() -> PackTables:
    tables = PackTables(domain())
    tables.code(spec("works/p1/temp/Rtd"))
    return tables


def _jump(values: FloatArray) -> FloatArray:
    values[-1] = 500.0
    return values


def _outside(values: FloatArray) -> FloatArray:
    values[-1] = 2000.0
    return values


def _frozen(values: FloatArray) -> FloatArray:
    values[-300:] = 21.0
    return values


def _forest() -> Detector:
    built = DETECTORS["isolation_forest"].build(_tables())
    assert isinstance(built, OddCombination)
    return dataclasses.replace(built, forests=(small_forest(),))


def _odd_features(state: State) -> None:
    for name in FEATURES:
        state[name][:] = np.linspace(1.0, 40.0, len(state[name]))


SUBJECTS: dict[str, Subject] = {
    name: Subject(lambda name=name: DETECTORS[name].build(_tables()), _jump)  # type: ignore[misc]
    for name in DETECTORS
}
SUBJECTS["range"] = dataclasses.replace(SUBJECTS["range"], odd=_outside)
SUBJECTS["stuck"] = dataclasses.replace(SUBJECTS["stuck"], odd=_frozen)
SUBJECTS["isolation_forest"] = Subject(_forest, _jump, _odd_features)
#: Their answer does not come from the values of rows; tests of their own show the direction.
OTHER_DIRECTION = {"missing", "isolation_forest"}


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", DETECTORS)
def test_a_member_keeps_the_contract(name: str, check: Callable[[Subject], None]) -> None:
    if check is contract.worse_is_higher and name in OTHER_DIRECTION:
        return
    check(SUBJECTS[name])


def test_silence_scores_higher_the_longer_it_lasts() -> None:
    rows = contract.tick(contract.history(), 5)
    longer = dataclasses.replace(rows, gap=rows.gap * 9)
    missing = DETECTORS["missing"].build(_tables())
    now, later = missing.update(rows, {}), missing.update(longer, {})
    assert (later.score[later.ready] > 1.0).all() and (now.score[now.ready] < 1.0).all()


def test_an_odder_combination_scores_higher() -> None:
    detector, state = _forest(), _forest().state(contract.SERIES)
    _odd_features(state)
    scores = detector.update(contract.tick(np.full((1, contract.SERIES), 20.0), 0), state)
    assert scores.score[-1] > scores.score[0] == 0.0


class _LearnsAtOnce(RateOfChange):
    """The planted wrong member: it writes to its memory while it scores."""

    name: ClassVar[str] = "wrong"

    def update(self, rows: Rows, state: State) -> Scores:
        scores = super().update(rows, state)
        self.commit(scores, state)
        return scores


class _LooksAtOthers(RateOfChange):
    """Another: its answer depends on which rows came together."""

    def update(self, rows: Rows, state: State) -> Scores:
        scores = super().update(rows, state)
        return dataclasses.replace(scores, score=scores.score - np.nanmean(scores.score))


class _UpsideDown(RateOfChange):
    """And one whose low scores are the bad ones."""

    def update(self, rows: Rows, state: State) -> Scores:
        scores = super().update(rows, state)
        return dataclasses.replace(scores, score=-scores.score)


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
@pytest.mark.parametrize(
    ("wrong", "check"),
    [
        (_LearnsAtOnce, contract.update_writes_nothing),
        (_LooksAtOthers, contract.one_by_one_is_the_same),
        (_UpsideDown, contract.worse_is_higher),
    ],
)
def test_the_contract_finds_a_wrong_member(wrong: type[Detector], check: Callable[[Subject], None]) -> None:
    with pytest.raises(AssertionError):
        check(Subject(wrong, _jump))


def test_settings_are_checked_by_name_and_value() -> None:
    pack = domain(detectors={"stuck": {"leest_rows": 3}, "missing": {"intervals": -1}, "guess": {}, "limit": {}})
    problems = "\n".join(settings_problems(pack))
    assert "detectors.stuck: expected settings among" in problems and "'leest_rows'" in problems
    assert "detectors.missing.intervals: expected a number >= 0, got -1" in problems
    assert "detectors.guess: expected one of" in problems
