"""The report of a backtest as one HTML file, in Chinese and English, with everything it needs inside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from detectors.base import SeriesSpec
from streams.backtesting.labels import Label, Labels
from streams.backtesting.pictures import Band, picture, share_bars
from streams.backtesting.score import Judged, Told
from streams.backtesting.trace import Trace, Watched
from topics.finding import Finding

#: What is shown beside an episode: as long as it lasted, within these.
LEAST_MARGIN_MS, MOST_MARGIN_MS = 2 * 3_600_000, 24 * 3_600_000

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Case:
    """One plot: an episode, or an event of which nothing was told in time. ``kind``: true, false, aside, unjudged or
    missed; [``start``, ``end``] ms UTC is what is shown."""

    kind: str
    series: str
    told: Told | None
    label: Label | None
    start: int
    end: int


def cases(told: Sequence[Told], judged: Judged | None, sensors: Mapping[str, SeriesSpec], most: int) -> list[Case]:
    """What is worth a plot, at most so many: missed events, then false findings, then the others, by time."""
    found = [
        _case("missed", name, None, each.label, each.label.start, each.label.end)
        for each in (judged.matches if judged else ())
        if each.first is None
        for name in sorted(s.series for s in sensors.values() if each.label.covers(s.series, s.site))[:1]
    ]
    order = ("false", "unjudged", "true", "aside")
    ranked = sorted(told, key=lambda each: (order.index(_kind(each, judged)), each.at))
    found += [
        _case(_kind(each, judged), series, each, None, each.opening.opened, each.until)
        for each in ranked
        if (series := _foremost(each.opening)) in sensors
    ]
    return found[:most]


def _foremost(opening: Finding) -> str:
    """The series a finding is about; of a group the channel that weighs most."""
    return opening.channels[0].series if opening.channels else opening.subject


def _kind(each: Told, judged: Judged | None) -> str:
    return judged.kinds[each.opening.id] if judged else "unjudged"


def _case(kind: str, series: str, told: Told | None, label: Label | None, start: int, end: int) -> Case:
    margin = min(max(LEAST_MARGIN_MS, end - start), MOST_MARGIN_MS)
    return Case(kind, series, told, label, start - margin, min(end, start + 3 * MOST_MARGIN_MS) + margin)


def watched_for(chosen: Sequence[Case]) -> Watched:
    """What has to be traced for these plots."""
    windows: dict[str, tuple[int, int]] = {}
    for case in chosen:
        start, end = windows.get(case.series, (case.start, case.end))
        windows[case.series] = (min(start, case.start), max(end, case.end))
    return Watched(windows)


def report(
    figures: Mapping[str, Any],
    chosen: Sequence[Case],
    traces: Mapping[str, Trace],
    told: Sequence[Told],
    labels: Labels | None,
    sensors: Mapping[str, SeriesSpec],
    zone: ZoneInfo,
) -> str:
    """The page. ``figures`` is what the command prints as JSON."""
    shown = [_shown(case, traces.get(case.series, Trace()), told, labels, sensors, zone) for case in chosen]
    page = _PAGES.get_template("report.html")
    return page.render(figures=figures, cases=shown, clock=lambda time_ms: _clock(time_ms, zone), share=_share)


def _shown(
    case: Case,
    trace: Trace,
    told: Sequence[Told],
    labels: Labels | None,
    sensors: Mapping[str, SeriesSpec],
    zone: ZoneInfo,
) -> dict[str, Any]:
    spec = sensors[case.series]
    part = trace.between(case.start, case.end)
    bands = [
        Band(each.start, each.end, "labelled")
        for each in (labels.windows if labels else ())
        if each.kind == "event"
        and each.covers(spec.series, spec.site)
        and case.start <= each.end
        and each.start <= case.end
    ]
    bands += [
        Band(each.at, each.until, "episode")
        for each in told
        if _foremost(each.opening) == case.series and case.start <= each.until and each.at <= case.end
    ]
    peak = max(range(len(part.rarity)), key=part.rarity.__getitem__, default=None)
    return {
        "case": case,
        "spec": spec,
        "svg": picture(part, (case.start, case.end), bands, spec.unit, zone) if part.time else Markup(""),
        "bars": [] if peak is None else share_bars(part.parts[peak]),
        "peak": None if peak is None else part.time[peak],
        "channels": case.told.opening.channels if case.told is not None else (),
    }


def _clock(time_ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"
