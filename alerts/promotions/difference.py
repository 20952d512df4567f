"""What the live configuration (A) and a candidate (B) found in the same span of the same logs, held side by side. Pure.

An episode of one side is *matched* where the other side has one about the same series whose times overlap, whichever
detector said it: people are told of a disturbance, not of a detector. Late data sounds no siren and is left out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from alerts.verdicts import wilson
from topics.finding import Finding

DAY_MS = 86_400_000


class Episode(msgspec.Struct, frozen=True):
    """One episode of one side; ``closed`` is the end of the span where it was still open (ms UTC)."""

    id: str
    subject: str
    detector: str
    key: str
    severity: str
    opened: int
    closed: int


class Cost(msgspec.Struct, frozen=True):
    """Processor seconds of both kernels for the same ``readings``, and rows that the candidate could not bear."""

    readings: int = 0
    live_s: float = 0.0
    candidate_s: float = 0.0
    refused: int = 0


class Span(msgspec.Struct, frozen=True):
    """Event time from which and up to which both ran, and how many people are on duty at a time."""

    since: int
    until: int
    operators: int = 1

    @property
    def days(self) -> float:
        """Its length in days of event time."""
        return max(0, self.until - self.since) / DAY_MS


def episodes(findings: Iterable[Finding], until: int) -> list[Episode]:
    """The episodes of these messages (in any order, repeats allowed), by subject and opening."""
    found: dict[str, Episode] = {}
    for each in findings:
        if each.late:
            continue
        old = found.get(each.id)
        closed = each.closed if each.phase == "close" and each.closed is not None else (old.closed if old else until)
        severity = each.severity if old is None or each.phase != "close" else old.severity
        found[each.id] = Episode(
            each.id, each.subject, each.detector, each.alarm_key, severity, each.opened, max(closed, each.opened)
        )
    return sorted(found.values(), key=lambda each: (each.subject, each.opened, each.id))


def matches(a: Sequence[Episode], b: Sequence[Episode]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Who overlaps whom: ids of B for each matched id of A, and the other way round."""
    of_b: dict[str, list[Episode]] = defaultdict(list)
    for each in b:
        of_b[each.subject].append(each)
    by_a: dict[str, set[str]] = {}
    by_b: dict[str, set[str]] = {}
    for one in a:
        for other in of_b.get(one.subject, ()):
            if one.opened <= other.closed and other.opened <= one.closed:
                by_a.setdefault(one.id, set()).add(other.id)
                by_b.setdefault(other.id, set()).add(one.id)
    return by_a, by_b


def alarms(found: Sequence[Episode]) -> int:
    """How many alarms these make: episodes of one alarm key that overlap are one."""
    count = 0
    ends: dict[str, int] = {}
    for each in sorted(found, key=lambda each: each.opened):
        if each.opened > ends.get(each.key, -1):
            count += 1
        ends[each.key] = max(ends.get(each.key, -1), each.closed)
    return count


def difference(
    live: Sequence[Episode],
    candidate: Sequence[Episode],
    span: Span,
    cost: Cost,
    verdicts: Mapping[str, tuple[str, str]],
    class_of: Callable[[str], str],
) -> dict[str, Any]:
    """The report. ``verdicts``: of each live episode that was judged, its alarm and how the verdict counts.

    ``only_a``, ``only_b`` count episodes that the other side does not have, ``both`` those of A that it has, in all
    and by sensor class and by detector (of A, for ``only_b`` of B). Precision of B is that of the judged alarms it
    has too: what only it found nobody has judged, because nobody was told.
    """
    by_a, by_b = matches(live, candidate)
    rows: dict[str, Callable[[Episode], str]] = {
        "detectors": lambda each: each.detector,
        "classes": lambda each: class_of(each.subject),
    }
    report: dict[str, Any] = {
        "since": span.since,
        "until": span.until,
        "hours": round(span.days * 24, 3),
        "only_a": sum(each.id not in by_a for each in live),
        "only_b": sum(each.id not in by_b for each in candidate),
        "both": len(by_a),
    }
    for name, of in rows.items():
        table: dict[str, dict[str, int]] = defaultdict(lambda: {"only_a": 0, "only_b": 0, "both": 0})
        for each in live:
            table[of(each)]["both" if each.id in by_a else "only_a"] += 1
        for each in candidate:
            if each.id not in by_b:
                table[of(each)]["only_b"] += 1
        report[name] = {key: table[key] for key in sorted(table)}
    report["alarms"] = _alarms(live, candidate, span)
    report["cost"] = msgspec.to_builtins(cost) | {
        "cpu_share": round(cost.candidate_s / cost.live_s, 3) if cost.live_s > 0 else None
    }
    return report | _judged(live, by_a, verdicts)


def _alarms(live: Sequence[Episode], candidate: Sequence[Episode], span: Span) -> dict[str, Any]:
    a, b = alarms(live), alarms(candidate)
    operator_days = span.days * span.operators
    return {
        "a": a,
        "b": b,
        "additional_per_day": round((b - a) / span.days, 3) if span.days else None,
        "a_per_operator_day": round(a / operator_days, 3) if operator_days else None,
        "b_per_operator_day": round(b / operator_days, 3) if operator_days else None,
        "operators": span.operators,
    }


def _judged(
    live: Sequence[Episode], by_a: Mapping[str, set[str]], verdicts: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    """What people said of A's alarms, and which of these B has too: those of which it has any episode."""
    labels: dict[str, str] = {}
    kept: set[str] = set()
    for each in live:
        if each.id in verdicts:
            alarm, label = verdicts[each.id]
            labels[alarm] = label
            if each.id in by_a:
                kept.add(alarm)
    count = {
        (label, side): sum(1 for alarm, said in labels.items() if said == label and (side == "a" or alarm in kept))
        for label in ("true", "false")
        for side in ("a", "b")
    }
    return {
        "judged": len(labels),
        "lost_true": sorted(alarm for alarm, label in labels.items() if label == "true" and alarm not in kept),
        "avoided_false": sorted(alarm for alarm, label in labels.items() if label == "false" and alarm not in kept),
        "precision": {side: precision_of(count["true", side], count["false", side]) for side in ("a", "b")},
    }


def precision_of(true: int, false: int) -> dict[str, Any]:
    """True of those judged true or false with its 95 % interval (Wilson); ``ratio`` is ``None`` where none was."""
    low, high = wilson(true, true + false)
    ratio = true / (true + false) if true + false else None
    return {"true": true, "false": false, "ratio": ratio, "low": low, "high": high}
