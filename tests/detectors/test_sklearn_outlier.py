"""Any outlier estimator of scikit-learn at work: fitted in the background, found the same after a restart, safe."""

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from detectors.backtest import Primed, Step, backtest, prime
from detectors.base import Columns, FloatArray
from detectors.fitting import fit
from detectors.kernel import Kernel
from detectors.models import unpacked
from detectors.outlier_model import OutlierModel, Plan, estimator_class, fit_outliers, plan_of
from detectors.registry import settings_problems
from detectors.samples import Samples
from detectors.series import BLOCKS
from detectors.sklearn_outlier import SklearnOutlier
from tests.detectors.healthy_city import DAY, City
from tests.detectors.small_forest import features
from tests.detectors.small_pack import domain, quantity
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.finding import Finding

LOF: dict[str, Any] = {
    "estimator": "sklearn.neighbors.LocalOutlierFactor",
    "params": {"novelty": True, "n_neighbors": 20},
}
SVM: dict[str, Any] = {"estimator": "sklearn.svm.OneClassSVM", "params": {"nu": 0.01}}
MOVED = 7


class ScikitCity(City):
    """The healthy city under a pack that asks for an estimator instead of the forest."""

    settings: Mapping[str, Any] = LOF

    def pack(self) -> Domain:
        chain = ("stuck", "rate_of_change", "ewma_level", "hour_of_day", "sklearn_outlier")
        quantities = {"temp": quantity(interval_s=600, detectors=chain)}
        return domain(quantities, {"sklearn_outlier": dict(self.settings)})


@dataclasses.dataclass(frozen=True)
class Story:
    """A primed kernel and two days that follow; one sensor moves to another level of its span for good."""

    primed: Primed
    blocks: list[dict[str, Any]]
    shared: dict[str, Any]
    days: list[Columns | Step]
    start: int


def _moves(step: int, values: FloatArray) -> FloatArray:
    if step >= 20:
        values[MOVED] += 300.0
    return values


@pytest.fixture(scope="module")
def story() -> Story:
    city, samples = ScikitCity(60, seed=11), Samples()
    kernel = city.kernel(samples)
    primed = prime(kernel, city.steps(4 * DAY), samples, city.now, city.offset)
    kernel.forest_watch.samples = None
    city.offset += 1
    start = city.offset
    blocks = [kernel.export(block) for block in range(BLOCKS)]
    return Story(primed, blocks, kernel.export_shared(), list(city.steps(DAY, _moves)), start)


def _heir(story: Story, blocks: list[dict[str, Any]], shared: dict[str, Any], at: int) -> Kernel:
    kernel = ScikitCity(60, seed=11).kernel()  # binds the sensors in the order of the columns
    for exported in blocks:
        kernel.load(exported, at)
    kernel.load_shared(shared, at, {story.primed.ref: story.primed.artefact}.get)
    return kernel


def _plain(found: list[Finding]) -> list[tuple[str, str, int, float | None]]:
    return [(each.id, each.phase, each.seq, each.score) for each in found]


def test_what_has_moved_for_good_is_found_once_and_a_restart_changes_nothing(story: Story) -> None:
    """To itself it is usual again within hours; among its class it is not, and that is what the estimator sees."""
    whole = list(backtest(_heir(story, story.blocks, story.shared, story.start), story.days))
    opened = [each for each in whole if each.detector == "sklearn_outlier" and each.phase == "open"]
    assert [each.subject for each in opened] == ["s0/p7/temp/Rtd"]
    assert opened[0].family == "model" and "LocalOutlierFactor" in opened[0].text.en
    assert "LocalOutlierFactor" in opened[0].text.zh
    for cut in (100, 280):
        first = _heir(story, story.blocks, story.shared, story.start)
        found = list(backtest(first, story.days[:cut]))
        at = _offset(story.days[cut])
        second = _heir(story, [first.export(block) for block in range(BLOCKS)], first.export_shared(), at)
        assert _plain(found + list(backtest(second, story.days[cut:]))) == _plain(whole)


def _offset(step: Columns | Step) -> int:
    return int(step.offset[0]) if isinstance(step, Columns) else step.offset


def test_nothing_is_asked_of_it_where_the_pack_asks_for_another(story: Story) -> None:
    """A model of an estimator that is no longer wanted has no say, and one that is wanted waits for the next fit."""
    other = ScikitCity(60, seed=11)
    other.settings = SVM
    kernel = other.kernel()
    kernel.force.obey("~model", story.primed.ref, story.primed.artefact)
    assert not kernel.force.outliers_speak
    assert kernel.force.outliers["sklearn_outlier"].estimator.endswith("OneClassSVM")


