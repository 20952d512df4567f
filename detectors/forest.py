"""An isolation forest (Liu, Ting & Zhou 2008) as plain arrays: fitted by scikit-learn, scored without it.

So a model travels without pickle, and a whole minute of series is scored in one batch. Trees are laid out as
heaps (the children of node i are 2i + 1 and 2i + 2), so that a step down is arithmetic and no array can loop.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detectors.base import BoolArray, FloatArray
from detectors.calibration import LEAST_SCORES, step_of, step_scores, tail_rarity

TREES = 50
SAMPLE_ROWS = 256
#: scikit-learn stops a tree of 256 rows at this depth.
DEPTH = 8
NODES = 2 ** (DEPTH + 1) - 1

#: The trees that look first, and how rare a row must look to them (-log10 p) for the others to be asked. Alarms
#: begin beyond 5: a row so rare to all trees has never looked so common to the first ones.
FEW_TREES = 5
LEAST_HINT = 2.3

#: Rows whose every feature lies within this share of the healthy ones cannot be isolated early: not scored.
EVERYDAY = 0.995
#: How much it counts how far out a row lies in more than one feature, and the share of healthy rows outside the box
#: that the trees find less odd than what is odd enough to them: fitted from noise with heavy tails they cannot tell the
#: oddest row they have seen from one a hundred times as odd, so that without this no row could reach an alarm's bound.
BEYOND = 1.0
ODD_ENOUGH = 0.99
#: The features for which it counts: the first so many. The last is where in its span the mean lies, and there it may
#: stay for days after works have moved.
COUNTED = 4


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees of shape (trees, nodes): ``feature`` (0 at a leaf), ``threshold`` (infinite at a leaf), ``path`` the
    length to the leaf a node belongs to. ``everyday`` (2, features): bounds of the rows that are not scored.
    ``rarity`` turns a score into -log10 p by held-out healthy scores. ``beyond`` (2,): how much it counts how far a row
    lies outside ``everyday`` in more than one feature (0 in forests from before that counted), and the odds from which
    on a row is odd enough to the trees.
    """

    feature: NDArray[np.int64]
    threshold: FloatArray
    path: FloatArray
    everyday: FloatArray
    rarity: FloatArray
    beyond: FloatArray

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All fields by name."""
        return {name: getattr(self, name) for name in self.__slots__}

    def checked(self) -> "Forest":
        """Itself. Raises ``ValueError`` if its arrays do not fit together."""
        trees, features = len(self.feature), self.everyday.shape[-1]
        shapes = {each.shape for each in (self.feature, self.threshold, self.path)}
        fits = trees and shapes == {(trees, NODES)} and self.everyday.shape == (2, features) and self.rarity.ndim == 1
        fits = fits and self.beyond.shape == (2,) and self.beyond[0] >= 0.0 and self.beyond[1] > 0.0
        if not fits or self.feature.min() < 0 or self.feature.max() >= features:
            raise ValueError(f"forest: expected (trees, {NODES}) arrays and features below {features}, got {shapes}")
        return self

    @property
    def most_rare(self) -> float:
        """A rarity that no row can exceed: that of one which every tree isolates as early as it can, far out."""
        far = np.inf if self.beyond[0] > 0.0 else 1.0
        return float(self.rarity[step_of(np.array([self._most_odds * far]))][0])

    def least_together(self, bound: float) -> float:
        """How far out (``together``) a row must lie at least to be as rare as ``bound``, however odd the trees find it:
        not above 0 where all depends on them, infinite where no row is so rare."""
        step = int(np.searchsorted(self.rarity, bound))
        if step == len(self.rarity):
            return float("inf")
        needed = float(step_scores()[step]) / self._most_odds - 1.0
        return needed / float(self.beyond[0]) if self.beyond[0] > 0.0 else float("inf") if needed > 0.0 else 0.0

    @property
    def _most_odds(self) -> float:
        leaves = self.path[:, NODES // 2 :]  # the lowest line of a heap stands for the leaves alone
        path = np.array([leaves.min(axis=1).sum()])
        return float(np.minimum(stretch(_oddness(path, len(leaves))), self.beyond[1])[0])

    def score(self, rows: FloatArray) -> FloatArray:
        """Oddness of each of (m, features) rows, 0 to 1, higher is odder: minus scikit-learn's ``score_samples``."""
        return Walk(self).score(rows)

    def rarities(self, rows: FloatArray) -> FloatArray:
        """-log10 p of each row on healthy data, 0 for everyday ones."""
        return Walk(self).rarities(rows)


