"""The isolation forest: equal to scikit-learn's, safe to receive, and able to follow a drift by being refitted."""

import dataclasses
import hashlib
import zlib

import msgspec
import numpy as np
import pytest
from sklearn.ensemble import IsolationForest

from detectors.backtest import Step, backtest, model_ref
from detectors.base import FloatArray
from detectors.calibration import FIRST, FUSED, rarity_of
from detectors.fitting import fit
from detectors.forest import SAMPLE_ROWS, TREES, fit_forest
from detectors.kernel import Kernel
from detectors.models import packed, unpacked
from detectors.samples import Samples
from tests.detectors.healthy_city import DAY, City, oddness, played
from tests.detectors.small_forest import features, small_forest
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


@pytest.mark.parametrize("field", ["feature", "threshold", "path", "everyday"])
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
