"""The isolation forest: equal to scikit-learn's, safe to receive, and able to follow a drift by being refitted."""

import dataclasses
import hashlib
import zlib

import msgspec
import numpy as np
import pytest
from sklearn.ensemble import IsolationForest

from detectors.backtest import Step, backtest, model_ref, prime
from detectors.base import FloatArray
from detectors.calibration import FIRST, FUSED, rarity_of, step_of
from detectors.fitting import fit
from detectors.forest import SAMPLE_ROWS, TREES, fit_forest, stretch
from detectors.isolation_forest import FEATURES, _features
from detectors.kernel import Kernel
from detectors.models import packed, unpacked
from detectors.samples import Samples
from tests.detectors.healthy_city import DAY, City, oddness, played
from tests.detectors.small_forest import features, small_forest
from topics.finding import Phase
from topics.reading import Control


def test_scores_are_scikit_learns() -> None:
    rows = features(3_000, 1)
    theirs = IsolationForest(n_estimators=TREES, max_samples=SAMPLE_ROWS, random_state=0).fit(rows)
    others = np.concatenate([features(500, 9), features(20, 10, centre=6.0)])
    np.testing.assert_allclose(small_forest().score(others), -theirs.score_samples(others), rtol=1e-12)


def test_one_row_or_many_score_the_same() -> None:
    rows = features(40, 5, centre=3.0)
    forest = small_forest()
    one_by_one = np.concatenate([forest.rarities(rows[place : place + 1]) for place in range(len(rows))])
    np.testing.assert_array_equal(forest.rarities(rows), one_by_one)


def test_too_few_rows_give_no_forest() -> None:
    assert fit_forest(features(100, 1), features(3_000, 2), seed=0) is None
    assert fit_forest(features(3_000, 1), features(100, 2), seed=0) is None


def test_models_travel_as_numbers_and_repeat() -> None:
    samples = {"probe": features(9_000, 3), "rare": features(50, 4)}
    body = fit("trial", samples, fitted_until=1)
    assert body == fit("trial", samples, fitted_until=1)
    models = unpacked(body)
    assert list(models.forests) == ["probe"] and models.table.classes == ("", "probe")
    assert list(models.table.known) == [False, True]
    rows = features(30, 8, centre=3.0)
    again = unpacked(packed("trial", 1, models.table, models.forests)).forests["probe"]
    np.testing.assert_array_equal(again.rarities(rows), models.forests["probe"].rarities(rows))


@pytest.mark.parametrize("field", ["feature", "threshold", "path", "everyday", "beyond"])
def test_a_forest_whose_arrays_do_not_fit_is_refused(field: str) -> None:
    models = unpacked(fit("trial", {"probe": features(9_000, 3)}, fitted_until=1))
    broken = dataclasses.replace(models.forests["probe"], **{field: np.full((1, 3), 99)})
    with pytest.raises(ValueError, match="forest: expected"):
        unpacked(packed("trial", 1, models.table, {"probe": broken}))


@pytest.mark.parametrize("body", [b"", b"\x80", b"\xff" * 40])
def test_what_is_no_bundle_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="models: expected a bundle"):
        unpacked(body)


def _elsewhere(step: int, values: FloatArray) -> FloatArray:
    """The new way of the plant: it works at another level of its span."""
    return values + 300.0


def test_a_refitted_forest_follows_a_drift() -> None:
    """Fitted before the plant moved it finds the new level odd; refitted at an event-time point, by a control in the
    log, it finds it usual, and what was odd to both is odd still."""
    city, samples = City(60, seed=3), Samples()
    kernel = city.kernel(samples)
    played(kernel, city, 5 * DAY)
    _refit(kernel, city, samples)
    quiet = oddness(kernel).mean()
    samples.forget(1.0)
    played(kernel, city, 5 * DAY, _elsewhere)
    drifted = oddness(kernel).mean()
    before = kernel.force.versions["models"]
    _refit(kernel, city, samples)
    followed = oddness(kernel).mean()
    assert kernel.force.versions["models"] != before
    assert drifted > quiet + 0.5 and followed < drifted - 0.5, (quiet, drifted, followed)
    for name in FUSED:
        kernel.forest_watch.features[name][:] = 60.0
    assert oddness(kernel).min() > 2.0


@pytest.fixture(scope="module")
def heavy() -> tuple[City, Kernel]:
    """A city whose noise has heavy tails, with models from four days, and one healthy reading after them."""
    city, samples = City(150, seed=5), Samples()
    kernel = city.kernel(samples)
    prime(kernel, city.steps(4 * DAY), samples, city.now, city.offset)
    city.offset += 1
    kernel.forest_watch.samples = None
    played(kernel, city, 1)
    return city, kernel


def test_noise_with_heavy_tails_does_not_put_the_bound_out_of_reach(heavy: tuple[City, Kernel]) -> None:
    """By the trees alone no row at all could be as rare as an alarm must be; with how far out it lies, one can."""
    _, kernel = heavy
    forest, bound = kernel.force.forest.forests[0], float(kernel.force.forest_bounds[0])
    assert forest is not None
    alone = dataclasses.replace(forest, beyond=np.array([0.0, forest.beyond[1]]))
    assert alone.most_rare < bound <= forest.most_rare
    assert alone.least_together(bound) == np.inf > forest.least_together(bound) > 0.0
    far = np.full((1, len(FEATURES)), 60.0)
    assert alone.rarities(far)[0] < bound <= forest.rarities(far)[0]


