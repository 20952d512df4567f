"""The report's plots as SVG: a series with what was expected, how odd the kernel thought it, and by which detector."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from detectors.calibration import FUSED
from streams.backtesting.trace import Trace

WIDTH, LEFT, RIGHT = 960, 64, 12
VALUE_HEIGHT, SCORE_HEIGHT, PART_HEIGHT, GAP = 170, 90, 16, 26
#: Names that fit beside a strip.
SHORT = {
    "rate_of_change": "rate",
    "hour_of_day": "hour",
    "ewma_level": "level",
    "new_extreme": "extreme",
    "ar_residual": "AR",
}
#: Points that a line is drawn with at most: the least and greatest of each step are kept.
MOST_POINTS = 1_200


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time [``start``, ``end``] (ms UTC) with a class of the style sheet."""

    start: int
    end: int
    style: str


@dataclass(frozen=True, slots=True)
class Axis:
    """Values to places along one direction."""

    low: float
    high: float
    first: float
    last: float

    def at(self, value: float) -> float:
        """Where a value stands, in units of the picture."""
        return self.first + (value - self.low) / (self.high - self.low) * (self.last - self.first)


def picture(trace: Trace, window: tuple[int, int], bands: Sequence[Band], unit: str, zone: ZoneInfo) -> Markup:
    """One plot of [window] (ms UTC): value, score with its threshold, and the share of each detector in it."""
    x = Axis(window[0], max(window[1], window[0] + 1), LEFT, WIDTH - RIGHT)
    value = _axis([*trace.value, *trace.expected], 14.0 + VALUE_HEIGHT, 14.0)
    top = 14.0 + VALUE_HEIGHT + GAP
    score = _axis([0.0, *trace.rarity, *(each * 1.15 for each in trace.bound)], top + SCORE_HEIGHT, top)
    parts_top = top + SCORE_HEIGHT + GAP
    height = parts_top + PART_HEIGHT * len(spoken(trace)) + GAP
    pieces = [
        *(_band(each, x, 14.0, top + SCORE_HEIGHT - 14.0) for each in bands),
        *_frame(value, unit),
        *_frame(score, "−lg p"),
        _line(trace.time, trace.expected, x, value, "expected"),
        _line(trace.time, trace.value, x, value, "value"),
        _line(trace.time, trace.bound, x, score, "bound"),
        _line(trace.time, trace.rarity, x, score, "score"),
        *_parts(trace, x, parts_top),
        *_clock(x, height - 6.0, zone),
    ]
    return Markup('<svg viewBox="0 0 {} {}" role="img">{}</svg>').format(WIDTH, round(height), Markup("").join(pieces))


def _axis(values: Iterable[float], first: float, last: float) -> Axis:
    sound = [each for each in values if math.isfinite(each)]
    low, high = (min(sound), max(sound)) if sound else (0.0, 1.0)
    room = (high - low) * 0.06 or max(abs(high) * 0.06, 0.5)
    return Axis(low - room if low else low, high + room, first, last)


def _band(band: Band, x: Axis, top: float, height: float) -> Markup:
    left, right = max(x.at(band.start), LEFT), min(x.at(band.end), WIDTH - RIGHT)
    return Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
        band.style, left, top, max(right - left, 2.0), height
    )


def _frame(axis: Axis, unit: str) -> Iterable[Markup]:
    """Three grid lines with their values."""
    for share in (0.0, 0.5, 1.0):
        value = axis.low + share * (axis.high - axis.low)
        y = axis.at(value)
        yield Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(LEFT, WIDTH - RIGHT, y, y)
        yield _text(LEFT - 6, y + 4, f"{value:.4g}", "end")
    yield _text(LEFT, axis.last - 4, unit, "start")


def _line(times: Sequence[int], values: Sequence[float], x: Axis, y: Axis, style: str) -> Markup:
    runs: list[list[str]] = [[]]
    for time, value in _thinned(times, values):
        if math.isfinite(value):
            runs[-1].append(f"{x.at(time):.1f},{y.at(value):.1f}")
        elif runs[-1]:
            runs.append([])
    path = " ".join("M" + " ".join(run) for run in runs if run)
    return Markup('<path class="{}" d="{}"/>').format(style, path)


def _thinned(times: Sequence[int], values: Sequence[float]) -> Iterable[tuple[int, float]]:
    """All points, or of each step its least and greatest in the order of time."""
    if len(times) <= MOST_POINTS:
        return zip(times, values, strict=True)
    step = math.ceil(2 * len(times) / MOST_POINTS)
    kept: list[tuple[int, float]] = []
    for first in range(0, len(times), step):
        part = range(first, min(first + step, len(times)))
        sound = [place for place in part if math.isfinite(values[place])] or [first]
        least, most = min(sound, key=values.__getitem__), max(sound, key=values.__getitem__)
        kept += [(times[place], values[place]) for place in sorted({least, most})]
    return kept


def _parts(trace: Trace, x: Axis, top: float) -> Iterable[Markup]:
    """A strip for each detector: the darker, the rarer it alone found the row."""
    most = max((each for parts in trace.parts for each in parts if math.isfinite(each)), default=1.0) or 1.0
    step = max(1, math.ceil(len(trace.time) / 400))
    for row, line in enumerate(spoken(trace)):
        name, y = FUSED[line], top + row * PART_HEIGHT
        yield _text(LEFT - 6, y + 11, SHORT.get(name, name), "end")
        for first in range(0, len(trace.time), step):
            last = min(first + step, len(trace.time) - 1)
            worst = _worst(parts[line] for parts in trace.parts[first : first + step])
            if worst > 0.05 * most:
                left, right = x.at(trace.time[first]), x.at(trace.time[last])
                yield Markup(
                    '<rect class="part" x="{:.1f}" y="{}" width="{:.1f}" height="{}" opacity="{:.2f}"/>'
                ).format(left, y, max(right - left, 1.5), PART_HEIGHT - 3, min(1.0, worst / most))


def _worst(values: Iterable[float]) -> float:
    return max((each for each in values if math.isfinite(each)), default=0.0)


def _clock(x: Axis, y: float, zone: ZoneInfo) -> Iterable[Markup]:
    for share, anchor in ((0.0, "start"), (0.25, "middle"), (0.5, "middle"), (0.75, "middle"), (1.0, "end")):
        time = x.low + share * (x.high - x.low)
        text = datetime.fromtimestamp(time / 1000, UTC).astimezone(zone).strftime("%m-%d %H:%M")
        yield _text(x.at(time), y, text, anchor)


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, escape(text))


def spoken(trace: Trace) -> list[int]:
    """Which detectors of ``FUSED`` had anything to say of these rows."""
    return [line for line in range(len(FUSED)) if any(math.isfinite(parts[line]) for parts in trace.parts)]


def share_bars(parts: Sequence[float]) -> list[tuple[str, float, float]]:
    """By detector that was ready at a row its own -log10 p and its share of their sum, 0 to 1."""
    ready = [(name, each) for name, each in zip(FUSED, parts, strict=True) if math.isfinite(each)]
    total = sum(each for _, each in ready) or 1.0
    return [(name, each, each / total) for name, each in ready]
