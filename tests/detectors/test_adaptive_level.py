"""The level of a class follows how many rare readings it really has: up, back, in bounds, and not for a few rows."""

import numpy as np
import pytest

from detectors.adaptive_level import COUNTED_AT, MOST, adapted_level, with_levels
from detectors.base import FloatArray
from detectors.calibration import FUSED, RarityTable, alarm_rarity, calibrate, least_scores, rarity_of
from detectors.fitting import fit
from detectors.isolation_forest import MEMORY
from detectors.models import unpacked

ROWS = 60_000


def scores(seed: int, noise: float = 1.0, count: int = ROWS) -> FloatArray:
    """What three detectors say of healthy rows; the others do not run."""
    drawn = np.random.default_rng(seed)
    rows = np.full((count, len(FUSED)), np.nan)
    rows[:, :3] = noise * np.abs(drawn.standard_t(5, (count, 1)) + 0.5 * drawn.standard_t(5, (count, 3)))
    return rows


@pytest.fixture(scope="module")
def table() -> RarityTable:
    return calibrate({"probe": scores(1)})


def realised(table: RarityTable, rows: FloatArray, at: float = COUNTED_AT) -> float:
    """How many times as many rows as should be lie beyond a level."""
    columns = rows.T.copy()
    runs = np.broadcast_to(~np.isnan(columns).all(axis=1)[:, None], columns.shape)
    rarity = rarity_of(columns, runs, np.full(len(rows), table.classes.index("probe")), table)
    return float((rarity >= -np.log10(at)).mean()) / at


def adapted(table: RarityTable, *days: FloatArray) -> RarityTable:
    """The same table after days of which it has seen none, its level adapted at the end of each."""
    for day in days:
        table = with_levels(table, table, {"probe": day}, 1.0)
    return table


def test_noise_that_has_grown_is_corrected_for_and_what_is_as_it_was_is_left(table: RarityTable) -> None:
    noisy, calm = scores(7, 1.25), scores(8)
    assert realised(table, noisy) > 1.8 and 0.8 < realised(table, calm) < 1.25
    after = adapted(table, scores(3, 1.25), scores(4, 1.25), scores(5, 1.25))
    assert 0.8 < realised(after, noisy) < 1.25
    assert realised(table, noisy, 0.001) > 1.3 * realised(after, noisy, 0.001)
    assert 0.8 < realised(adapted(table, scores(3), scores(4), scores(5)), calm) < 1.25


def test_a_class_that_has_become_quieter_is_believed_as_before_and_no_more(table: RarityTable) -> None:
    noisy = adapted(table, scores(3, 1.25), scores(4, 1.25))
    back = adapted(noisy, scores(5), scores(6), scores(7))
    assert noisy.level[1] > 0.2 and abs(back.level[1]) < 0.1
    assert adapted(table, scores(3, 0.8), scores(4, 0.8)).level[1] == 0.0


def test_however_loud_it_is_the_level_stays_in_its_bounds(table: RarityTable) -> None:
    for noise, bound in ((50.0, MOST), (0.01, 0.0)):
        assert adapted(table, *[scores(seed, noise) for seed in range(5)]).level[1] == bound


def test_few_rows_or_an_unknown_past_leave_it_where_it_is(table: RarityTable) -> None:
    noisy = adapted(table, scores(3, 1.25))
    assert adapted_level(noisy, 1, scores(4, 9.0, 500)) == noisy.level[1]
    assert with_levels(table, noisy, {"probe": scores(4, 9.0)}, 0.0).level[1] == noisy.level[1]
    other = calibrate({"other": scores(9)})
    assert with_levels(other, noisy, {"other": scores(4, 9.0)}, 1.0).level.tolist() == [0.0, 0.0]


def test_equal_rows_give_equal_levels_and_bundles_carry_them(table: RarityTable) -> None:
    def rows(noise: float) -> FloatArray:
        whole = np.full((9_000, len(MEMORY)), np.nan)
        whole[:, :5] = np.abs(np.random.default_rng(2).normal(1.0, 0.5, (9_000, 5))) * noise
        return whole

    before = unpacked(fit("trial", {"probe": rows(1.0)}, 1))
    assert before.table.level.tolist() == [0.0, 0.0]
    body = fit("trial", {"probe": rows(1.3)}, 2, before=before, fresh=1.0)
    assert body == fit("trial", {"probe": rows(1.3)}, 2, before=before, fresh=1.0)
    after = unpacked(body)
    assert after.table.level[1] > 0.05
    # A class that has too few rows this time keeps what it had, level and all.
    kept = unpacked(fit("trial", {}, 3, before=after, fresh=1.0)).table
    np.testing.assert_array_equal(kept.level, after.table.level)
    np.testing.assert_array_equal(kept.fused, after.table.fused)


def test_no_row_below_the_least_scores_can_reach_the_bound_at_any_level(table: RarityTable) -> None:
    bound = float(alarm_rarity(0.01, np.array([60_000.0]))[0])
    for level in (0.0, 0.2, MOST):
        moved = RarityTable(table.classes, table.parts, table.fused, table.known, np.array([0.0, level]))
        least = least_scores(moved, bound)
        below = np.random.default_rng(3).random((20_000, len(FUSED))) * np.where(np.isfinite(least), least, 1.0)
        below[:, 3:] = np.nan
        assert realised(moved, below, 10.0**-bound) == 0.0
