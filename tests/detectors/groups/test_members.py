"""The contract of group detectors, over every line of the table, and what each is for."""

import numpy as np
import pytest

from detectors.base import FloatArray
from detectors.groups.members import DEFAULT, MEMBERS
from detectors.groups.neighbours import middle_of
from detectors.groups.scaling import completed, contributions, whitening
from detectors.groups.watch import FittedGroup, Watch, fit_group, look

TRAIN = 300


def _group(seed: int = 3, rows: int = 420) -> FloatArray:
    """Four channels that follow one slow process, with gaps."""
    noise = np.random.default_rng(seed)
    common = np.zeros(rows)
    for row in range(1, rows):
        common[row] = 0.8 * common[row - 1] + noise.standard_normal()
    values: FloatArray = 20.0 + common[:, None] * [1.0, 2.0, 1.5, 0.7] + 0.5 * noise.standard_normal((rows, 4))
    values[noise.random(values.shape) < 0.02] = np.nan
    return values


def _judged(group: FittedGroup, watch: Watch, rows: FloatArray) -> tuple[list[tuple[float, bool]], Watch]:
    said = []
    for row in rows:
        verdict, watch = look(group, watch, row)
        said.append((verdict.score, verdict.flag))
    return said, watch


@pytest.mark.parametrize("name", MEMBERS)
def test_memory_saved_as_plain_arrays_goes_on_as_before(name: str) -> None:
    values = _group()
    group = fit_group(MEMBERS[name](), values[:TRAIN])
    whole, end = _judged(group, group.fresh(), values)
    first, watch = _judged(group, group.fresh(), values[:350])
    again = Watch.loaded({key: value.copy() for key, value in watch.arrays().items()})
    rest, there = _judged(group, again, values[350:])
    np.testing.assert_array_equal(np.array(first + rest), np.array(whole))
    for key, value in end.arrays().items():
        np.testing.assert_array_equal(value, there.arrays()[key], err_msg=key)


@pytest.mark.parametrize("name", MEMBERS)
def test_a_look_writes_nothing_and_a_vector_without_values_teaches_nothing(name: str) -> None:
    values = _group()
    group = fit_group(MEMBERS[name](), values[:TRAIN])
    _, watch = _judged(group, group.fresh(), values[:350])
    kept = {key: value.copy() for key, value in watch.arrays().items()}
    look(group, watch, values[350])
    verdict, after = look(group, watch, np.full(4, np.nan))
    assert np.isnan(verdict.score)
    for key, value in kept.items():
        np.testing.assert_array_equal(watch.arrays()[key], value, err_msg=key)
        np.testing.assert_array_equal(after.arrays()[key], value, err_msg=key)


@pytest.mark.parametrize("name", MEMBERS)
def test_a_channel_that_leaves_the_others_is_found_named_and_let_go(name: str) -> None:
    values = _group(rows=520)
    group = fit_group(MEMBERS[name](), values[:TRAIN])
    values[400:430, 2] += 12.0
    watch, flags, blamed = group.fresh(), [], []
    for row in values:
        verdict, watch = look(group, watch, row)
        flags.append(verdict.flag)
        blamed.append(int(np.argmax(verdict.shares)))
    assert np.mean(flags[TRAIN:400]) < 0.1
    assert np.mean(flags[405:430]) > 0.8
    assert np.bincount(blamed[405:430]).argmax() == 2
    assert np.mean(flags[460:]) < 0.15


def test_neighbours_tell_a_fault_of_one_sensor_from_an_event_of_all() -> None:
    values = _group()
    group = fit_group(MEMBERS["neighbours"](), values[:TRAIN])
    event = values.copy()
    event[400:] += 6.0 * np.array([1.0, 2.0, 1.5, 0.7])
    assert not any(flag for _, flag in _judged(group, group.fresh(), event)[0][400:])


def test_missing_channels_leave_the_distance_of_those_that_came() -> None:
    """What a missing channel is taken for must add nothing: the distance is that of the marginal distribution."""
    noise = np.random.default_rng(1)
    root = noise.standard_normal((4, 4))
    covariance = root @ root.T + np.eye(4)
    r, missing = noise.standard_normal(4), np.array([False, True, False, True])
    white = whitening(covariance) @ completed(r, missing, covariance)
    known = ~missing
    marginal = r[known] @ np.linalg.solve(covariance[np.ix_(known, known)], r[known])
    assert white @ white == pytest.approx(marginal)


@pytest.mark.parametrize("name", ["var_residual", "hotelling"])
def test_a_contribution_is_what_the_distance_would_lose_if_that_channel_were_as_the_others_make_likely(
    name: str,
) -> None:
    """Held against the least distance that any value of the channel gives, found by trying; and the channel that has
    gone its own way is the weightiest though its fault is spread over those that usually go with it."""
    noise = np.random.default_rng(4)
    covariance = 0.9 * np.ones((4, 4)) + 0.1 * np.eye(4)
    root = whitening(covariance) if name == "var_residual" else fit_group(MEMBERS[name](), _group()).model["across"]
    r = noise.standard_normal(4)
    said = contributions(root @ r, root)
    for channel in range(4):
        tried = np.repeat(r[None, :], 4001, axis=0)
        tried[:, channel] += np.linspace(-20.0, 20.0, 4001)
        least = float(((tried @ root) ** 2).sum(axis=1).min())
        assert said[channel] == pytest.approx(float(((root @ r) ** 2).sum()) - least, abs=1e-3)
    alone = np.array([0.0, 3.0, 0.0, 0.0])
    assert contributions(root @ alone, root).argmax() == 1


def test_the_middle_of_neighbours_is_the_median_to_the_last_bit() -> None:
    noise = np.random.default_rng(5)
    for k in (2, 3, 6):
        said = noise.standard_normal((200, k))
        said[noise.random(said.shape) < 0.4] = np.nan
        known = (~np.isnan(said)).sum(axis=1)
        got = middle_of(said, 2)
        np.testing.assert_array_equal(got[known >= 2], np.nanmedian(said[known >= 2], axis=1))
        assert np.isnan(got[known < 2]).all() and (known < 2).any()


def test_too_few_rows_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match=f"{DEFAULT}: expected at least 30 rows"):
        fit_group(MEMBERS[DEFAULT](), np.zeros((10, 3)))
