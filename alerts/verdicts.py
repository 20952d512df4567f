"""What an alarm was, as a named person says: the reasons to choose from, and how each counts for its detector."""

import math
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.store import Store
from topics.finding import Text

#: How a reason counts. ``true`` and ``false`` make a detector's precision; the others are told apart from both.
Label = Literal["true", "false", "drill", "maintenance", "sensor-fault", "unjudged"]

#: Two-sided 95 %.
Z = 1.959963984540054


class Reason(msgspec.Struct, frozen=True):
    """One reason for which an alarm is cleared."""

    title: Text
    counts_as: Label
    needs_note: bool = False


REASONS: dict[str, Reason] = {
    "real": Reason(Text("属实", "real"), "true"),
    "instrument-fault": Reason(Text("仪表故障", "instrument fault"), "sensor-fault"),
    "maintenance": Reason(Text("检修", "maintenance"), "maintenance"),
    "start-up": Reason(Text("开停车", "start-up or shut-down"), "maintenance"),
    "drill": Reason(Text("演练", "drill"), "drill"),
    "power-or-network": Reason(Text("断电或断网", "power or network"), "sensor-fault"),
    "threshold-wrong": Reason(Text("阈值不当", "threshold wrong"), "false"),
    "other": Reason(Text("其他（须说明）", "other (say what)"), "unjudged", needs_note=True),
}


def require_reason(code: str, note: str) -> None:
    """Raises ``ValueError`` for a reason that is none, and for one that needs a note and has none."""
    reason = REASONS.get(code)
    if reason is None:
        raise ValueError(f"verdict: expected one of {', '.join(REASONS)}, got {code!r}")
    if reason.needs_note and not note.strip():
        raise ValueError(f"note: expected what it was where the verdict is {code!r}, got nothing")


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a rate after Wilson; (0, 1) where nothing was tried.

    >>> [round(bound, 4) for bound in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    if trials == 0:
        return 0.0, 1.0
    rate, spread = successes / trials, Z * Z / trials
    middle = (rate + spread / 2) / (1 + spread)
    half = Z * math.sqrt(rate * (1 - rate) / trials + spread / (4 * trials)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def precision(store: Store, since: int | None = None, until: int | None = None) -> list[dict[str, Any]]:
    """Per detector what people said of the alarms it had a part in: reasons counted, precision with its interval.

    Of alarms that opened from ``since`` (ms UTC) on and before ``until``; ``precision`` is ``None`` until something
    was judged true or false; a detector counts once for each alarm.
    """
    alarm, finding = schema.alarm.c, schema.finding.c
    query = (
        sa.select(finding.detector, alarm.verdict, sa.func.count(alarm.id.distinct()))
        .join_from(schema.alarm, schema.finding, finding.alarm_id == alarm.id)
        .where(alarm.verdict.in_(REASONS))
        .group_by(finding.detector, alarm.verdict)
        .order_by(finding.detector, alarm.verdict)
    )
    if since is not None:
        query = query.where(alarm.opened >= since)
    if until is not None:
        query = query.where(alarm.opened < until)
    reasons: dict[str, dict[str, int]] = {}
    with store.read() as connection:
        for detector, verdict, count in connection.execute(query):
            reasons.setdefault(detector, {})[verdict] = count
    return [_judged(detector, counts) for detector, counts in reasons.items()]


def _judged(detector: str, reasons: dict[str, int]) -> dict[str, Any]:
    labels: dict[str, int] = {}
    for code, count in reasons.items():
        label = REASONS[code].counts_as
        labels[label] = labels.get(label, 0) + count
    true, judged = labels.get("true", 0), labels.get("true", 0) + labels.get("false", 0)
    low, high = wilson(true, judged)
    return {
        "detector": detector,
        "judged": sum(reasons.values()),
        "reasons": reasons,
        "labels": labels,
        "precision": true / judged if judged else None,
        "precision_low": low,
        "precision_high": high,
    }
