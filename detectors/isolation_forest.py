"""Isolation forest (Liu, Ting & Zhou 2008) over what the row detectors say of a series: odd combinations.

scikit-learn fits it, off the path; here its trees are plain arrays, so that a model can travel without
pickle and a whole minute of series is scored in one batch. Scores equal scikit-learn's.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest

from detectors.base import FloatArray
from detectors.calibration import LEAST_SCORES, step_of, tail_rarity

NAME = "isolation_forest"
VERSION = 1

#: The features of a series, in order: three scores and how the short spread stands to the long one (log2).
FEATURES = ("rate_of_change", "ewma_level", "hour_of_day", "spread_ratio")
TREES = 50
SAMPLE_ROWS = 256


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees as arrays of shape (trees, nodes): ``feature`` -1 at a leaf, ``depth`` the path length there
    (with the usual allowance for rows that a leaf still holds). ``normal`` is the mean path of a random tree;
    ``rarity`` turns a score into -log10 p by held-out healthy scores.
    """

    feature: NDArray[np.int16]
    threshold: FloatArray
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    depth: FloatArray
    normal: FloatArray
    rarity: FloatArray

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All fields by name."""
        return {name: getattr(self, name) for name in self.__slots__}

    def score(self, rows: FloatArray) -> FloatArray:
        """Oddness of each of (m, features) rows, 0 to 1, higher is odder: minus scikit-learn's ``score_samples``."""
        trees = np.arange(len(self.feature))[None, :]
        node = np.zeros((len(rows), len(self.feature)), np.int64)
        which = np.arange(len(rows))[:, None]
        narrow = rows.astype(np.float32)  # scikit-learn compares in single precision
        while True:
            feature = self.feature[trees, node]
            inner = feature >= 0
            if not inner.any():
                break
            goes_left = narrow[which, np.maximum(feature, 0)] <= self.threshold[trees, node]
            step = np.where(goes_left, self.left[trees, node], self.right[trees, node])
            node = np.where(inner, step, node)
        odd: FloatArray = 2.0 ** (-self.depth[trees, node].mean(axis=1) / self.normal[0])
        return odd

    def rarities(self, rows: FloatArray) -> FloatArray:
        """-log10 p of each row on healthy data."""
        found: FloatArray = self.rarity[step_of(stretch(self.score(rows)))]
        return found


def stretch(score: FloatArray) -> FloatArray:
    """Scores lie within 0 and 1; the odds resolve them near 1, where it matters."""
    odds: FloatArray = 64.0 * score / np.maximum(1.0 - score, 1e-6)
    return odds


def mean_path(rows: FloatArray) -> FloatArray:
    """Mean path length of an unsuccessful search in a binary tree of that many rows (as scikit-learn has it)."""
    large = np.maximum(rows, 3.0)
    path = 2.0 * (np.log(large - 1.0) + np.euler_gamma) - 2.0 * (large - 1.0) / large
    result: FloatArray = np.where(rows <= 1, 0.0, np.where(rows == 2, 1.0, path))
    return result


def fit_forest(rows: FloatArray, held_out: FloatArray, seed: int) -> Forest | None:
    """A forest from healthy feature rows, calibrated on others; ``None`` where either has too few rows."""
    if len(rows) < SAMPLE_ROWS or len(held_out) < LEAST_SCORES:
        return None
    fitted = IsolationForest(n_estimators=TREES, max_samples=SAMPLE_ROWS, random_state=seed, n_jobs=1).fit(rows)
    trees = [each.tree_ for each in fitted.estimators_]
    nodes = max(tree.node_count for tree in trees)
    feature = np.full((len(trees), nodes), -1, np.int16)
    threshold, depth = np.zeros((len(trees), nodes)), np.zeros((len(trees), nodes))
    left, right = np.zeros((len(trees), nodes), np.int16), np.zeros((len(trees), nodes), np.int16)
    for place, tree in enumerate(trees):
        count = tree.node_count
        feature[place, :count] = np.maximum(tree.feature, -1)
        threshold[place, :count] = tree.threshold
        left[place, :count], right[place, :count] = tree.children_left, tree.children_right
        for node in range(count):  # children come after their parents
            if feature[place, node] >= 0:
                depth[place, [left[place, node], right[place, node]]] = depth[place, node] + 1.0
        leaves = feature[place, :count] < 0
        depth[place, :count] += np.where(leaves, mean_path(tree.n_node_samples.astype(np.float64)), 0.0)
    # 256 rows a tree: scikit-learn normalises by the rows it was asked to sample.
    bare = Forest(feature, threshold, left, right, depth, mean_path(np.array([float(SAMPLE_ROWS)])), np.zeros(1))
    rarity = tail_rarity(stretch(bare.score(held_out)))
    return Forest(feature, threshold, left, right, depth, bare.normal, rarity)
