"""Runs of rows: a labelled event, or an alarm that stands."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def segments(flags: ArrayLike) -> NDArray[np.intp]:
    """First and last row (both inclusive) of each run of true values, shape (runs, 2), in order.

    >>> segments([0, 1, 1, 0, 1]).tolist()
    [[1, 2], [4, 4]]
    """
    on = np.asarray(flags).astype(np.bool_)
    if on.ndim != 1:
        raise ValueError(f"segments: expected one flag for each row, shape (n,), got shape {on.shape}")
    edges = np.diff(np.concatenate([[False], on, [False]]).astype(np.int8))
    return np.stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1], axis=1)


def as_labels(labels: ArrayLike, rows: int, who: str) -> NDArray[np.bool_]:
    """Labels as an array of truth of length ``rows``. Raises ``ValueError`` for another length or other values."""
    given = np.asarray(labels)
    if given.shape != (rows,):
        raise ValueError(f"{who}: expected a label for each of {rows} rows, got shape {given.shape}")
    if given.dtype != np.bool_ and not np.isin(given, (0, 1)).all():
        strange: Sequence[object] = given[~np.isin(given, (0, 1))][:3].tolist()
        raise ValueError(f"{who}: expected labels 0 and 1, got {strange}")
    return given.astype(np.bool_)
