"""How well findings tell what was there: precision, recall, lead time, and what they ask of the people on duty."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from alerts.verdicts import wilson
from detectors.scoring.lead_time import MINUTE_MS, Lead, lead_time
from streams.backtesting.labels import Label, Labels
from topics.finding import Finding

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Told:
    """One episode as people met it: ``at`` when it was told, ``until`` when it closed (the last time seen if it did
    not), ms UTC of event time; ``opening`` and ``worst`` its first message and its gravest."""

    opening: Finding
    worst: Finding
    at: int
    until: int
    messages: tuple[Finding, ...]


def episodes(findings: Iterable[Finding], last_ms: int) -> list[Told]:
    """The episodes of these findings in the order in which they were told; what only late data showed is left out."""
    by_id: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if not finding.late:
            by_id[finding.id].append(finding)
    told = [_told(messages, last_ms) for messages in by_id.values() if messages[0].phase == "open"]
    return sorted(told, key=lambda each: (each.at, each.opening.id))


def _told(messages: Sequence[Finding], last_ms: int) -> Told:
    first, last = messages[0], messages[-1]
    until = last.time if last.phase == "close" else max(last_ms, last.time)
    worst = min((each for each in messages if each.phase != "close"), key=lambda each: (each.p or 1.0, each.time))
    return Told(first, worst, first.time, until, tuple(messages))


def alarms(told: Sequence[Told]) -> int:
    """How many alarms these episodes are for the desk: those of one key that overlap are one."""
    count, open_until = 0, dict[str, int]()
    for each in told:
        key = each.opening.alarm_key
        if each.at > open_until.get(key, -1):
            count += 1
        open_until[key] = max(open_until.get(key, -1), each.until)
    return count


@dataclass(frozen=True, slots=True)
class Match:
    """One labelled event and what was told of it: ``first`` the earliest episode that tells of it in time, or none;
    ``lead`` how long before the event that was; ``delay_min`` minutes from the window's start."""

    label: Label
    first: Told | None
    lead: Lead
    delay_min: float | None


@dataclass(frozen=True, slots=True)
class Judged:
    """``kinds``: by episode (its id) what it turned out to be: true, false, aside or unjudged."""

    matches: tuple[Match, ...]
    kinds: dict[str, str]

    def counted(self, kind: str) -> int:
        """How many findings are of this kind."""
        return sum(each == kind for each in self.kinds.values())


def judge(told: Sequence[Told], labels: Labels) -> Judged:
    """Hold episodes against labels. An episode is true if it was told within an event's window, or the verdict was
    given on it; one that meets a false or set-aside window is that."""
    return Judged(
        tuple(_match(label, told) for label in labels.windows if label.kind == "event"),
        {each.opening.id: _kind(each, labels) for each in told},
    )


def _meets(each: Told, label: Label) -> bool:
    if each.opening.id in label.ids:
        return True
    return label.speaks_of(each.opening) and label.start <= each.at <= label.end


def _kind(each: Told, labels: Labels) -> str:
    met = {label.kind for label in labels.windows if _meets(each, label)}
    for kind, name in (("event", "true"), ("false", "false"), ("aside", "aside")):
        if kind in met:
            return name
    return "false" if labels.complete else "unjudged"


def _match(label: Label, told: Sequence[Told]) -> Match:
    meeting = [each for each in told if _meets(each, label)]
    lead = lead_time(label.event, [each.at for each in meeting])
    first = None if lead.missed else min(meeting, key=lambda each: each.at)
    return Match(label, first, lead, None if first is None else (first.at - label.start) / MINUTE_MS)


def figures(told: Sequence[Told], labels: Labels | None, days: float, sensors: int, operators: int) -> dict[str, Any]:
    """What the command prints of it; shares are ``None`` where there is nothing to take a share of.

    ``recall`` counts an event as found only if it was told by its ``event`` time: a warning after it is a miss.
    """
    raised = alarms(told)
    load = {
        "episodes": len(told),
        "alarms": raised,
        "alarms_per_operator_day": _share(raised, days * operators),
        "episodes_per_sensor_day": _share(len(told), days * sensors),
    }
    return load | ({} if labels is None else _against(judge(told, labels)))


def _against(judged: Judged) -> dict[str, Any]:
    true, false = judged.counted("true"), judged.counted("false")
    found = [each for each in judged.matches if each.first is not None]
    leads = [each.lead.minutes for each in found if each.lead.minutes is not None]
    delays = [each.delay_min for each in found if each.delay_min is not None]
    return {
        "true": true,
        "false": false,
        "aside": judged.counted("aside"),
        "unjudged": judged.counted("unjudged"),
        "precision": _share(true, true + false),
        "precision_95": list(wilson(true, true + false)),
        "events": len(judged.matches),
        "found": len(found),
        "late": sum(each.lead.late_minutes is not None for each in judged.matches),
        "recall": _share(len(found), len(judged.matches)),
        "recall_95": list(wilson(len(found), len(judged.matches))),
        "lead_min_median": float(np.median(leads)) if leads else None,
        "delay_min_median": float(np.median(delays)) if delays else None,
        "leads": [
            {
                "series": each.label.series,
                "label": each.label.name,
                "event": each.label.event,
                "lead_min": each.lead.minutes,
                "late_min": each.lead.late_minutes,
                "by": each.first.opening.detector if each.first else None,
            }
            for each in judged.matches
        ],
    }


def by_detector(told: Sequence[Told], labels: Labels | None) -> dict[str, dict[str, Any]]:
    """The same for each detector alone, without the single leads."""
    names = sorted({each.opening.detector for each in told})
    found = {}
    for name in names:
        mine = [each for each in told if each.opening.detector == name]
        shown = {"episodes": len(mine)} | ({} if labels is None else _against(judge(mine, labels)))
        found[name] = {key: value for key, value in shown.items() if key not in ("leads", "events", "unjudged")}
    return found


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
