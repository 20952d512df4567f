"""Robust scale of channels, whitening, and what a missing channel would have been."""

from dataclasses import dataclass

import numpy as np

from detectors.base import BoolArray, FloatArray

#: A median deviation of zero (a coarse instrument) must not make every step a wonder: at least half the spread.
LEAST_SHARE = 0.5
#: Scaled values beyond this teach no coefficient more than this.
MOST_TAUGHT = 6.0


@dataclass(frozen=True, slots=True)
class Scale:
    """Centre and spread of each channel, shape (d,); the spread is never 0."""

    centre: FloatArray
    spread: FloatArray


def robust_scale(rows: FloatArray) -> Scale:
    """Median and median deviation with floors; centre 0 and spread 1 for a channel without a value."""
    empty = np.isnan(rows).all(axis=0)
    known = np.where(empty, 0.0, rows)
    centre = np.nanmedian(known, axis=0)
    deviation = 1.4826 * np.nanmedian(np.abs(known - centre), axis=0)
    spread = np.maximum(deviation, LEAST_SHARE * np.nanstd(known, axis=0))
    return Scale(centre, np.where(spread > 1e-9 * np.maximum(np.abs(centre), 1e-3), spread, 1.0))


def scaled_for_fit(rows: FloatArray, scale: Scale) -> FloatArray:
    """Scaled and bounded; a value that did not come is the one before it, or the centre."""
    z: FloatArray = np.clip((rows - scale.centre) / scale.spread, -MOST_TAUGHT, MOST_TAUGHT)
    known = ~np.isnan(z)
    last = np.maximum.accumulate(np.where(known, np.arange(len(z))[:, None], 0), axis=0)
    return np.nan_to_num(np.take_along_axis(z, last, axis=0))


def shrunk_covariance(rows: FloatArray) -> FloatArray:
    """Covariance of (n, d) rows, shrunk by Ledoit and Wolf's rule so that it can be inverted (J. Multivariate
    Analysis 88, 2004)."""
    # Imported here alone: a process that only judges would wait seconds for what it never uses.
    from sklearn.covariance import ledoit_wolf

    covariance: FloatArray = np.atleast_2d(ledoit_wolf(rows)[0])
    return covariance + 1e-9 * np.eye(len(covariance))


def whitening(covariance: FloatArray) -> FloatArray:
    """The symmetric root of the inverse: the squares of whitened numbers add up to the Mahalanobis distance, and each
    lies as near to its channel as can be (Kessy, Lewin & Strimmer 2018)."""
    values, vectors = np.linalg.eigh(covariance)
    root: FloatArray = (vectors / np.sqrt(np.maximum(values, 1e-12))) @ vectors.T
    return root


def contributions(white: FloatArray, root: FloatArray) -> FloatArray:
    """By how much each channel makes vectors odd: what their squared length would lose if that channel were as the
    others make likely. Reconstruction-based contributions (Alcala & Qin, Automatica 45, 2009): the plain squares smear
    a fault over all channels that usually go with the faulty one.

    ``white``: ``root @ r`` of one or several, the last axis d; ``root`` (d, d), symmetric.
    """
    found: FloatArray = (white @ root) ** 2 / np.maximum((root * root).sum(axis=0), 1e-12)
    return found


def completed(r: FloatArray, missing: BoolArray, covariance: FloatArray) -> FloatArray:
    """The vector with its missing channels at what the others make likely: its distance is then exactly that of the
    channels that came."""
    known = ~missing
    full = np.where(missing, 0.0, r)
    if known.any():
        full[missing] = covariance[np.ix_(missing, known)] @ np.linalg.solve(covariance[np.ix_(known, known)], r[known])
    return full
