"""Production draws its power while the treatment draws none (HJ 212-2025: ST 44, d2… against d3…)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detectors.integrity.base import Measure, Rule
from detectors.integrity.outlet import HOUR_MS, Known, Outlet, usual_high
from detectors.integrity.stretches import bridged, longest
from topics.finding import Text


@dataclass(frozen=True)
class TreatmentOff(Rule):
    """The longest time without a break in which production has over ``on`` of its usual power and the treatment under
    ``off`` of its own. A trip or a staged start is over sooner."""

    name = "treatment_off"
    title = Text(zh="生产设施运行而治理设施停运", en="production on with treatment off")
    severity = "red"
    prompt = True
    threshold: float = 1.5
    on: float = 0.5
    off: float = 0.15

    def measure(self, outlet: Outlet) -> Iterator[Measure]:
        production = outlet.first("production-power")
        if production is None:
            return
        usual_on = usual_high(production.value, production.valid)
        for quantity, _, track in outlet.of_role("treatment-power"):
            usual = usual_high(track.value, track.valid)
            if track.step_ms != production.step_ms or usual <= 0 or usual_on <= 0:
                continue
            both = track.valid & production.valid
            with np.errstate(invalid="ignore"):
                odd = both & (production.value > self.on * usual_on) & (track.value < self.off * usual)
            begin, end = longest(bridged(odd, 5), outlet.place(outlet.start_ms, track.step_ms))
            hours = (end - begin) * track.step_ms / HOUR_MS
            here = slice(begin, end)
            yield Measure(
                quantity,
                hours,
                (track.series, production.series),
                outlet.time(begin, track.step_ms),
                outlet.time(end, track.step_ms),
                {
                    "hours": hours,
                    "production": _mean(production.value[here]),
                    "treatment": _mean(track.value[here]),
                    "usual_treatment": usual,
                },
                value=_mean(track.value[here]),
                expected=usual,
            )

    def say(self, measure: Measure, known: Known) -> Text:
        told = measure.statistics
        return Text(
            zh=f"{told['hours']:.1f} 小时内生产用电 {told['production']:.3g} {known.unit}，"
            f"治理用电仅 {told['treatment']:.2g}（通常 {told['usual_treatment']:.3g}）",
            en=f"for {told['hours']:.1f} h production drew {told['production']:.3g} {known.unit} and treatment only "
            f"{told['treatment']:.2g} (usually {told['usual_treatment']:.3g})",
        )


def _mean(value: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
    kept = value[np.isfinite(value)]
    return float(kept.mean()) if len(kept) else 0.0