def test_the_live_kernel_finds_a_combination_that_no_row_detector_calls_odd(heavy: tuple[City, Kernel]) -> None:
    """What is far out in several features at once is told once and closes when it is over; one feature that is as far
    out, and healthy sensors beside it, are left in peace."""
    city, kernel = heavy
    calm = {name: kernel.forest_watch.features[name][7] for name in FEATURES}

    def look(**features: float) -> list[tuple[str, Phase]]:
        for name, value in (calm | features).items():
            kernel.forest_watch.features[name][7] = value
        kernel.series.last_t[: city.sensors] = city.now
        found = kernel.control(Control("~tick", city.now), city.offset, 0, None).findings
        city.step, city.offset = city.step + 1, city.offset + 1
        return [(each.subject, each.phase) for each in found if each.detector == "isolation_forest"]

    odd = {"rate_of_change": 20.0, "hour_of_day": 20.0, "ewma_level": 3.0}
    assert look() == []
    assert look(rate_of_change=20.0) == look(hour_of_day=20.0) == []
    name = kernel.series.specs[7].series
    assert look(**odd) == [(name, "open")]
    assert [each for _ in range(4) for each in look()] == [(name, "close")]


def test_no_row_that_reaches_the_bound_is_passed_over_unseen(heavy: tuple[City, Kernel]) -> None:
    """The few comparisons before the trees against the trees themselves, over rows of all kinds, and over some whose
    detectors are not ready."""
    city, kernel = heavy
    watch, force, noise = kernel.forest_watch, kernel.force, np.random.default_rng(3)
    level = {name: array.copy() for name, array in force.chain.state["ewma_level"].items()}
    turns, slots, reached, passed_over = tuple(range(int(force.forest.turns))), np.arange(city.sensors), 0, 0
    watch._suspects.heed(kernel.series, force)
    memory = {name: watch.features[name].copy() for name in watch.features}
    for _ in range(40):
        for name in FEATURES[:3]:
            memory[name][slots] = np.abs(noise.standard_t(2, city.sensors)) * noise.uniform(1.0, 8.0)
            memory[name][noise.permutation(city.sensors)[:5]] = np.nan
        level["fast_variance"][slots] = 2.0 ** (3.0 * noise.standard_t(3, city.sensors))
        level["variance"][slots] = 1.0
        memory["spread_ratio"][slots] = level["fast_variance"][slots]
        forest = force.forest.forests[0]
        assert forest is not None
        rows = np.nan_to_num(_features([memory[name][slots] for name in FEATURES]))
        odd = set(slots[forest.rarities(rows) >= force.forest_bounds[0]].tolist())
        resolution = kernel.facts.resolution
        seen = set(watch._suspects.among(turns, kernel.series, kernel.episodes, resolution, level, memory))
        assert odd <= seen
        reached, passed_over = reached + len(odd), passed_over + city.sensors - len(seen)
    assert reached > 100 and passed_over > 1_000


def test_a_forest_from_before_it_counted_how_far_out_a_row_lies_is_read_as_it_was() -> None:
    body = fit("trial", {"probe": features(9_000, 3)}, fitted_until=1)
    whole = msgspec.msgpack.decode(zlib.decompress(body))
    del whole["forests"]["probe"]["beyond"]
    old = unpacked(zlib.compress(msgspec.msgpack.encode(whole))).forests["probe"]
    rows = features(500, 8, centre=8.0)
    np.testing.assert_array_equal(old.rarities(rows), old.rarity[step_of(stretch(old.score(rows)))])


def _refit(kernel: Kernel, city: City, samples: Samples) -> None:
    artefact = fit("trial", samples.rows(), city.now)
    ref = model_ref("trial", artefact)
    assert ref.endswith(hashlib.sha256(artefact).hexdigest())
    list(backtest(kernel, [Step(Control("~model", city.now, ref=ref), city.offset, 0, artefact)]))
    city.offset += 1


def test_a_bundle_from_before_it_named_its_detectors_is_read_as_of_the_first_three() -> None:
    """What it knows nothing of has no say, and what it knows is as rare as it was."""
    body = fit("trial", {"probe": features(9_000, 3)}, fitted_until=1)
    whole = msgspec.msgpack.decode(zlib.decompress(body))
    parts = unpacked(body).table.parts[:, : len(FIRST)]
    whole["parts"] = ["<f8", list(parts.shape), np.ascontiguousarray(parts).tobytes()]
    del whole["detectors"]
    old = unpacked(zlib.compress(msgspec.msgpack.encode(whole))).table
    np.testing.assert_array_equal(old.parts[:, : len(FIRST)], parts)
    assert np.isnan(old.parts[:, len(FIRST) :]).all()
    scores = np.full((len(FUSED), 1), 9.0)
    runs = np.ones(scores.shape, np.bool_)
    first = runs & (np.arange(len(FUSED)) < len(FIRST))[:, None]
    of_class = np.ones(1, np.intp)
    assert rarity_of(scores, runs, of_class, old)[0] == rarity_of(scores, first, of_class, old)[0] > 0.0
