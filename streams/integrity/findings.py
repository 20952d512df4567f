"""From evidence to findings: deterministic ids, one episode a day, rule and quantity."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from detectors.integrity.base import Evidence
from streams.integrity.day_rows import SeriesRows
from topics.domain import Domain
from topics.families import INTEGRITY
from topics.finding import Finding, Origin, Phase, finding_id

#: The number of the message that closes a day: those of its hours come before, those of later data after it.
CLOSED = 25


@dataclass(frozen=True, slots=True)
class Told:
    """What one look found of one outlet. ``day_ms`` is the beginning of the day judged; ``rows`` by series say where
    in the log the readings lie.
    """

    domain: Domain
    evidence: Evidence
    day_ms: int
    rows: Mapping[str, SeriesRows]

    @property
    def findings(self) -> list[Finding]:
        """The messages of a day of which nothing was told before it was over: its alarm waits for an answer."""
        return self.whole(0)

    def whole(self, again: int) -> list[Finding]:
        """Opened and closed at once; as ``message``."""
        opened = self.message("open", 0, again=again)
        return [opened, self.message("close", CLOSED, opened=opened)]

    def message(
        self,
        phase: Phase,
        seq: int,
        *,
        opened: Finding | None = None,
        time_ms: int = 0,
        again: int = 0,
        late: bool = False,
    ) -> Finding:
        """A message of its episode, which ``opened`` with an earlier one, or for the ``again``-th time that day.

        Judged again from the same readings it is the same, byte for byte.
        """
        evidence, measure, domain = self.evidence, self.evidence.measure, self.domain
        subject = measure.series[0]
        began = max(measure.start_ms, self.day_ms) if opened is None else opened.opened
        again = again if opened is None else int(opened.facts.get("again") or 0)
        detector, time = f"{INTEGRITY}/{evidence.rule}", max(began, measure.end_ms, time_ms)
        if opened is not None:
            time = max(time, opened.time)
        name = finding_id(detector, evidence.version, subject, self.day_ms + again)
        return Finding(
            id=name if opened is None else opened.id,
            phase=phase,
            seq=seq,
            domain=domain.name,
            site=evidence.site,
            subject=subject,
            quantity=measure.quantity,
            family=INTEGRITY,
            detector=detector,
            detector_version=evidence.version,
            severity=evidence.severity,
            opened=began,
            time=time,
            text=evidence.text,
            origin=_origin(domain, self.rows.get(subject), measure.start_ms, measure.end_ms),
            closed=time if phase == "close" else None,
            value=None if measure.value is None else _plain(measure.value),
            expected=None if measure.expected is None else _plain(measure.expected),
            unit=domain.quantities[measure.quantity].unit,
            score=round(measure.score, 4),
            p=evidence.rarity,
            late=late,
            facts=_facts(evidence) | ({"again": again} if again else {}),
        )


def _facts(evidence: Evidence) -> dict[str, str | float | int | None]:
    measure = evidence.measure
    facts: dict[str, str | float | int | None] = {
        "rule": evidence.rule,
        "score": round(measure.score, 4),
        "threshold": evidence.threshold,
        "start": measure.start_ms,
        "end": measure.end_ms,
        "series": " ".join(measure.series),
    }
    return facts | {f"statistic.{key}": _plain(value) for key, value in measure.statistics.items()}


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
