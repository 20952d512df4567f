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

#: Flink's reporter puts its scope before our names. Prometheus is to take it off again, so that walls and rules ask
#: both engines by one name: docs/metrics.md.
FLINK_SCOPE = "flink_taskmanager_job_task_operator_(?:domain|reason)_(citybrain_.+)"

#: What the job counts; the rest of the table's worker metrics are of Faust's worker alone.
OF_THE_JOB = (
    *(name for name, _ in COUNTERS),
    "citybrain_consumer_lag_records",
    "citybrain_last_reading_age_seconds",
    "citybrain_dead_letters_total",
)


def levels(tally: Tally) -> dict[str, float]:
    """The gauges of one domain: records not yet judged, and, once there is a reading and city time, seconds between."""
    told: dict[str, float] = {"citybrain_consumer_lag_records": tally.lag}
    if tally.last_reading and tally.city_time:
        told["citybrain_last_reading_age_seconds"] = max(0, tally.city_time - tally.last_reading) / 1000
    return told


def report(metrics: Metrics, tallies: Mapping[str, Tally]) -> None:
    """Bring the metrics up to these tallies; counters never fall."""
    dead: dict[str, int] = {}
    for domain, tally in tallies.items():
        for name, counter in COUNTERS:
            metrics.count_to(name, getattr(tally, counter), domain=domain)
        for name, level in levels(tally).items():
            metrics.set(name, level, domain=domain)
        for reason, number in tally.dead_lettered.items():
            dead[reason] = dead.get(reason, 0) + number
    for reason, number in dead.items():
        metrics.count_to("citybrain_dead_letters_total", number, reason=reason)


def flink_page() -> str:
    """What docs/metrics.md says of the job on Flink."""
    names = ", ".join(f"`{name}`" for name in sorted(OF_THE_JOB))
    return f"""
## The job on Flink

`citybrain worker --engine flink` counts {names}.
Flink's own reporter shows them beside everything that Flink measures of itself (checkpoints, back pressure, JVM), as
gauges and with Flink's scope before their names. Have Prometheus take the scope off, and walls and rules hold for both
engines (of the walls all but the time of snapshots, which are Flink's own checkpoints there):

```yaml
metric_relabel_configs:
  - source_labels: [__name__]
    regex: '{FLINK_SCOPE}'
    target_label: __name__
    replacement: $1
```
"""
