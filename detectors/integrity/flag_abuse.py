"""Marks of maintenance, calibration or fault that are set when the value was about to pass its limit."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detectors.base import BoolArray, SlotArray
from detectors.integrity.base import Measure, Rule
from detectors.integrity.onsets import onset_measure
from detectors.integrity.outlet import Known, Outlet, Track
from detectors.integrity.stretches import bridged, stretches
from topics.finding import Text

#: HJ 212-2017 table 8: stopped, maintenance, set by hand, fault, calibration. B and T are nobody's choice.
CHOSEN = ("F", "M", "S", "D", "C")


@dataclass(frozen=True)
class FlagAbuse(Rule):
    """Stretches under such a mark of at least ``least_min`` minutes in the days seen; see ``onsets.py``.

    A calibration at its hour of the day is nobody's choice of the moment and is left out.
    """

    name = "flag_abuse"
    title = Text(zh="滥用数据标记", en="abuse of data flags")
    prompt = True
    threshold: float = 2.6
    least_min: float = 15.0

    def measure(self, outlet: Outlet) -> Iterator[Measure]:
        for quantity, known, track in outlet.of_role("pollutant", judged=True):
            if known.limit is not None:
                marked = np.isin(track.flag, CHOSEN)
                begin, end = stretches(bridged(marked, 2))
                kept = ((end - begin) * track.step_ms >= self.least_min * 60_000) & ~_regular(begin, track)
                yield from onset_measure(outlet, quantity, known, track, begin[kept], end[kept])

    def say(self, measure: Measure, known: Known) -> Text:
        told = measure.statistics
        return Text(
            zh=f"{told['stretches']:.0f} 次维护/校准/故障标记中有 {told['under_threat']:.0f} 次恰在即将超过限值 "
            f"{known.limit:g} {known.unit} 时开始，偶然发生的概率为 {told['chance']:.1g}",
            en=f"{told['under_threat']:.0f} of {told['stretches']:.0f} marks of maintenance, calibration or fault "
            f"began when the limit of {known.limit:g} {known.unit} was about to be passed; "
            f"by chance {told['chance']:.1g}",
        )


def _regular(begin: SlotArray, track: Track) -> BoolArray:
    """Which stretches begin at a time of the day at which one begins on at least half of the days."""
    day = 24 * track.per_hour
    near = max(1, track.per_hour // 6)
    apart = np.abs(begin[:, None] % day - begin[None, :] % day)
    alike = np.minimum(apart, day - apart) <= near
    days = len(track.value) / day
    regular: BoolArray = alike.sum(axis=1) >= max(3.0, days / 2)
    return regular
