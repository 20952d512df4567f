"""From evidence to findings: deterministic ids, one episode a day, rule and quantity, opened and closed at once.

A past day can no longer change for the better, so an episode says its whole span; its alarm waits for an answer.
"""

from collections.abc import Mapping

import numpy as np

from detectors.integrity.base import Evidence
from streams.integrity.day_rows import SeriesRows
from topics.domain import INTEGRITY, Domain
from topics.finding import Finding, Origin, Phase, finding_id


def findings_of(domain: Domain, evidence: Evidence, day_ms: int, rows: Mapping[str, SeriesRows]) -> list[Finding]:
    """The two messages of an episode. ``day_ms`` is the beginning of the day judged; ``rows`` by series say where in
    the log the readings lie. Judged again from the same readings they are the same, byte for byte.
    """
    measure = evidence.measure
    subject = measure.series[0]
    opened = max(measure.start_ms, day_ms)
    name = finding_id(f"{INTEGRITY}/{evidence.rule}", evidence.version, subject, day_ms)
    facts: dict[str, str | float | int | None] = {
        "rule": evidence.rule,
        "score": round(measure.score, 4),
        "threshold": evidence.threshold,
        "start": measure.start_ms,
        "end": measure.end_ms,
        "series": " ".join(measure.series),
    }
    facts |= {f"statistic.{key}": _plain(value) for key, value in measure.statistics.items()}
    phases: tuple[Phase, ...] = ("open", "close")
    return [
        Finding(
            id=name,
            phase=phase,
            seq=seq,
            domain=domain.name,
            site=evidence.site,
            subject=subject,
            quantity=measure.quantity,
            family=INTEGRITY,
            detector=f"{INTEGRITY}/{evidence.rule}",
            detector_version=evidence.version,
            severity=evidence.severity,
            opened=opened,
            time=max(opened, measure.end_ms),
            text=evidence.text,
            origin=_origin(domain, rows.get(subject), measure.start_ms, measure.end_ms),
            closed=max(opened, measure.end_ms) if phase == "close" else None,
            value=None if measure.value is None else _plain(measure.value),
            expected=None if measure.expected is None else _plain(measure.expected),
            unit=domain.quantities[measure.quantity].unit,
            score=round(measure.score, 4),
            p=evidence.rarity,
            facts=facts,
        )
        for seq, phase in enumerate(phases)
    ]


def _origin(domain: Domain, rows: SeriesRows | None, start_ms: int, end_ms: int) -> Origin:
    """Where the series' readings of that time lie in the log; offsets of -1 where none is known."""
    if rows is None:
        return Origin(domain.topic, 0, -1, -1)
    inside = rows.offset[(rows.time >= start_ms) & (rows.time < end_ms)]
    if not len(inside):
        return Origin(domain.topic, rows.partition, -1, -1)
    return Origin(domain.topic, rows.partition, int(inside.min()), int(inside.max()))


def _plain(value: float) -> float | None:
    """Six significant digits, ``None`` for what is no number."""
    return float(f"{value:.6g}") if np.isfinite(value) else None
