"""What the group did beyond what its last vector led to expect: one-step vector autoregression and its residual."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import FloatArray
from detectors.groups.base import Arrays, GroupDetector, Vector, finite
from detectors.groups.scaling import (
    completed,
    contributions,
    robust_scale,
    scaled_for_fit,
    shrunk_covariance,
    whitening,
)

#: A lag further out than this tells no more than this: a spike must not echo.
MOST_LAG = 20.0


@dataclass(frozen=True)
class VarResidual(GroupDetector):
    """Two parts: ``step``, Mahalanobis length of the residual, median of the last ``window`` vectors (spikes of one row
    pass); ``drift``, length of an EWMA of the whitened residual with constant ``smooth`` (small lasting faults). Both
    are divided by the root of the channels that came, so that healthy vectors lie near 1.

    ``ridge``: weight on small coefficients, in rows; ``follow``: how fast the residual's centre follows a slow change
    while nothing is odd (per vector); ``most``: length beyond which a residual moves centre and EWMA no further, so
    that the end of a fault is seen soon.
    """

    name: ClassVar[str] = "var_residual"
    PARTS: ClassVar[tuple[str, ...]] = ("step", "drift")
    BOUNDS: ClassVar[dict[str, tuple[float, float]]] = {
        "ridge": (0.0, 1e6), "window": (1.0, 60.0), "smooth": (0.01, 1.0), "follow": (0.0, 0.5), "most": (0.5, 100.0),
    }  # fmt: skip
    ridge: float = 10.0
    window: float = 5
    smooth: float = 0.3
    follow: float = 0.02
    most: float = 3.0

    def fit(self, rows: FloatArray) -> Arrays:
        sound = finite(rows)
        scale = robust_scale(sound)
        z = scaled_for_fit(sound, scale)
        before, after = z[:-1], z[1:]
        matrix = np.linalg.solve(before.T @ before + self.ridge * np.eye(z.shape[1]), before.T @ after).T
        residual = after - before @ matrix.T
        covariance = shrunk_covariance(residual)
        return {
            "centre": scale.centre,
            "spread": scale.spread,
            "matrix": np.ascontiguousarray(matrix),
            "offset": residual.mean(axis=0),
            "covariance": covariance,
            "white": whitening(covariance),
        }

    def shapes(self, d: int) -> dict[str, tuple[int, ...]]:
        squares: dict[str, tuple[int, ...]] = {"matrix": (d, d), "covariance": (d, d), "white": (d, d)}
        return {"centre": (d,), "spread": (d,), "offset": (d,)} | squares

    def memory(self, model: Arrays) -> Arrays:
        d = len(model["centre"])
        return {
            "lag": np.full(d, np.nan),
            "follow": np.zeros(d),
            "drift": np.zeros(d),
            "lengths": np.full(int(self.window), np.nan),
        }

    def rows_a_score(self) -> FloatArray:
        return np.array([self.window, 4.0 / self.smooth])

    def update(self, x: FloatArray, joined: bool, learn: bool, model: Arrays, memory: Arrays) -> Vector:
        z = (finite(x) - model["centre"]) / model["spread"]
        missing = np.isnan(z)
        if missing.all():
            return self.nothing(x, memory)
        lag = memory["lag"]
        if not joined or np.isnan(lag).all():
            return self.nothing(x, memory | {"lag": np.clip(np.where(missing, 0.0, z), -MOST_LAG, MOST_LAG)})
        likely = model["matrix"] @ lag + model["offset"] + memory["follow"]
        residual = z - likely
        if missing.any():
            residual = completed(residual, missing, model["covariance"])
        came = len(z) - int(missing.sum())
        white = model["white"] @ residual
        length = float(np.sqrt(white @ white / came))
        bound = min(1.0, self.most / max(length, 1e-9))
        drift = memory["drift"] + self.smooth * (bound * white - memory["drift"])
        lengths = np.append(memory["lengths"][1:], length)
        now: Arrays = {
            "lag": np.minimum(np.maximum(np.where(missing, likely, z), -MOST_LAG), MOST_LAG),
            "follow": memory["follow"] + np.where(missing, 0.0, self.follow * bound * residual)
            if learn
            else memory["follow"],
            "drift": drift,
            "lengths": lengths,
        }
        parts = np.array([_middle(lengths), float(np.sqrt(drift @ drift / len(z)))])
        contrib = np.where(missing, 0.0, contributions(np.array([white, drift]), model["white"]))
        return Vector(parts, contrib, model["centre"] + model["spread"] * likely, now)


def _middle(lengths: FloatArray) -> float:
    """Median of those that there are (the greater middle one)."""
    # A few numbers: a list is faster.
    known: list[float] = sorted(each for each in lengths.tolist() if each == each)
    return known[len(known) // 2]
