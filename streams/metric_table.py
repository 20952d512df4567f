"""The one table of metrics of all parts, and its page; what keeps them in a process is ``streams/metrics.py``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from alerts.lifecycle import STATES
from alerts.verdicts import REASONS as VERDICTS
from streams.sources.device_limits import LIMITS
from streams.sources.hj212.device_words import COMMANDS, OUTCOMES
from streams.sources.jt808.verdicts import VERDICTS as TERMINAL_VERDICTS
from topics.dead_letter import REASONS

OTHER = "other"

#: Values of a label whose values are not listed in the table, before the rest becomes ``other``.
OPEN_LABEL_LIMIT = 64

#: Seconds from an event on its topic to its alarm in the store: the promise is p99 at a quarter second.
LATENCY_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
DELIVERY_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
SNAPSHOT_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

Kind = Literal["counter", "gauge", "histogram"]

_STATES: tuple[str, ...] = STATES
_STATUSES = ("delivered", "signed", "retried", "refused", "dead")
_VERDICTS = ("accepted", "bad_crc", "bad_length", "bad_frame", "duplicate", "not_kept", "bad_credentials")
_DOMAIN: Mapping[str, tuple[str, ...]] = {"domain": ()}
_SEQUENCE: Mapping[str, tuple[str, ...]] = {"domain": (), "sequence": ()}
_DESK: Mapping[str, tuple[str, ...]] = {"desk": ()}


@dataclass(frozen=True, slots=True)
class Metric:
    """One row. ``labels`` maps a label to the values it may have, empty = any up to ``OPEN_LABEL_LIMIT``."""

    name: str
    kind: Kind
    part: str
    help: str
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    buckets: tuple[float, ...] = ()


#: What a worker counts.
_WORKER = (
    Metric("citybrain_readings_total", "counter", "worker", "readings judged", _DOMAIN),
    Metric("citybrain_events_total", "counter", "worker", "events judged", _DOMAIN),
    Metric("citybrain_late_readings_total", "counter", "worker", "readings that came late", _DOMAIN),
    Metric("citybrain_duplicate_readings_total", "counter", "worker", "readings that came again", _DOMAIN),
    Metric("citybrain_unregistered_total", "counter", "worker", "readings of unknown sites or devices", _DOMAIN),
    Metric("citybrain_unknown_fields_total", "counter", "worker", "unknown fields in sampled messages", _DOMAIN),
    Metric(
        "citybrain_dead_letters_total", "counter", "worker, gateway", "messages that did not fit, by reason",
        {"reason": tuple(REASONS)},
    ),
    Metric("citybrain_findings_total", "counter", "worker", "messages of findings said", _DOMAIN),
    Metric("citybrain_consumer_lag_records", "gauge", "worker", "records on the topic not yet judged", _DOMAIN),
    Metric("citybrain_last_reading_age_seconds", "gauge", "worker", "city time since the youngest reading", _DOMAIN),
    Metric(
        "citybrain_snapshot_seconds", "histogram", "worker", "time to write one cycle of state snapshots",
        _DOMAIN, SNAPSHOT_BUCKETS,
    ),
)  # fmt: skip

#: What the alarm server counts.
_SERVER = (
    Metric(
        "citybrain_alarms_open", "gauge", "server", "alarms that are not closed",
        {"domain": (), "severity": (), "state": _STATES},
    ),
    Metric(
        "citybrain_event_to_store_seconds", "histogram", "server", "from Kafka's stamp of an event to its alarm's row",
        buckets=LATENCY_BUCKETS,
    ),
    Metric(
        "citybrain_deliveries_total", "counter", "server", "attempts to deliver a warning, by what came of them",
        {"channel": (), "status": _STATUSES},
    ),
    Metric("citybrain_deliveries_due", "gauge", "server", "deliveries not yet signed for", {"channel": ()}),
    Metric(
        "citybrain_delivery_latency_seconds", "histogram", "server", "from release of a warning to its receipt",
        {"channel": ()}, DELIVERY_BUCKETS,
    ),
    Metric(
        "citybrain_desk_alarms_per_ten_minutes", "gauge", "server", "alarms annunciated at a duty desk in 10 minutes",
        _DESK,
    ),
    Metric(
        "citybrain_detector_verdicts", "gauge", "server", "what people said of a detector's alarms of the last 30 days",
        {"detector": (), "reason": tuple(VERDICTS)},
    ),
    Metric(
        "citybrain_detector_precision_ratio", "gauge", "server",
        "true of those judged true or false in the last 30 days, with the bounds of its 95 % interval (Wilson)",
        {"detector": (), "bound": ("low", "middle", "high")},
    ),
    Metric(
        "citybrain_firms_by_risk", "gauge", "server", "firms of a domain by the colour of their risk",
        {"domain": (), "colour": ()},
    ),
    Metric("citybrain_desk_flood", "gauge", "server", "1 while a flood lasts at the desk", _DESK),
    Metric("citybrain_desk_flood_time_ratio", "gauge", "server", "share of the last 24 h (city time) in flood", _DESK),
    Metric("citybrain_desk_chattering_keys", "gauge", "server", "alarm keys that chattered in the last hour", _DESK),
    Metric("citybrain_desk_stale_alarms", "gauge", "server", "alarms that have stood for more than 24 h", _DESK),
    Metric("citybrain_desk_waiting_alarms", "gauge", "server", "alarms nobody has acknowledged", _DESK),
    Metric("citybrain_desk_oldest_waiting_seconds", "gauge", "server", "how long the oldest of them waits", _DESK),
    Metric("citybrain_stream_listeners", "gauge", "server", "open streams of events"),
    Metric("citybrain_stream_resets_total", "counter", "server", "listeners that had to read their lists again"),
)  # fmt: skip

#: What the gateways of devices and vehicles count, and the spool behind them.
_SOURCES = (
    Metric(
        "citybrain_gateway_frames_total", "counter", "gateway", "HJ 212 frames by verdict", {"verdict": _VERDICTS}
    ),
    Metric("citybrain_gateway_connections", "gauge", "gateway", "HJ 212 devices connected"),
    Metric(
        "citybrain_gateway_limits_total", "counter", "gateway", "how often a limit of the HJ 212 gateway bit",
        {"limit": LIMITS},
    ),
    Metric(
        "citybrain_gateway_exchanges_total", "counter", "gateway", "commands to HJ 212 devices, by what came of them",
        {"command": COMMANDS, "outcome": OUTCOMES},
    ),
    Metric("citybrain_gateway_incomplete_sets_total", "counter", "gateway", "divided messages that lack parts"),
    Metric(
        "citybrain_terminal_messages_total", "counter", "gateway", "JT/T 808 messages of vehicle terminals by verdict",
        {"verdict": TERMINAL_VERDICTS},
    ),
    Metric("citybrain_terminal_positions_total", "counter", "gateway", "positions of vehicle terminals that were kept"),
    Metric("citybrain_terminals_connected", "gauge", "gateway", "JT/T 808 terminals connected"),
    Metric(
        "citybrain_terminal_limits_total", "counter", "gateway", "how often a limit of the JT/T 808 gateway bit",
        {"limit": LIMITS},
    ),
    Metric("citybrain_spool_bytes", "gauge", "gateway", "bytes on the disk spool, waiting for the broker"),
    Metric("citybrain_spool_limit_bytes", "gauge", "gateway", "bytes at which the spool takes no more"),
)  # fmt: skip

#: What those count that judge beside the workers.
_BESIDE = (
    Metric("citybrain_trips_under_way", "gauge", "carriage", "trips of carriers that have left and are not over"),
    Metric("citybrain_late_positions_total", "counter", "carriage", "positions that came too late to be judged live"),
    Metric("citybrain_boxes_watched", "gauge", "cargo-conditions", "sensors that watch a box or tank"),
    Metric("citybrain_sensors_unassigned", "gauge", "cargo-conditions", "sensors heard that watch no box we know of"),
    Metric("citybrain_box_readings_late_total", "counter", "cargo-conditions", "readings that came too late to judge"),
    Metric(
        "citybrain_sequence_findings_total", "counter", "sequences", "messages of findings of sequences said"
    ),
    Metric(
        "citybrain_sequence_late_total", "counter", "sequences",
        "happenings that came too late to be put in order, and were of no use", _SEQUENCE,
    ),
    Metric("citybrain_sequence_open", "gauge", "sequences", "findings of a sequence that stand open", _SEQUENCE),
    Metric("citybrain_sequence_partial", "gauge", "sequences", "matches begun and not complete", _SEQUENCE),
    Metric("citybrain_sequence_waiting", "gauge", "sequences", "happenings that wait to be put in order", _SEQUENCE),
)  # fmt: skip

#: What every part counts.
_ALL = (
    Metric("citybrain_unexpected_errors_total", "counter", "all", "errors caught at a process edge", {"where": ()}),
)  # fmt: skip

METRICS = (*_WORKER, *_SERVER, *_SOURCES, *_BESIDE, *_ALL)

BY_NAME = {metric.name: metric for metric in METRICS}


def metrics_page() -> str:
    """docs/metrics.md, written from the table."""
    lines = [
        "# Metrics",
        "",
        "One table (`streams/metric_table.py`), names with units. Each part serves `/metrics` in Prometheus' text",
        f"format; label values the table does not know become `{OTHER}`.",
        "",
        "| name | kind | part | labels | meaning |",
        "|---|---|---|---|---|",
    ]
    for metric in METRICS:
        labels = "; ".join(
            f"`{label}`: {', '.join(values)}" if values else f"`{label}`" for label, values in metric.labels.items()
        )
        lines.append(f"| `{metric.name}` | {metric.kind} | {metric.part} | {labels or '–'} | {metric.help} |")
    return "\n".join([*lines, ""])
