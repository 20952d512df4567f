"""What was found of a carrier: by the watch over carriage, and by sequences of what it did."""

from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.city import City
from alerts.store import Store
from alerts.views import text_view
from topics.event_sequence import SEQUENCE
from topics.families import CARRIAGE_FAMILIES
from topics.finding import Finding


class CarrierFindings:
    """Reads the stored alarms and findings of carriers; changes nothing. ``city`` knows the sequences' titles."""

    def __init__(self, store: Store, city: City) -> None:
        self.store = store
        self.city = city

    def open_of(self, carriers: list[str]) -> dict[str, list[dict[str, Any]]]:
        """The open alarms of each, and of sequences of what it did; the gravest first. Who has none is not in it."""
        alarm, finding = schema.alarm.c, schema.finding.c
        told = (alarm.id, alarm.severity, alarm.text_zh, alarm.text_en, alarm.rank, alarm.opened)
        own = sa.select(alarm.quantity.label("carrier"), *told).where(
            alarm.quantity.in_(carriers), alarm.family.in_(CARRIAGE_FAMILIES), alarm.closed.is_(None)
        )
        of_sequences = (
            sa.select(finding.subject.label("carrier"), *told)
            .join(schema.finding, alarm.id == finding.alarm_id)
            .where(finding.subject.in_(carriers), alarm.family == SEQUENCE, alarm.closed.is_(None))
        )
        both = sa.union(own, of_sequences).subquery()
        found: dict[str, list[dict[str, Any]]] = {}
        with self.store.read() as connection:
            for row in connection.execute(sa.select(both).order_by(both.c.rank.desc(), both.c.opened)):
                said = {"id": row.id, "severity": row.severity, "text": {"zh": row.text_zh, "en": row.text_en}}
                found.setdefault(row.carrier, []).append(said)
        return found

    def on_trip(self, carrier: str, trip: str, first_ms: int, last_ms: int) -> list[dict[str, Any]]:
        """What was found of a carrier on a trip, opened in this stretch of time: one row a finding, as last said. One
        that names no trip belongs to whichever was under way.
        """
        alarm, finding = schema.alarm.c, schema.finding.c
        asked = (
            sa.select(finding.body, finding.alarm_id)
            .join(schema.alarm, alarm.id == finding.alarm_id)
            .where(
                (alarm.quantity == carrier) & alarm.family.in_(CARRIAGE_FAMILIES)
                | (finding.subject == carrier) & (alarm.family == SEQUENCE)
            )
            .where(finding.opened >= first_ms, finding.opened <= last_ms)
            .order_by(finding.opened, finding.id, finding.seq)
        )
        rows: dict[str, dict[str, Any]] = {}
        with self.store.read() as connection:
            for body, alarm_id in connection.execute(asked):
                each = msgspec.json.decode(body, type=Finding)
                rows[each.id] = {
                    "id": each.id, "alarm": alarm_id, "detector": each.detector, "severity": each.severity,
                    "text": text_view(each.text), "opened": each.opened, "closed": each.closed, "late": each.late,
                    "facts": each.facts, "rule_title": self._sequence(each),
                }  # fmt: skip
        return [each for each in rows.values() if each["facts"].get("trip") in (trip, "", None)]

    def _sequence(self, finding: Finding) -> dict[str, str] | None:
        """The title of the sequence that a finding is of, ``None`` for one of the watch itself."""
        pack = self.city.domains.get(finding.domain)
        sequence = pack.sequences.get(finding.quantity) if pack is not None and finding.family == SEQUENCE else None
        return text_view(sequence.title) if sequence is not None else None
