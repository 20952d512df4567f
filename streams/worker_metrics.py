"""The worker's counters as metrics of the table in ``streams/metrics.py``."""

from collections.abc import Mapping

from streams.metrics import Metrics
from streams.tally import Tally

#: Metric → the counter of the tally behind it.
COUNTERS = (
    ("citybrain_readings_total", "readings"),
    ("citybrain_events_total", "events"),
    ("citybrain_late_readings_total", "late"),
    ("citybrain_duplicate_readings_total", "duplicate"),
    ("citybrain_unregistered_total", "unregistered"),
    ("citybrain_unknown_fields_total", "unknown_fields"),
    ("citybrain_findings_total", "findings"),
)


def report(metrics: Metrics, tallies: Mapping[str, Tally]) -> None:
    """Bring the metrics up to these tallies; counters never fall."""
    dead: dict[str, int] = {}
    for domain, tally in tallies.items():
        for name, counter in COUNTERS:
            metrics.count_to(name, getattr(tally, counter), domain=domain)
        metrics.set("citybrain_consumer_lag_records", tally.lag, domain=domain)
        if tally.last_reading and tally.city_time:
            age_s = max(0, tally.city_time - tally.last_reading) / 1000
            metrics.set("citybrain_last_reading_age_seconds", age_s, domain=domain)
        for reason, number in tally.dead_lettered.items():
            dead[reason] = dead.get(reason, 0) + number
    for reason, number in dead.items():
        metrics.count_to("citybrain_dead_letters_total", number, reason=reason)
