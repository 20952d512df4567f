"""A curve that hardly moves: within 2 % of the instrument's span for long (inspection guide of 2012, section 7)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detectors.base import FloatArray
from detectors.integrity.base import Measure, Rule
from detectors.integrity.outlet import Known, Outlet
from topics.finding import Text

#: The guide's bound, as a share of the span.
SHARE = 0.02


@dataclass(frozen=True)
class BelowSpan(Rule):
    """How much narrower the narrowest ``hours`` of the day are than is usual here, where they keep within 2 % of span.

    An instrument with a wide span always keeps within 2 % of it, so that alone accuses nobody. Of both series the
    middle 90 % count; a curve is not blamed for being narrower than twice its resolution if it usually is.
    """

    name = "below_span"
    title = Text(zh="小幅波动（量程 2 % 以内）", en="fluctuation below 2 % of span")
    threshold: float = 6.5
    hours: float = 12.0

    def measure(self, outlet: Outlet) -> Iterator[Measure]:
        for quantity, known, track in outlet.of_role("pollutant", "flow"):
            floor = known.detection_limit or 0.0
            good = track.valid & outlet.running(track) & (track.value > floor)
            width, step = int(self.hours * track.per_hour), 2 * track.per_hour
            ranges, middle = _ranges(np.where(good, track.value, np.nan), width, step)
            since = max(0, outlet.place(outlet.start_ms, track.step_ms) - width // 2 + step - 1) // step
            before, now = ranges[: max(0, since - width // step)], ranges[since:]
            if not np.isfinite(before).any() or not np.isfinite(now).any():
                continue
            usual = float(np.nanquantile(before, 0.25))
            worst = since + int(np.nanargmin(now))
            narrow = max(float(ranges[worst]), known.resolution)
            if narrow >= SHARE * (known.span[1] - known.span[0]):
                continue
            yield Measure(
                quantity,
                usual / narrow,
                (track.series,),
                outlet.time(worst * step, track.step_ms),
                outlet.time(worst * step + width, track.step_ms),
                {
                    "range": float(ranges[worst]),
                    "usual_range": usual,
                    "share_of_span": float(ranges[worst]) / (known.span[1] - known.span[0]),
                    "hours": self.hours,
                },
                value=float(middle[worst]),
            )

    def say(self, measure: Measure, known: Known) -> Text:
        told = measure.statistics
        share, narrow, usual = 100 * told["share_of_span"], told["range"], told["usual_range"]
        return Text(
            zh=f"{told['hours']:.0f} 小时内波动仅 {narrow:.3g} {known.unit}（量程的 {share:.2g} %），"
            f"通常至少 {usual:.3g}",
            en=f"moved by {narrow:.3g} {known.unit} only in {told['hours']:.0f} h ({share:.2g} % of span), "
            f"where {usual:.3g} is usual",
        )


def _ranges(value: FloatArray, width: int, step: int) -> tuple[FloatArray, FloatArray]:
    """Range of the middle 90 % and the median of each window; NaN where under 80 % of it is there."""
    if len(value) < width:
        return np.empty(0), np.empty(0)
    windows = np.sort(np.lib.stride_tricks.sliding_window_view(value, width)[::step], axis=1)  # NaN sorts last
    count = np.isfinite(windows).sum(axis=1)
    rows = np.arange(len(windows))
    low, high = (windows[rows, (share * np.maximum(count - 1, 0)).astype(np.intp)] for share in (0.05, 0.95))
    middle = windows[rows, np.maximum(count - 1, 0) // 2]
    return np.where(count >= 0.8 * width, high - low, np.nan), middle