class Walk:
    """A forest laid out for scoring: small arrays, because a walk down a tree is as fast as they are near."""

    def __init__(self, forest: Forest) -> None:
        self.trees, self.everyday, self.rarity = len(forest.feature), forest.everyday, forest.rarity
        self._beyond, self._enough = forest.beyond.tolist()
        self._feature = forest.feature.astype(np.int16).ravel()
        # scikit-learn compares in single precision: so nothing is lost where the threshold is rounded down to it.
        narrow = forest.threshold.astype(np.float32)
        above = narrow > forest.threshold
        narrow[above] = np.nextafter(narrow[above], np.float32(-np.inf))
        self._threshold = narrow.ravel()
        self._path = forest.path.ravel()

    def score(self, rows: FloatArray) -> FloatArray:
        """As ``Forest.score``."""
        return _oddness(self._paths(rows, 0, self.trees), self.trees)

    def rarities(self, rows: FloatArray) -> FloatArray:
        """As ``Forest.rarities``.

        A row outside the box in one feature is everyday too: that is for the row detectors to judge. A few trees say
        of most rows that they are not so odd as to matter: the others are asked about the rest alone.
        """
        found = np.zeros(len(rows))
        out = together(rows, self.everyday)
        odd = np.flatnonzero(out > 0.0 if self._beyond else self._outside(rows))
        few = min(FEW_TREES, self.trees)
        if len(odd):
            path, more = self._paths(rows[odd], 0, few), 1.0 + self._beyond * out[odd]
            rest = np.flatnonzero(self._rarity(path, few, more) >= LEAST_HINT)
            odd, path, more = odd[rest], path[rest], more[rest]
        if len(odd):
            path += self._paths(rows[odd], few, self.trees)
            found[odd] = self._rarity(path, self.trees, more)
        return found

    def _outside(self, rows: FloatArray) -> BoolArray:
        outside: BoolArray = ((rows < self.everyday[0]) | (rows > self.everyday[1])).any(axis=1)
        return outside

    def judged(self, rows: FloatArray) -> FloatArray:
        """What ``rarity`` is looked up by, of each row, everyday ones too."""
        more = 1.0 + self._beyond * together(rows, self.everyday)
        return self._judged(self._paths(rows, 0, self.trees), self.trees, more)

    def _judged(self, path: FloatArray, trees: int, more: FloatArray) -> FloatArray:
        odds: FloatArray = np.minimum(stretch(_oddness(path, trees)), self._enough) * more
        return odds

    def _rarity(self, path: FloatArray, trees: int, more: FloatArray) -> FloatArray:
        rarity: FloatArray = self.rarity[step_of(self._judged(path, trees, more))]
        return rarity

    def _paths(self, rows: FloatArray, first: int, last: int) -> FloatArray:
        """Path length of each row, summed over the trees from ``first`` to before ``last``."""
        base = (np.arange(first, last, dtype=np.intp) * NODES)[:, None]
        narrow = rows.astype(np.float32).ravel()
        row = np.arange(len(rows), dtype=np.intp) * rows.shape[1]
        at, down = np.repeat(base, len(rows), axis=1), 1 - base
        for _ in range(DEPTH):
            right = narrow.take(self._feature.take(at) + row) > self._threshold.take(at)
            at += at  # the children of node i are 2i + 1 and 2i + 2
            at += down
            at += right
        total: FloatArray = self._path.take(at).sum(axis=0)
        return total


def _oddness(path: FloatArray, trees: int) -> FloatArray:
    odd: FloatArray = 2.0 ** (-(path / trees) / NORMAL_PATH)
    return odd


def stretch(score: FloatArray) -> FloatArray:
    """Scores lie within 0 and 1; the odds resolve them near 1, where it matters."""
    odds: FloatArray = 64.0 * score / np.maximum(1.0 - score, 1e-6)
    return odds


