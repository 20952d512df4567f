"""Discharged masses that are not flow times concentration (HJ 212: Cou of an hour, kg)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detectors.base import FloatArray
from detectors.integrity.base import Measure, Rule
from detectors.integrity.hour_records import judged_hours, moments
from detectors.integrity.outlet import Known, Outlet, Track
from topics.finding import Text

#: Both L/s times mg/L and m3/s times mg/m3 are mg/s; an hour's mean of them in kg:
KG_PER_HOUR = 3600 / 1e6


@dataclass(frozen=True)
class MassBalance(Rule):
    """How many hours of the day have a mass that is off what flow and concentration give by over ``off`` (as a
    ratio), where ``share`` of the live values have come."""

    name = "mass_balance"
    title = Text(zh="排放量与流量浓度不符", en="mass that is not flow times concentration")
    prompt = True
    threshold: float = 3.0
    off: float = 1.15
    share: float = 0.75

    def measure(self, outlet: Outlet) -> Iterator[Measure]:
        flow = outlet.first("flow")
        for quantity, known in sorted(outlet.known.items()):
            track, records = outlet.tracks.get((quantity, "Rtd")), outlet.hours.get(quantity)
            if flow is None or known.role != "pollutant" or track is None or records is None:
                continue
            if "Cou" not in records.values or track.step_ms != flow.step_ms:
                continue
            chosen, said = judged_hours(outlet), records.values["Cou"]
            computed = hourly_mass(flow, track, len(said), self.share)[chosen]
            said = said[chosen]
            with np.errstate(invalid="ignore", divide="ignore"):
                ratio = np.abs(np.log(np.maximum(said, 1e-9) / computed))
                odd = (ratio > np.log(self.off)) & (np.abs(said - computed) > 0.01)
            worst = int(np.argmax(np.where(odd, ratio, -1.0)))
            start, end = moments(outlet, odd)
            found = bool(odd.any())
            yield Measure(
                quantity,
                float(odd.sum()),
                (records.series["Cou"], track.series, flow.series),
                start,
                end,
                {
                    "hours": float(odd.sum()),
                    "compared": float(np.isfinite(ratio).sum()),
                    "said_kg": float(said[worst]) if found else 0.0,
                    "computed_kg": float(computed[worst]) if found else 0.0,
                },
                value=float(said[worst]) if found else None,
                expected=float(computed[worst]) if found else None,
            )

    def say(self, measure: Measure, known: Known) -> Text:
        told = measure.statistics
        return Text(
            zh=f"{told['compared']:.0f} 个小时排放量中有 {told['hours']:.0f} 个与流量×浓度不符，"
            f"如上报 {told['said_kg']:.4g} kg、应为 {told['computed_kg']:.4g} kg",
            en=f"{told['hours']:.0f} of {told['compared']:.0f} hourly masses are not flow times concentration, "
            f"e.g. {told['said_kg']:.4g} kg said, {told['computed_kg']:.4g} kg computed",
        )


def hourly_mass(flow: Track, track: Track, hours: int, share: float) -> FloatArray:
    """Kilograms of each hour, NaN where too little has come; both tracks have one step."""
    width = track.per_hour
    both = (flow.valid & track.valid)[: hours * width].reshape(-1, width)
    product = np.where(both, (flow.value * track.value)[: hours * width].reshape(-1, width), 0.0)
    count = both.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mass: FloatArray = np.where(count >= share * width, product.sum(axis=1) / count * KG_PER_HOUR, np.nan)
    return mass
