"""One sensor against its neighbours: what it alone says is its own fault, what they all say is an event."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import FloatArray
from detectors.groups.base import Arrays, GroupDetector, Vector, finite
from detectors.groups.scaling import robust_scale


@dataclass(frozen=True)
class Neighbours(GroupDetector):
    """Channels are sensors of one quantity. Each is foretold by the median of what its ``k`` best correlated others,
    each with a gain and an offset of its own, say it should be. One part, ``apart``: the greatest EWMA (constant
    ``smooth``) of a sensor's error, in its usual spreads; what moves all sensors moves none apart.

    A sensor with fewer than two neighbours that speak is not judged.
    """

    name: ClassVar[str] = "neighbours"
    PARTS: ClassVar[tuple[str, ...]] = ("apart",)
    BOUNDS: ClassVar[dict[str, tuple[float, float]]] = {"k": (2.0, 20.0), "smooth": (0.01, 1.0), "most": (0.5, 1000.0)}
    LEAST_CHANNELS: ClassVar[int] = 3
    k: float = 6
    smooth: float = 0.2
    most: float = 10.0

    def fit(self, rows: FloatArray) -> Arrays:
        sound = finite(rows)
        d = sound.shape[1]
        k = min(int(self.k), d - 1)
        near, gain, offset = np.zeros((d, k)), np.zeros((d, k)), np.zeros((d, k))
        likeness = _correlation(sound)
        np.fill_diagonal(likeness, -np.inf)
        for channel in range(d):
            for place, other in enumerate(np.argsort(-likeness[channel], kind="stable")[:k].tolist()):
                near[channel, place] = other
                gain[channel, place], offset[channel, place] = _line(sound[:, other], sound[:, channel])
        model = {"near": near, "gain": gain, "offset": offset}
        error = np.stack([row - _foretold(row, model) for row in sound])
        scale = robust_scale(error)
        return model | {"centre": scale.centre, "spread": scale.spread}

    def shapes(self, d: int) -> dict[str, tuple[int, ...]]:
        k = min(int(self.k), d - 1)
        return {"near": (d, k), "gain": (d, k), "offset": (d, k), "centre": (d,), "spread": (d,)}

    def checked(self, model: Arrays, d: int) -> Arrays:
        near = super().checked(model, d)["near"]
        if (near < 0).any() or (near >= d).any():
            raise ValueError(f"{self.name}: expected neighbours among {d} channels, got numbers up to {near.max():g}")
        return model

    def memory(self, model: Arrays) -> Arrays:
        return {"error": np.zeros(len(model["centre"]))}

    def rows_a_score(self) -> FloatArray:
        return np.array([4.0 / self.smooth])

    def update(self, x: FloatArray, joined: bool, learn: bool, model: Arrays, memory: Arrays) -> Vector:
        x = finite(x)
        expected = _foretold(x, model) + model["centre"]
        error = np.clip((x - expected) / model["spread"], -self.most, self.most)
        known = ~np.isnan(error)
        if not known.any():
            return self.nothing(x, memory)
        kept = memory["error"]
        now = np.where(known, kept + self.smooth * (np.nan_to_num(error) - kept), kept)
        contrib = np.where(known, now**2, 0.0)
        return Vector(np.array([float(np.sqrt(contrib.max()))]), contrib[None, :], expected, {"error": now})


def _foretold(x: FloatArray, model: Arrays) -> FloatArray:
    """What each sensor's neighbours say of it; NaN where fewer than two speak."""
    said = model["gain"] * x[model["near"].astype(np.intp)] + model["offset"]
    return middle_of(said, least=2)


def middle_of(said: FloatArray, least: int) -> FloatArray:
    """Median of each line of (m, k) numbers without the NaN among them; NaN where fewer than ``least`` are known.
    As ``np.nanmedian`` finds it, which takes many times as long over so few numbers."""
    ordered = np.sort(said, axis=1)  # NaN goes to the end
    known = (ordered == ordered).sum(axis=1)
    enough = known >= max(least, 1)
    line, known = np.arange(len(said)), np.where(enough, known, 1)
    middle: FloatArray = (ordered[line, (known - 1) // 2] + ordered[line, known // 2]) / 2.0
    middle[~enough] = np.nan
    return middle


def _correlation(rows: FloatArray) -> FloatArray:
    scale = robust_scale(rows)
    z = np.clip(np.nan_to_num((rows - scale.centre) / scale.spread), -6.0, 6.0)
    length = np.sqrt((z * z).sum(axis=0))
    likeness: FloatArray = (z.T @ z) / np.maximum(np.outer(length, length), 1e-12)
    return likeness


def _line(x: FloatArray, y: FloatArray) -> tuple[float, float]:
    """Gain and offset of y over x by least squares, over the rows where both came, twice: the second time without
    what lay far off."""
    both = ~(np.isnan(x) | np.isnan(y))
    gain, offset = 0.0, float(np.nanmedian(y)) if (~np.isnan(y)).any() else 0.0
    for _ in range(2):
        if both.sum() < 3 or np.ptp(x[both]) == 0.0:
            break
        gain, offset = (float(each) for each in np.polyfit(x[both], y[both], 1))
        error = np.abs(y - gain * x - offset)
        both &= error <= 4.0 * max(1.4826 * float(np.median(error[both])), 1e-12)
    return gain, offset
