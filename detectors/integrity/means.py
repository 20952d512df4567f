"""Hour means that are not the means of their minutes (HJ 212-2017, Annex D)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detectors.integrity.base import Measure, Rule
from detectors.integrity.hour_records import judged_hours, moments, parts, tolerance
from detectors.integrity.outlet import Known, Outlet
from topics.finding import Text


@dataclass(frozen=True)
class MeansOfParts(Rule):
    """How many hours of the day have a mean further from that of their live values than rounding and what is missing
    explain. Hours with less than ``share`` of their live values are left out."""

    name = "mean_not_of_parts"
    title = Text(zh="小时均值与分钟数据不符", en="mean that does not match its parts")
    prompt = True
    threshold: float = 3.0
    share: float = 0.75

    def measure(self, outlet: Outlet) -> Iterator[Measure]:
        for quantity, known in sorted(outlet.known.items()):
            track, records = outlet.tracks.get((quantity, "Rtd")), outlet.hours.get(quantity)
            if track is None or records is None or "Avg" not in records.values:
                continue
            chosen, said = judged_hours(outlet), records.values["Avg"]
            mean, spread, count = parts(track, len(said))
            mean, spread, count = mean[chosen], spread[chosen], count[chosen]
            said = said[chosen]
            slack = tolerance(mean, spread, count, known, track.per_hour)
            whole = np.isfinite(said) & (count >= self.share * track.per_hour)
            with np.errstate(invalid="ignore"):
                odd = whole & (np.abs(said - mean) > slack)
            worst = int(np.argmax(np.where(odd, np.abs(said - mean) / slack, -1.0)))
            start, end = moments(outlet, odd)
            found = bool(odd.any())
            yield Measure(
                quantity,
                float(odd.sum()),
                (records.series["Avg"], track.series),
                start,
                end,
                {
                    "hours": float(odd.sum()),
                    "compared": float(whole.sum()),
                    "said": float(said[worst]) if found else 0.0,
                    "computed": float(mean[worst]) if found else 0.0,
                    "tolerance": float(slack[worst]) if found else 0.0,
                },
                value=float(said[worst]) if found else None,
                expected=float(mean[worst]) if found else None,
            )

    def say(self, measure: Measure, known: Known) -> Text:
        told = measure.statistics
        return Text(
            zh=f"{told['compared']:.0f} 个小时均值中有 {told['hours']:.0f} 个与其分钟数据不符，"
            f"如上报 {told['said']:.4g}、应为 {told['computed']:.4g} {known.unit}",
            en=f"{told['hours']:.0f} of {told['compared']:.0f} hour means are not those of their minutes, "
            f"e.g. {told['said']:.4g} said, {told['computed']:.4g} {known.unit} computed",
        )
