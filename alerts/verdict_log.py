"""Verdicts on their way out: lines of the alarm's log that say what an alarm was, as messages for the topic.

The log is the outbox (alerts/published_log.py): a verdict and its line are one transaction, so none is lost.
"""

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.published_log import PublishedLog
from alerts.verdicts import REASONS
from topics.verdict import TOPIC, JudgedFinding, VerdictSaid

#: Actions of the log that may carry a verdict.
ACTIONS = ("judged", "closed")


class _Said(msgspec.Struct):
    verdict: str = ""
    note: str = ""


class VerdictLog(PublishedLog):
    """The lines of the log that say what an alarm was."""

    topic = TOPIC

    def unsaid(self, limit: int = 100) -> list[tuple[int, VerdictSaid]]:
        """The next verdicts with their lines, in the order of the log; lines without one are passed over."""
        log = schema.alarm_log.c
        with self._store.read() as connection:
            end = connection.execute(sa.select(sa.func.max(log.id))).scalar() or 0
            query = (
                sa.select(schema.alarm_log, *_ALARM)
                .join_from(schema.alarm_log, schema.alarm, log.alarm_id == schema.alarm.c.id)
                .where(log.id > self._seen, log.id <= end, log.action.in_(ACTIONS))
                .order_by(log.id)
                .limit(limit)
            )
            rows = connection.execute(query).all()
            found = [(row.id, said) for row in rows if (said := self._said(connection, row)) is not None]
        if len(rows) < limit and not found:
            self._seen = end  # nothing up to there is a verdict
        return found

    def _said(self, connection: sa.Connection, row: "sa.Row[tuple[object, ...]]") -> VerdictSaid | None:
        body = msgspec.json.decode(row.body, type=_Said)
        if body.verdict not in REASONS:
            return None
        finding = schema.finding.c
        parts = (
            sa.select(
                finding.id, finding.detector, finding.subject, finding.opened, sa.func.min(finding.body).label("body")
            )
            .where(finding.alarm_id == row.alarm_id)
            .group_by(finding.id, finding.detector, finding.subject, finding.opened)
            .order_by(finding.opened, finding.id)
        )
        findings = tuple(
            JudgedFinding(
                each.id, each.detector, msgspec.json.decode(each.body)["detector_version"], each.subject, each.opened
            )
            for each in connection.execute(parts)
        )
        return VerdictSaid(
            id=f"{self._store.id}-{row.id}",
            alarm=row.alarm_id,
            domain=row.domain,
            site=row.site,
            quantity=row.quantity,
            family=row.family,
            severity=row.latched_severity,
            verdict=body.verdict,
            counts_as=REASONS[body.verdict].counts_as,
            by=row.who or "",
            note=body.note,
            opened=row.opened,
            time=row.time,
            wall=row.wall,
            closed=row.closed,
            findings=findings,
        )


_ALARM = [
    schema.alarm.c[name] for name in ("domain", "site", "quantity", "family", "latched_severity", "opened", "closed")
]