def _settings(given: Mapping[str, Any]) -> SklearnOutlier:
    plan = plan_of(given["estimator"], given["params"])
    return SklearnOutlier(plan.estimator, plan.params)


@pytest.mark.parametrize(
    "given", [LOF, SVM, {"estimator": "sklearn.ensemble.IsolationForest", "params": {"n_estimators": 20}}]
)
def test_it_travels_as_numbers_and_says_the_same(given: Mapping[str, Any]) -> None:
    body = fit("trial", {"probe": features(7_000, 3)}, 1, asked=[_settings(given)])
    assert body == fit("trial", {"probe": features(7_000, 3)}, 1, asked=[_settings(given)])
    here, there = (unpacked(body).outliers["sklearn_outlier"]["probe"].fitted() for _ in range(2))
    odd, usual = features(20, 8, centre=40.0), features(20, 9)
    np.testing.assert_array_equal(here.rarities(odd), there.rarities(odd))
    assert here.rarities(odd).min() > here.rarities(usual).max()
    one_by_one = np.concatenate([here.rarities(odd[place : place + 1]) for place in range(len(odd))])
    np.testing.assert_array_equal(here.rarities(odd), one_by_one)


def test_a_bundle_of_another_scikit_learn_brings_none(monkeypatch: pytest.MonkeyPatch) -> None:
    body = fit("trial", {"probe": features(7_000, 3)}, 1, asked=[_settings(SVM)])
    monkeypatch.setattr("detectors.models.library_version", lambda: "0.1")
    assert unpacked(body).outliers["sklearn_outlier"] == {} and "probe" in unpacked(body).forests


@pytest.mark.parametrize(
    "path",
    [
        "os.system", "sklearn.svm.SVC", "sklearn.svm.Nope", "sklearn.utils.Bunch", "sklearn",
        "sklearn.svm._x.OneClassSVM", "sklearn.tests.x.OneClassSVM",
        "sklearn.svm.OneClassSVM.__init__", "sklearn..svm.OneClassSVM",
    ],
)  # fmt: skip
def test_only_public_outlier_estimators_of_scikit_learn_are_ever_imported(path: str) -> None:
    with pytest.raises(ConfigurationError, match="expected the path of one of scikit-learn's outlier estimators"):
        estimator_class(path)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"estimator": "os.system"}, "detectors.sklearn_outlier: estimator: expected the path"),
        ({"estimator": LOF["estimator"]}, "set novelty = true"),
        ({"estimator": SVM["estimator"], "params": {"nuu": 1}}, "expected settings among"),
        ({"estimator": SVM["estimator"], "params": {"nu": [1]}}, "params: expected a table of numbers"),
        ({"looks": 3}, "expected settings among"),
    ],
)
def test_a_pack_that_asks_for_what_cannot_be_is_refused(settings: dict[str, Any], said: str) -> None:
    assert any(said in problem for problem in settings_problems(domain(detectors={"sklearn_outlier": settings})))


def _model() -> OutlierModel:
    model = fit_outliers(Plan(SVM["estimator"], "{}"), features(300, 1), features(2_500, 2), 0, 200)
    assert model is not None and len(model.rows) == 200
    return model


@pytest.mark.parametrize(
    "broken",
    [
        {"rows": np.zeros((5, 2))},
        {"rows": np.full((200, 5), np.nan)},
        {"level": np.zeros(3)},
        {"plan": Plan("sklearn.svm.OneClassSVM", '{"nu": 9}')},
        {"plan": Plan("subprocess.Popen", "{}")},
        {"plan": Plan("sklearn.svm.OneClassSVM", "[1]")},
    ],
)
def test_a_broken_model_is_refused_and_nothing_of_the_bundle_comes_into_force(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="outliers: "):
        dataclasses.replace(_model(), **broken).fitted()


def test_too_few_rows_give_no_model() -> None:
    plan = Plan(SVM["estimator"], "{}")
    assert fit_outliers(plan, features(100, 1), features(2_500, 2), 0, 200) is None
    assert fit_outliers(plan, features(300, 1), features(100, 2), 0, 200) is None


def test_the_artefacts_name_is_its_hash(story: Story) -> None:
    assert story.primed.ref.endswith(hashlib.sha256(story.primed.artefact).hexdigest())
