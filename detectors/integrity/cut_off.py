"""Data that stop coming when the value was about to pass its limit, again and again."""

from collections.abc import Iterator
from dataclasses import dataclass

from detectors.integrity.base import Measure, Rule
from detectors.integrity.onsets import onset_measure
from detectors.integrity.outlet import Known, Outlet
from detectors.integrity.stretches import stretches
from topics.finding import Text


@dataclass(frozen=True)
class CutOff(Rule):
    """Gaps of at least ``least_min`` minutes in the days seen; ``onsets.py`` says how the score comes about."""

    name = "cut_off_before_exceedance"
    title = Text(zh="超标前断数", en="cut-off before exceedance")
    prompt = True
    threshold: float = 2.6
    least_min: float = 15.0

    def measure(self, outlet: Outlet) -> Iterator[Measure]:
        for quantity, known, track in outlet.of_role("pollutant", judged=True):
            if known.limit is not None:
                begin, end = stretches(track.flag == "")
                kept = (end - begin) * track.step_ms >= self.least_min * 60_000
                yield from onset_measure(outlet, quantity, known, track, begin[kept], end[kept])

    def say(self, measure: Measure, known: Known) -> Text:
        told = measure.statistics
        return Text(
            zh=f"{told['stretches']:.0f} 次断数中有 {told['under_threat']:.0f} 次恰在即将超过限值 {known.limit:g} "
            f"{known.unit} 时开始，偶然发生的概率为 {told['chance']:.1g}",
            en=f"{told['under_threat']:.0f} of {told['stretches']:.0f} gaps began when the limit of {known.limit:g} "
            f"{known.unit} was about to be passed; by chance {told['chance']:.1g}",
        )
