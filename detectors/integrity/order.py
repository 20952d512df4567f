"""Records in which the mean lies outside its own minimum and maximum."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detectors.integrity.base import Measure, Rule
from detectors.integrity.hour_records import judged_hours, moments
from detectors.integrity.outlet import Known, Outlet
from topics.finding import Text


@dataclass(frozen=True)
class OrderOfBounds(Rule):
    """How many hours of the day violate min <= avg <= max by more than one step of the resolution."""

    name = "min_avg_max"
    title = Text(zh="最小值、均值、最大值次序矛盾", en="minimum, mean and maximum out of order")
    prompt = True
    threshold: float = 1.0

    def measure(self, outlet: Outlet) -> Iterator[Measure]:
        for quantity, known in sorted(outlet.known.items()):
            records = outlet.hours.get(quantity)
            if records is None or not {"Min", "Avg", "Max"} <= records.values.keys():
                continue
            low, mean, high = (records.values[name][judged_hours(outlet)] for name in ("Min", "Avg", "Max"))
            with np.errstate(invalid="ignore"):
                by = np.fmax(low - mean, mean - high)
                odd = by > 1.01 * known.resolution
            worst = int(np.argmax(np.where(odd, by, -np.inf)))
            start, end = moments(outlet, odd)
            found = bool(odd.any())
            yield Measure(
                quantity,
                float(odd.sum()),
                tuple(records.series[name] for name in ("Avg", "Min", "Max")),
                start,
                end,
                {"hours": float(odd.sum())}
                | ({"min": float(low[worst]), "avg": float(mean[worst]), "max": float(high[worst])} if found else {}),
                value=float(mean[worst]) if found else None,
            )

    def say(self, measure: Measure, known: Known) -> Text:
        told = measure.statistics
        shown = f"min {told['min']:.4g}, avg {told['avg']:.4g}, max {told['max']:.4g} {known.unit}"
        return Text(
            zh=f"{told['hours']:.0f} 条小时记录违反 最小 ≤ 平均 ≤ 最大，如 {shown}",
            en=f"{told['hours']:.0f} hour records violate min <= avg <= max, e.g. {shown}",
        )
