"""What is said to be discharged here does not arrive at the next outlet downstream as it used to."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detectors.base import FloatArray
from detectors.integrity.base import Measure, Rule
from detectors.integrity.mass import hourly_mass
from detectors.integrity.outlet import HOUR_MS, Known, Outlet
from topics.finding import Text


@dataclass(frozen=True)
class Neighbours(Rule):
    """How far the day's load downstream lies above what the load said here explains, in robust standard deviations of
    the earlier days' means (at least ``floor`` of the load).

    What the load here explains is learnt from the earlier hours: a share of it that arrives within the hour, and
    what others add (least squares). Under ``least`` of the load is nothing; at least ``days`` earlier days with half
    their hours are needed. An outlet that says more than arrives is not told, and
    nothing is told near the detection limit.
    """

    name = "neighbours_disagree"
    title = Text(zh="与下游站点不符", en="disagreement with the outlet downstream")
    threshold: float = 5.0
    least: float = 0.12
    floor: float = 0.02
    days: int = 5

    def measure(self, outlet: Outlet) -> Iterator[Measure]:
        below = outlet.below
        if below is None:
            return
        for quantity, known in sorted(outlet.known.items()):
            here, there = _hourly(outlet, quantity), _hourly(below, quantity)
            if known.role != "pollutant" or here is None or there is None or len(here) != len(there):
                continue
            if _lost_in_detection_limit(outlet, quantity) or _lost_in_detection_limit(below, quantity):
                continue
            measure = self._compare(outlet, quantity, here, there)
            if measure is not None:
                series = (outlet.tracks[quantity, "Rtd"].series, below.tracks[quantity, "Rtd"].series)
                yield Measure(quantity, measure[0], series, outlet.start_ms, outlet.end_ms, measure[1],
                              value=measure[1]["load_here_kg"], expected=measure[1]["expected_here_kg"])  # fmt: skip

    def _compare(
        self, outlet: Outlet, quantity: str, here: FloatArray, there: FloatArray
    ) -> tuple[float, dict[str, float]] | None:
        since = (outlet.start_ms - outlet.back_ms) // HOUR_MS
        both = np.isfinite(here) & np.isfinite(there)
        before = both & (np.arange(len(here)) < since)
        if before.sum() < 12 * self.days:
            return None
        x, y = here[before], there[before]
        spread = float(np.var(x))
        share = max(0.0, float(np.cov(x, y)[0, 1]) / spread) if spread > 0 else 0.0
        left = there - share * here - float(np.mean(y) - share * np.mean(x))
        means = _daily_means(np.where(both, left, np.nan))
        now, usual = means[-1], means[:-1][np.isfinite(means[:-1])]
        if not np.isfinite(now) or len(usual) < self.days or share <= 0:
            return None
        load = float(np.mean(there[both]))
        deviation = max(self.floor * load, 1.4826 * float(np.median(np.abs(usual - np.median(usual)))))
        apart = float(now - np.median(usual))
        today = both & ~before
        said = float(np.mean(here[today]))
        facts = {
            "load_here_kg": said * 24,
            "expected_here_kg": (said + apart / share) * 24,
            "load_below_kg": float(np.mean(there[today])) * 24,
            "excess_share": apart / load,
            "arrives": share,
            "days": float(len(usual)),
        }
        return (apart / deviation if apart > self.least * load else 0.0), facts

    def say(self, measure: Measure, known: Known) -> Text:
        told = measure.statistics
        return Text(
            zh=f"上报日排放 {told['load_here_kg']:.4g} kg，下游 {told['load_below_kg']:.4g} kg；"
            f"按前 {told['days']:.0f} 天的关系应约为 {told['expected_here_kg']:.4g} kg",
            en=f"{told['load_here_kg']:.4g} kg said here, {told['load_below_kg']:.4g} kg downstream that day: by what "
            f"held over {told['days']:.0f} days about {told['expected_here_kg']:.4g} kg must have been discharged here",
        )


def _hourly(outlet: Outlet, quantity: str) -> FloatArray | None:
    """Kilograms of each hour; NaN where too little has come."""
    flow, track = outlet.first("flow"), outlet.tracks.get((quantity, "Rtd"))
    if flow is None or track is None or flow.step_ms != track.step_ms:
        return None
    return hourly_mass(flow, track, len(track.value) // track.per_hour, 0.75)


def _lost_in_detection_limit(outlet: Outlet, quantity: str) -> bool:
    """Whether the concentration is so low that a diluted load looks larger than it is."""
    bound, track = outlet.known[quantity].detection_limit, outlet.tracks[quantity, "Rtd"]
    valid = track.value[track.valid]
    return bound is not None and len(valid) > 0 and float(np.quantile(valid, 0.25)) < 2 * bound


def _daily_means(value: FloatArray) -> FloatArray:
    """Means of the whole days up to the end, NaN under 12 hours."""
    days = value[len(value) % 24 :].reshape(-1, 24)
    count = np.isfinite(days).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: FloatArray = np.where(count >= 12, np.nansum(days, axis=1) / count, np.nan)
    return mean
