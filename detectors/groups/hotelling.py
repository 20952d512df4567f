"""How far the group lies from where it belongs: Hotelling's T² along the usual directions, Q across them."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import FloatArray
from detectors.groups.base import Arrays, GroupDetector, Vector, finite
from detectors.groups.scaling import completed, contributions, robust_scale, scaled_for_fit, shrunk_covariance


@dataclass(frozen=True)
class Hotelling(GroupDetector):
    """Two parts of a principal component model (Jackson & Mudholkar 1979; Lowry et al. 1992 for the EWMA): ``t2``, root
    mean square of the usual components; ``q``, of what they leave over. Unlike a one-step residual both see a held
    shift for as long as it is held.

    ``share``: of the variance that counts as usual; ``smooth``: constant of the EWMA of the scaled vector; ``follow``:
    how fast the centre follows while nothing is odd; ``most``: length beyond which a vector moves them no further.
    """

    name: ClassVar[str] = "hotelling"
    PARTS: ClassVar[tuple[str, ...]] = ("t2", "q")
    BOUNDS: ClassVar[dict[str, tuple[float, float]]] = {
        "share": (0.1, 0.999), "smooth": (0.01, 1.0), "follow": (0.0, 0.5), "most": (0.5, 100.0),
    }  # fmt: skip
    share: float = 0.9
    smooth: float = 0.2
    follow: float = 0.01
    most: float = 4.0

    def fit(self, rows: FloatArray) -> Arrays:
        sound = finite(rows)
        scale = robust_scale(sound)
        covariance = shrunk_covariance(scaled_for_fit(sound, scale))
        values, vectors = np.linalg.eigh(covariance)
        kept = np.cumsum(values) / values.sum() > 1.0 - self.share  # from the least to the greatest
        along, across = vectors[:, kept], vectors[:, ~kept]
        left = float(values[~kept].mean()) if across.shape[1] else 1.0
        return {
            "centre": scale.centre,
            "spread": scale.spread,
            "covariance": covariance,
            "along": np.ascontiguousarray((along / np.sqrt(values[kept])) @ along.T),
            "across": np.ascontiguousarray(across @ across.T / np.sqrt(left)),
            "ranks": np.array([float(kept.sum()), max(float((~kept).sum()), 1.0)]),
        }

    def shapes(self, d: int) -> dict[str, tuple[int, ...]]:
        squares: dict[str, tuple[int, ...]] = {"covariance": (d, d), "along": (d, d), "across": (d, d)}
        return {"centre": (d,), "spread": (d,)} | squares | {"ranks": (2,)}

    def memory(self, model: Arrays) -> Arrays:
        d = len(model["centre"])
        return {"follow": np.zeros(d), "level": np.full(d, np.nan)}

    def rows_a_score(self) -> FloatArray:
        return np.array([4.0 / self.smooth, 4.0 / self.smooth])

    def update(self, x: FloatArray, joined: bool, learn: bool, model: Arrays, memory: Arrays) -> Vector:
        z = (finite(x) - model["centre"]) / model["spread"] - memory["follow"]
        missing = np.isnan(z)
        if missing.all():
            return self.nothing(x, memory)
        if missing.any():
            z = completed(z, missing, model["covariance"])
        bound = min(1.0, self.most / max(float(np.sqrt(z @ z / len(z))), 1e-9))
        before = memory["level"]
        level = bound * z if not joined or np.isnan(before).any() else before + self.smooth * (bound * z - before)
        along, across = model["along"] @ level, model["across"] @ level
        contrib = np.array([contributions(along, model["along"]), contributions(across, model["across"])])
        follow = memory["follow"]
        if learn:
            follow = follow + np.where(missing, 0.0, self.follow * bound * z)
        parts = np.sqrt(np.array([along @ along, across @ across]) / model["ranks"])
        healthy = model["centre"] + model["spread"] * memory["follow"]
        return Vector(parts, np.where(missing, 0.0, contrib), healthy, {"follow": follow, "level": level})