def together(rows: FloatArray, everyday: FloatArray) -> FloatArray:
    """How far (m, features) rows lie outside the everyday box, in its widths, summed over all features that count but
    the worst: what one feature says alone is for the row detectors to judge."""
    low, high = everyday[:, :COUNTED]
    outside = np.maximum(low - rows[:, :COUNTED], rows[:, :COUNTED] - high)
    outside /= widths(everyday)
    np.maximum(outside, 0.0, out=outside)
    found: FloatArray = outside.sum(axis=1) - outside.max(axis=1)
    return found


def widths(everyday: FloatArray) -> FloatArray:
    """Of the box in the features that count, never 0."""
    found: FloatArray = np.maximum(everyday[1, :COUNTED] - everyday[0, :COUNTED], 1e-9)
    return found


def mean_path(rows: FloatArray) -> FloatArray:
    """Mean path length of an unsuccessful search in a binary tree of that many rows (as scikit-learn has it)."""
    large = np.maximum(rows, 3.0)
    path = 2.0 * (np.log(large - 1.0) + np.euler_gamma) - 2.0 * (large - 1.0) / large
    result: FloatArray = np.where(rows <= 1, 0.0, np.where(rows == 2, 1.0, path))
    return result


NORMAL_PATH = float(mean_path(np.array([float(SAMPLE_ROWS)]))[0])


def fit_forest(rows: FloatArray, held_out: FloatArray, seed: int) -> Forest | None:
    """A forest from healthy feature rows, calibrated on others; ``None`` where either has too few rows."""
    if len(rows) < SAMPLE_ROWS or len(held_out) < LEAST_SCORES:
        return None
    # Imported here alone: a process that only scores would wait seconds for what it never uses.
    from sklearn.ensemble import IsolationForest

    fitted = IsolationForest(n_estimators=TREES, max_samples=SAMPLE_ROWS, random_state=seed, n_jobs=1).fit(rows)
    feature = np.zeros((TREES, NODES), np.int64)
    threshold, path = np.full((TREES, NODES), np.inf), np.zeros((TREES, NODES))
    for place, each in enumerate(fitted.estimators_):
        _lay_out(each.tree_, feature[place], threshold[place], path[place])
    share = (1.0 - EVERYDAY) / 2.0
    everyday = np.quantile(rows, [share, 1.0 - share], axis=0)
    odd = ((held_out < everyday[0]) | (held_out > everyday[1])).any(axis=1)
    bare = Forest(feature, threshold, path, everyday, np.zeros(1), np.array([BEYOND, np.inf]))
    enough = float(np.quantile(stretch(bare.score(held_out[odd])), ODD_ENOUGH)) if odd.any() else np.inf
    bare = replace(bare, beyond=np.array([BEYOND, enough]))
    scores = np.zeros(len(held_out))
    scores[odd] = Walk(bare).judged(held_out[odd])
    return replace(bare, rarity=tail_rarity(scores))


def _lay_out(tree: object, feature: NDArray[np.int64], threshold: FloatArray, path: FloatArray) -> None:
    """One of scikit-learn's trees as a heap; below a leaf every node stands for that leaf."""
    children = (tree.children_left, tree.children_right)  # type: ignore[attr-defined]
    count: NDArray[np.int64] = tree.n_node_samples  # type: ignore[attr-defined]
    waiting = [(0, 0, 0)]  # scikit-learn's node, ours, depth
    while waiting:
        theirs, ours, depth = waiting.pop()
        left, right = int(children[0][theirs]), int(children[1][theirs])
        if left >= 0:
            feature[ours] = tree.feature[theirs]  # type: ignore[attr-defined]
            threshold[ours] = tree.threshold[theirs]  # type: ignore[attr-defined]
            waiting += [(left, 2 * ours + 1, depth + 1), (right, 2 * ours + 2, depth + 1)]
            continue
        length = depth + float(mean_path(np.array([float(count[theirs])]))[0])
        first, width = ours, 1
        while first < NODES:
            path[first : first + width] = length
            first, width = 2 * first + 1, 2 * width
