"""Every member of the table keeps the contract, and a wrong one is found out by each check."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from detectors.base import Detector, FloatArray, Rows, State
from detectors.isolation_forest import FEATURES, OddCombination
from detectors.outlier_model import fit_outliers, plan_of
from detectors.pack_tables import PackTables
from detectors.registry import DETECTORS, settings_problems
from detectors.river_model import RiverPlan
from detectors.river_outlier import RiverOutlier
from detectors.sklearn_outlier import SklearnOutlier
from tests.detectors import contract, wrong_members
from tests.detectors.contract import Subject
from tests.detectors.small_forest import features, small_forest
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


def _noisy(values: FloatArray) -> FloatArray:
    values[-40:] = 20.0 + 10.0 * (values[-40:] - 20.0)
    return values


def _again(rows: Rows) -> Rows:
    return dataclasses.replace(rows, gap=rows.gap * 0)


def _silent(rows: Rows) -> Rows:
    return dataclasses.replace(rows, gap=rows.gap * 9)


def _forest() -> Detector:
    built = DETECTORS["isolation_forest"].build(_tables())
    assert isinstance(built, OddCombination)
    return dataclasses.replace(built, forests=(small_forest(),))


def _outliers() -> Detector:
    built = DETECTORS["sklearn_outlier"].build(_tables())
    assert isinstance(built, SklearnOutlier)
    plan = plan_of("sklearn.svm.OneClassSVM", {"nu": 0.05})  # the fastest of them: it is asked thousands of times
    model = fit_outliers(plan, features(400, 1), features(2_500, 2), 0, 60)
    assert model is not None
    return dataclasses.replace(built, models=(model.fitted(),))


def _river() -> Detector:
    built = DETECTORS["river_outlier"].build(_tables())
    assert isinstance(built, RiverOutlier)
    plan = plan_of("river.anomaly.OneClassSVM", {}, RiverPlan)  # the fastest of them
    model = fit_outliers(plan, features(400, 1), features(2_500, 2), 0, 400)
    assert model is not None
    return dataclasses.replace(built, models=(model.fitted(),))


def _usual(state: State) -> None:
    for name in FEATURES:
        state[name][:] = 1.0


def _odd(state: State) -> None:
    for name in FEATURES:
        state[name][:] = np.linspace(1.0, 40.0, len(state[name]))


def _subject(name: str) -> Subject:
    return Subject(name, lambda: DETECTORS[name].build(_tables()), _jump)


#: What is special about some lines; a new one needs none if a jump is odd to it.
SPECIAL = {
    "range": dataclasses.replace(_subject("range"), odd=_outside),
    "stuck": dataclasses.replace(_subject("stuck"), odd=_frozen),
    "spread": dataclasses.replace(_subject("spread"), odd=_noisy),
    "missing": dataclasses.replace(_subject("missing"), odd=lambda values: values, odd_end=_silent),
    "late": dataclasses.replace(_subject("late"), odd=lambda values: values, odd_end=_silent),
    "duplicate": dataclasses.replace(_subject("duplicate"), odd=lambda values: values, odd_end=_again),
    "isolation_forest": Subject("isolation_forest", _forest, settle=_usual, odd_memory=_odd),
    "sklearn_outlier": Subject("sklearn_outlier", _outliers, settle=_usual, odd_memory=_odd),
    "river_outlier": Subject("river_outlier", _river, settle=_usual, odd_memory=_odd),
}
SUBJECTS = {name: SPECIAL.get(name, _subject(name)) for name in DETECTORS}


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", DETECTORS)
def test_a_member_keeps_the_contract(name: str, check: Callable[[Subject], None]) -> None:
    check(SUBJECTS[name])


WRONG: list[tuple[type[Detector], str, Callable[[Subject], None]]] = [
    (wrong_members.Misnamed, "rate_of_change", contract.describes_itself),
    (wrong_members.Unexplained, "rate_of_change", contract.describes_itself),
    (wrong_members.UpsideDown, "rate_of_change", contract.worse_is_higher),
    (wrong_members.UpsideDownSilence, "missing", contract.worse_is_higher),
    (wrong_members.UpsideDownLateness, "late", contract.worse_is_higher),
    (wrong_members.BlindForest, "isolation_forest", contract.worse_is_higher),
    (wrong_members.OneForAll, "rate_of_change", contract.answers_fit),
    (wrong_members.HalfPrecise, "rate_of_change", contract.answers_fit),
    (wrong_members.RefusesGaps, "rate_of_change", contract.missing_values_are_no_fault),
    (wrong_members.AlwaysReady, "rate_of_change", contract.missing_values_are_no_fault),
    (wrong_members.LearnsGaps, "rate_of_change", contract.missing_values_teach_nothing),
    (wrong_members.LearnsAtOnce, "rate_of_change", contract.update_writes_nothing),
    (wrong_members.LendsItsMemory, "rate_of_change", contract.update_writes_nothing),
    (wrong_members.SpoilsRows, "rate_of_change", contract.update_writes_nothing),
    (wrong_members.LooksAtOthers, "rate_of_change", contract.one_by_one_is_the_same),
    (wrong_members.LooksAtOtherSilence, "missing", contract.one_by_one_is_the_same),
    (wrong_members.RanksFeatures, "isolation_forest", contract.one_by_one_is_the_same),
    (wrong_members.RemembersInItself, "rate_of_change", contract.memory_moves),
    (wrong_members.KnowsItsPlace, "rate_of_change", contract.memory_moves),
    (wrong_members.Hoards, "rate_of_change", contract.memory_is_small),
    (wrong_members.WrongWay, "rate_of_change", contract.memory_is_small),
]


@pytest.mark.parametrize(("wrong", "key", "check"), WRONG, ids=[f"{each[0].__name__}" for each in WRONG])
def test_the_contract_finds_a_wrong_member(wrong: type[Detector], key: str, check: Callable[[Subject], None]) -> None:
    """The right member passes this check (above); the planted one must not."""
    given = {"forests": (small_forest(),)} if key == "isolation_forest" else {}
    subject = dataclasses.replace(SUBJECTS[key], make=lambda: wrong(**given))
    with pytest.raises((AssertionError, ValueError)):
        check(subject)


def test_every_check_and_every_way_of_seeing_has_a_planted_wrong_member() -> None:
    assert {check for _, _, check in WRONG} == set(contract.CHECKS)
    assert {DETECTORS[key].sees for _, key, _ in WRONG} == {each.sees for each in DETECTORS.values()}
    planted = {
        each for each in vars(wrong_members).values() if getattr(each, "__module__", "") == wrong_members.__name__
    }
    assert {wrong for wrong, _, _ in WRONG} == planted


def test_settings_are_checked_by_name_and_value() -> None:
    pack = domain(detectors={"stuck": {"leest_rows": 3}, "missing": {"intervals": -1}, "guess": {}, "limit": {}})
    problems = "\n".join(settings_problems(pack))
    assert "detectors.stuck: expected settings among" in problems and "'leest_rows'" in problems
    assert "detectors.missing.intervals: expected a number >= 0, got -1" in problems
    assert "detectors.guess: expected one of" in problems
