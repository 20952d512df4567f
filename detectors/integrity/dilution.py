"""Air let into the gas of a running boiler: oxygen of the outside while flow and temperature say that it burns."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detectors.integrity.base import Measure, Rule
from detectors.integrity.outlet import HOUR_MS, Known, Outlet, usual_high
from detectors.integrity.stretches import bridged, longest
from topics.finding import Text


@dataclass(frozen=True)
class OxygenDilution(Rule):
    """The longest time without a break with at least ``oxygen`` % in a stack whose gas has over ``flow`` of its usual
    flow and over ``heat`` of its usual temperature. Not told of a stack whose median has always been above ``rich``.
    """

    name = "oxygen_dilution"
    title = Text(zh="烟气稀释", en="dilution with air")
    prompt = True
    threshold: float = 1.0
    oxygen: float = 18.5
    flow: float = 0.5
    heat: float = 0.75
    rich: float = 16.0

    def measure(self, outlet: Outlet) -> Iterator[Measure]:
        flow, heat = outlet.first("flow"), outlet.first("stack-temperature")
        if flow is None:
            return
        for quantity, _, track in outlet.of_role("oxygen"):
            burns = flow.valid & (np.nan_to_num(flow.value) > self.flow * usual_high(flow.value, flow.valid))
            if heat is not None:
                burns &= heat.valid & (np.nan_to_num(heat.value) > self.heat * usual_high(heat.value, heat.valid))
            since = outlet.place(outlet.start_ms, track.step_ms)
            good = track.valid & burns
            before = track.value[:since][good[:since]]
            if len(before) < 4 * track.per_hour or float(np.median(before)) > self.rich:
                continue
            with np.errstate(invalid="ignore"):
                odd = good & (track.value >= self.oxygen)
            begin, end = longest(bridged(odd, 5), since)
            hours = (end - begin) * track.step_ms / HOUR_MS
            here = track.value[begin:end][good[begin:end]]
            mean = float(here.mean()) if len(here) else 0.0
            yield Measure(
                quantity,
                hours,
                (track.series, flow.series, *((heat.series,) if heat is not None else ())),
                outlet.time(begin, track.step_ms),
                outlet.time(end, track.step_ms),
                {"hours": hours, "oxygen": mean, "usual_oxygen": float(np.median(before))},
                value=mean,
                expected=float(np.median(before)),
            )

    def say(self, measure: Measure, known: Known) -> Text:
        told = measure.statistics
        return Text(
            zh=f"锅炉运行中含氧量 {told['oxygen']:.1f} % 持续 {told['hours']:.1f} 小时，"
            f"通常为 {told['usual_oxygen']:.1f} %",
            en=f"{told['oxygen']:.1f} % oxygen for {told['hours']:.1f} h in the gas of a running boiler, "
            f"where {told['usual_oxygen']:.1f} % is usual",
        )
