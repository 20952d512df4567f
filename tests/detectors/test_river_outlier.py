"""river's detectors at work: taught in the background, the same after a restart, refused where they cannot be."""

import importlib
import inspect
from typing import Any

import msgspec
import numpy as np
import pytest

from detectors.backtest import backtest, prime
from detectors.base import FloatArray
from detectors.fitting import fit
from detectors.kernel import Kernel
from detectors.models import unpacked
from detectors.outlier_model import LEAST_ROWS, fit_outliers, plan_of
from detectors.pack_tables import PackTables
from detectors.registry import DETECTORS, settings_problems
from detectors.river_model import KINDS, Learner, RiverPlan
from detectors.river_outlier import RiverOutlier
from detectors.samples import Samples
from detectors.series import BLOCKS
from tests.detectors.healthy_city import DAY, City, played
from tests.detectors.small_forest import features
from tests.detectors.small_pack import START, domain, quantity
from topics.codec import encode
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.published_pack import publish_form

TREES = "river.anomaly.HalfSpaceTrees"
MOVED = 7


class RiverCity(City):
    """The healthy city under a pack that asks for one of river's detectors instead of the forest."""

    def pack(self) -> Domain:
        chain = ("stuck", "rate_of_change", "ewma_level", "hour_of_day", "river_outlier")
        return domain({"temp": quantity(interval_s=600, detectors=chain)}, {"river_outlier": {}})


def _moves(step: int, values: FloatArray) -> FloatArray:
    if step >= 5:
        values[MOVED] += 600.0
    return values


def test_what_has_moved_for_good_is_found_once_and_a_restart_changes_nothing() -> None:
    """To itself it is usual again within hours; among its class it is not, and that is what the model sees."""
    city, samples = RiverCity(60, seed=11), Samples()
    primed = prime(city.kernel(samples), city.steps(3 * DAY), samples, city.now, city.offset)
    primed.kernel.forest_watch.samples = None
    city.offset += 1
    found = played(primed.kernel, city, DAY, _moves)
    opened = [each for each in found if each.detector == "river_outlier" and each.phase == "open"]
    assert [each.subject for each in opened] == [f"s0/p{MOVED}/temp/Rtd"]
    assert (
        opened[0].family == "model" and "HalfSpaceTrees" in opened[0].text.en and "HalfSpaceTrees" in opened[0].text.zh
    )
    heir = RiverCity(60, seed=11).kernel()
    for block in range(BLOCKS):
        heir.load(primed.kernel.export(block), city.offset)
    heir.load_shared(primed.kernel.export_shared(), city.offset, {primed.ref: primed.artefact}.get)
    later = list(city.steps(30))  # what has moved moves back, which is odder still
    told = list(backtest(primed.kernel, later))
    assert "update" in {each.phase for each in told if each.detector == "river_outlier"}
    assert msgspec.json.encode(list(backtest(heir, later))) == msgspec.json.encode(told)


def _asked(name: str, **params: Any) -> RiverOutlier:
    plan = plan_of(f"river.anomaly.{name}", params, RiverPlan)
    return RiverOutlier(plan.estimator, plan.params, most_rows=LEAST_ROWS if name == "LocalOutlierFactor" else 1_000)


@pytest.mark.parametrize("name", [name for name in KINDS if name != "LocalOutlierFactor"])
def test_each_travels_as_rows_and_says_the_same_in_a_batch_and_row_by_row(name: str) -> None:
    body = fit("trial", {"probe": features(6_600, 3)}, 1, asked=[_asked(name)])
    assert body == fit("trial", {"probe": features(6_600, 3)}, 1, asked=[_asked(name)])
    here, there = (unpacked(body).outliers["river_outlier"]["probe"].fitted() for _ in range(2))
    odd, usual = features(20, 8, centre=40.0), features(20, 9)
    found = here.rarities(odd)
    assert found.min() > here.rarities(usual).max()
    # in another order and one by one, after other rows have been scored: nothing is learnt of them
    np.testing.assert_array_equal(found, np.concatenate([there.rarities(row[None]) for row in odd[::-1]])[::-1])


def test_scoring_the_local_outlier_factor_which_river_lets_change_it_changes_nothing() -> None:
    rows = np.random.default_rng(4).standard_normal((60, 5))
    learner = RiverPlan("river.anomaly.LocalOutlierFactor", "{}").made(0).fit(rows)
    apart = np.full((1, 5), 9.0)
    before = learner.score_samples(apart)
    learner.score_samples(np.linspace(-3.0, 3.0, 50).reshape(10, 5))
    np.testing.assert_array_equal(learner.score_samples(apart), before)
    assert before < learner.score_samples(np.zeros((1, 5)))


