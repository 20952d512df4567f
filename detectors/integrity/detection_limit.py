"""Values that hover at the detection limit for hours at an outlet that is usually well above it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detectors.integrity.base import Measure, Rule
from detectors.integrity.outlet import HOUR_MS, Known, Outlet
from detectors.integrity.stretches import bridged, longest
from topics.finding import Text


@dataclass(frozen=True)
class DetectionLimitHover(Rule):
    """Hours within ``reach`` times the detection limit while the plant runs, told of an outlet whose lowest tenth of
    values has been above that for the days before: one that always discharges almost nothing is left alone.
    """

    name = "detection_limit_hover"
    title = Text(zh="长时间徘徊于检出限附近", en="hovering at the detection limit")
    threshold: float = 6.0
    reach: float = 1.5

    def measure(self, outlet: Outlet) -> Iterator[Measure]:
        for quantity, known, track in outlet.of_role("pollutant"):
            if known.detection_limit is None:
                continue
            good = track.valid & outlet.running(track)
            since = outlet.place(outlet.start_ms, track.step_ms)
            before = track.value[:since][good[:since]]
            if len(before) < 24 * track.per_hour:
                continue
            bound = self.reach * known.detection_limit
            low = float(np.quantile(before, 0.1))
            if low <= bound:
                continue
            near = bridged(good & (track.value <= bound), track.per_hour // 2)
            begin, end = longest(near, since)
            hours = (end - begin) * track.step_ms / HOUR_MS
            here = track.value[begin:end][good[begin:end]]
            yield Measure(
                quantity,
                hours,
                (track.series,),
                outlet.time(begin, track.step_ms),
                outlet.time(end, track.step_ms),
                {
                    "hours": hours,
                    "detection_limit": known.detection_limit,
                    "usual_low": low,
                    "median": float(np.median(here)) if len(here) else float("nan"),
                },
                value=float(np.median(here)) if len(here) else None,
                expected=low,
            )

    def say(self, measure: Measure, known: Known) -> Text:
        told = measure.statistics
        return Text(
            zh=f"连续 {told['hours']:.1f} 小时在检出限 {told['detection_limit']:g} {known.unit} 附近，"
            f"而此前 90 % 的数值高于 {told['usual_low']:.3g}",
            en=f"{told['hours']:.1f} h at the detection limit of {told['detection_limit']:g} {known.unit}, "
            f"where nine in ten values used to be above {told['usual_low']:.3g}",
        )
