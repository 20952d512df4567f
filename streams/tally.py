"""What a worker counts, per domain: the numbers of its pulse and of its metrics."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Counters since the worker started; rows that are judged again after a restore count again.

    ``city_time`` is the last tick seen and ``last_reading`` the youngest event time judged, both ms UTC.
    ``unknown_fields`` counts those of one sampled message a fetch. ``lag`` is records not yet judged.
    """

    city_time: int = 0
    last_reading: int = 0
    readings: int = 0
    events: int = 0
    findings: int = 0
    late: int = 0
    duplicate: int = 0
    unregistered: int = 0
    unknown_fields: int = 0
    lag: int = 0
    dead_lettered: dict[str, int] = field(default_factory=dict)

    def dead_letter(self, reason: str) -> None:
        """Count one more of this reason."""
        self.dead_lettered[reason] = self.dead_lettered.get(reason, 0) + 1

    def add(self, other: "Tally") -> None:
        """Add another's counts to these; times are the later of both."""
        self.city_time = max(self.city_time, other.city_time)
        self.last_reading = max(self.last_reading, other.last_reading)
        self.readings += other.readings
        self.events += other.events
        self.findings += other.findings
        self.late += other.late
        self.duplicate += other.duplicate
        self.unregistered += other.unregistered
        self.unknown_fields += other.unknown_fields
        self.lag += other.lag
        for reason, number in other.dead_lettered.items():
            self.dead_lettered[reason] = self.dead_lettered.get(reason, 0) + number