def test_the_table_names_every_public_detector_but_the_filters_and_the_one_that_needs_a_predictor() -> None:
    anomaly = importlib.import_module("river.anomaly")
    base = (anomaly.base.AnomalyDetector, anomaly.base.SupervisedAnomalyDetector)
    public = {
        name for name in dir(anomaly) if inspect.isclass(each := getattr(anomaly, name)) and issubclass(each, base)
    }
    assert public == {*KINDS, "PredictiveAnomalyDetection"}
    for name, kind in KINDS.items():
        assert kind.of_one == issubclass(getattr(anomaly, name), anomaly.base.SupervisedAnomalyDetector)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"estimator": "os.system"}, "estimator: expected one of river.anomaly.GaussianScorer"),
        ({"estimator": "river.anomaly.QuantileFilter"}, "estimator: expected one of"),
        ({"estimator": "river.anomaly.hst.HalfSpaceTrees"}, "estimator: expected one of"),
        ({"estimator": TREES, "params": {"trees": 3}}, "expected settings among"),
        ({"estimator": TREES, "params": {"limits": [1]}}, "params: expected a table of numbers"),
        ({"estimator": TREES, "params": {"n_trees": "many"}}, "cannot work with settings"),
        ({"estimator": TREES, "params": {"height": 30}}, "expected height from 1 to 12, got 30"),
        ({"estimator": TREES, "params": {"window_size": 5_000}}, "expected window_size <= most_rows (2000), got 5000"),
        ({"most_rows": 300}, "expected window_size <= most_rows (300), got 500"),
        ({"looks": 3}, "expected settings among"),
    ],
)
def test_a_pack_that_asks_for_what_cannot_be_is_refused(settings: dict[str, Any], said: str) -> None:
    (problem,) = settings_problems(domain(detectors={"river_outlier": settings}))
    assert problem.startswith("detectors.river_outlier") and said in problem


def test_without_the_extra_only_a_pack_that_asks_for_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, by_quantity = domain(), domain({"temp": quantity(detectors=("range", "river_outlier"))})
    kernel = Kernel(plain, "readings.trial", 0)
    monkeypatch.setattr("detectors.river_model.river_version", lambda: "")
    assert settings_problems(plain) == []
    (problem,) = settings_problems(by_quantity)
    assert "pip install 'citybrain[river]'" in problem
    with pytest.raises(ValueError, match="which is not installed"):  # as a reject, which stops no worker
        kernel.force.obey("~config", "trial@1", encode(publish_form(by_quantity, START)))
    assert kernel.force.tables.domain is plain and "~config" not in kernel.force.refs


def test_a_bundle_of_another_river_brings_none(monkeypatch: pytest.MonkeyPatch) -> None:
    body = fit("trial", {"probe": features(6_600, 3)}, 1, asked=[_asked("OneClassSVM")])
    monkeypatch.setattr("detectors.models.river_version", lambda: "")
    assert unpacked(body).outliers["river_outlier"] == {} and "probe" in unpacked(body).forests


def test_a_detector_that_fails_on_a_row_has_nothing_to_say_of_it() -> None:
    class Picky:
        def learn_one(self, row: dict[str, float]) -> None:
            pass

        def score_one(self, row: dict[str, float]) -> float:
            return 1.0 / (row["f0"] - 0.5)

    learner = Learner(Picky, {}, KINDS["OneClassSVM"]).fit(np.zeros((3, 2)))
    assert np.isnan(learner.score_samples(np.array([[0.0, 1.0], [12.0, 1.0]]))).tolist() == [True, False]


def test_too_few_rows_give_no_model() -> None:
    plan = RiverPlan("river.anomaly.OneClassSVM", "{}")
    assert fit_outliers(plan, features(100, 1), features(2_500, 2), 0, 200) is None


def test_models_share_what_the_knob_leaves_for_them() -> None:
    models = ("isolation_forest", "sklearn_outlier", "river_outlier")
    bounds = []
    for count in (1, 3):
        pack = domain({"temp": quantity(detectors=("rate_of_change", "ewma_level", *models[:count]))})
        kernel = Kernel(pack, "readings.trial", 0)
        city = City(1, seed=1)
        kernel.bind(city.kernel().series.specs[0])
        bounds.append(kernel.force.forest_bounds[0])
    assert bounds[1] - bounds[0] == pytest.approx(np.log10(3.0))


def test_without_a_table_the_detector_is_the_default_one() -> None:
    built = DETECTORS["river_outlier"].build(PackTables(domain({"temp": quantity(detectors=("river_outlier",))})))
    assert isinstance(built, RiverOutlier) and built.estimator == TREES


def test_a_bundle_cannot_name_a_class_outside_the_table() -> None:
    for path in ("subprocess.Popen", "river.anomaly.base", "river.anomaly.HalfSpaceTrees.__init__"):
        with pytest.raises(ConfigurationError, match="expected one of"):
            RiverPlan(path, "{}").made(0)
