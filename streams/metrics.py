"""The one table of metrics of all parts, and the object that keeps them in a process.

A part makes one ``Metrics()``, counts into it by the names of the table, and serves it with
``serve_metrics`` or (the alarm server) hands out ``page()``. Labels are bounded: a value that the
table does not know becomes ``other``, so that no sender can grow the number of time series.

>>> metrics = Metrics()
>>> metrics.count("citybrain_readings_total", 3, domain="cargo")
>>> metrics.value("citybrain_readings_total", domain="cargo")
3.0
"""

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Thread
from typing import Any, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, start_http_server

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


METRICS = (
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
    Metric("citybrain_unexpected_errors_total", "counter", "all", "errors caught at a process edge", {"where": ()}),
)  # fmt: skip

BY_NAME = {metric.name: metric for metric in METRICS}


class Metrics:
    """The metrics of one process, each there from the start; names and labels are those of the table."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._collectors: dict[str, Any] = {metric.name: self._make(metric) for metric in METRICS}
        self._seen: dict[tuple[str, str], set[str]] = {}
        self._totals: dict[tuple[str, tuple[str, ...]], float] = {}

    def count(self, name: str, amount: float = 1.0, **labels: str) -> None:
        """Add to a counter."""
        self._child(name, "counter", labels).inc(amount)

    def count_to(self, name: str, total: float, **labels: str) -> None:
        """Raise a counter to what somebody else has counted since the process began; it never falls."""
        key = name, tuple(labels.values())
        if (more := total - self._totals.get(key, 0.0)) > 0:
            self._totals[key] = total
            self.count(name, more, **labels)

    def set(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge."""
        self._child(name, "gauge", labels).set(value)

    def clear(self, name: str) -> None:
        """Forget all label values of a gauge, before the ones that hold now are set."""
        self._collectors[name].clear()

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """One duration for a histogram."""
        self._child(name, "histogram", labels).observe(seconds)

    def value(self, name: str, **labels: str) -> float:
        """What a counter or gauge stands at, 0 if it was never touched."""
        return self.registry.get_sample_value(name, labels) or 0.0

    def page(self) -> bytes:
        """The text of ``/metrics``."""
        return generate_latest(self.registry)

    def _make(self, metric: Metric) -> Any:
        labels = tuple(metric.labels)
        if metric.kind == "histogram":
            return Histogram(metric.name, metric.help, labels, buckets=metric.buckets, registry=self.registry)
        kind = Counter if metric.kind == "counter" else Gauge
        collector = kind(metric.name, metric.help, labels, registry=self.registry)
        if labels and all(metric.labels.values()):
            # Known values begin at nought: a rate sees no rise in a line that was not there before.
            for values in itertools.product(*metric.labels.values()):
                collector.labels(*values)
        return collector

    def _child(self, name: str, kind: Kind, labels: dict[str, str]) -> Any:
        metric = BY_NAME[name]
        if metric.kind != kind or labels.keys() != metric.labels.keys():
            raise ValueError(
                f"metric {name}: expected a {metric.kind} with labels {list(metric.labels)}, "
                f"got a {kind} with {list(labels)}"
            )
        collector = self._collectors[name]
        return collector.labels(**self._bounded(metric, labels)) if labels else collector

    def _bounded(self, metric: Metric, labels: dict[str, str]) -> dict[str, str]:
        bounded = {}
        for label, value in labels.items():
            allowed = metric.labels[label]
            seen = self._seen.setdefault((metric.name, label), set())
            if value in seen or (value in allowed if allowed else len(seen) < OPEN_LABEL_LIMIT):
                seen.add(value)
                bounded[label] = value
            else:
                bounded[label] = OTHER
        return bounded


class MetricsServer:
    """``/metrics`` of one process, and ``/alive``; ``port`` is the one taken where 0 was asked for."""

    def __init__(self, server: Any, thread: Thread) -> None:
        self._server, self._thread = server, thread
        self.port: int = server.server_port

    def close(self) -> None:
        """Stop listening and wait until the thread is gone."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def serve_metrics(
    port: int, metrics: Metrics, *, host: str = "127.0.0.1", alive: Callable[[], str] = lambda: ""
) -> MetricsServer:
    """Serve a process's metrics, and under ``/alive`` 200, or 503 with what ``alive`` says is wrong.

    Raises ``OSError`` if the port is taken.
    """
    server, thread = start_http_server(port, addr=host, registry=metrics.registry)
    page: Any = server.get_app()

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != "/alive":
            answered: Iterable[bytes] = page(environ, start)
            return answered
        wrong = alive()
        start("503 Service Unavailable" if wrong else "200 OK", [("Content-Type", "text/plain; charset=utf-8")])
        return [(wrong or "alive").encode() + b"\n"]

    server.set_app(answer)
    return MetricsServer(server, thread)


def metrics_page() -> str:
    """docs/metrics.md, written from the table."""
    lines = [
        "# Metrics",
        "",
        "One table (`streams/metrics.py`), names with units. Each part serves `/metrics` in Prometheus' text format;",
        f"label values the table does not know become `{OTHER}`.",
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
