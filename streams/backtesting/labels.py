"""What people say was there: labelled windows from a file, or the verdicts given at the desk."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from alerts.verdicts import REASONS
from detectors.base import SeriesSpec
from streams.backtesting.times import moment
from topics.errors import ConfigurationError
from topics.finding import Finding

#: ``event``: something was there; ``false``: nothing was; ``aside``: a drill, maintenance, a faulty sensor, which
#: count neither for nor against a detector.
Kind = Literal["event", "false", "aside"]

COLUMNS = ("series", "start", "end", "label")
_ASIDE = ("drill", "maintenance", "sensor-fault", "aside", "unjudged")

#: A finding that comes so long before the alarm a verdict was given on still speaks of the same thing.
MARGIN_MS = 1_800_000

#: A channel of a group that gave less than this to a finding is not what the finding is about.
WEIGHS = 0.1


@dataclass(frozen=True, slots=True)
class Label:
    """One window [``start``, ``end``] (ms UTC) of a series, a site, or a pattern of series with ``*``.

    ``event``: the moment by which a warning must have come (ms UTC); a later one is a miss.
    ``ids``: the findings a verdict was given on; ``detectors`` theirs.
    """

    series: str
    start: int
    end: int
    kind: Kind
    name: str
    event: int
    ids: frozenset[str] = frozenset()

    def speaks_of(self, finding: Finding) -> bool:
        """Whether the finding is about this label's series or site, whatever its time; one about a group is about the
        channels that weigh in it."""
        named = [finding.subject, *(each.series for each in finding.channels if each.share >= WEIGHS)]
        return any(self.covers(each, finding.site) for each in named)

    def covers(self, series: str, site: str) -> bool:
        """Whether it is about this series: by its name, its site's, or a pattern with ``*``."""
        return self.series in (series, site) or ("*" in self.series and fnmatchcase(series, self.series))


@dataclass(frozen=True, slots=True)
class Labels:
    """``complete``: whatever is not labelled is healthy (a file says so); verdicts speak of what was told alone."""

    windows: tuple[Label, ...]
    complete: bool

    def within(self, start_ms: int, end_ms: int) -> "Labels":
        """Those that begin in ``start_ms <= time < end_ms``."""
        return Labels(tuple(each for each in self.windows if start_ms <= each.start < end_ms), self.complete)

    def of(self, sensors: Mapping[str, SeriesSpec]) -> "Labels":
        """Those that speak of any of these series."""
        kept = [each for each in self.windows if any(each.covers(s.series, s.site) for s in sensors.values())]
        return Labels(tuple(kept), self.complete)


def labels_from_csv(path: Path, zone: ZoneInfo) -> Labels:
    """A file with columns ``series,start,end,label`` and perhaps ``event``.

    ``label`` is ``false``, one of drill, maintenance, sensor-fault, or any name of what happened. ``event`` (default:
    ``end``) is when the harm is there. Raises ``ConfigurationError`` with the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"{path}: expected labels as CSV, got: {error}") from error
    return Labels(tuple(_label(path, line, row, zone) for line, row in enumerate(rows, start=2)), True)


def _label(path: Path, line: int, row: Mapping[str, str | None], zone: ZoneInfo) -> Label:
    said = {name: (row.get(name) or "").strip() for name in (*COLUMNS, "event")}
    try:
        if missing := [name for name in COLUMNS if not said[name]]:
            raise ValueError(f"expected {', '.join(COLUMNS)}, got no {', '.join(missing)}")
        start, end = moment(said["start"], zone), moment(said["end"], zone)
        if end < start:
            raise ValueError(f"end: expected no time before the start, got {said['end']}")
        event = moment(said["event"], zone) if said["event"] else end
    except ValueError as error:
        raise ConfigurationError(f"{path}: line {line}: {error}") from error
    name = said["label"]
    return Label(said["series"], start, end, "false" if name == "false" else _kind(name), name, event)


def _kind(counts_as: str) -> Kind:
    return "aside" if counts_as in _ASIDE else "event"


def labels_from_verdicts(stories: Iterable[Mapping[str, Any]]) -> Labels:
    """From stories of judged alarms as the interface gives them (``GET /api/alarms/{id}``).

    An alarm's window goes from half an hour before it opened to its return; each subject of its findings gets one.
    """
    found: list[Label] = []
    for story in stories:
        reason = REASONS.get(story.get("verdict") or "")
        if reason is None:
            continue
        kind: Kind = "false" if reason.counts_as == "false" else _kind(reason.counts_as)
        end = story.get("returned") or story.get("closed") or story["updated"]
        findings: Sequence[Mapping[str, Any]] = story["findings"]
        for subject in sorted({each["subject"] for each in findings}):
            ids = frozenset(each["id"] for each in findings if each["subject"] == subject)
            found.append(Label(subject, story["opened"] - MARGIN_MS, end, kind, reason.title.en, end, ids))
    return Labels(tuple(sorted(found, key=lambda label: (label.start, label.series))), False)
