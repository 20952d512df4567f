"""What keeps the metrics of a process, and serves them.

A part makes one ``Metrics()``, counts into it by the names of the table (``streams/metric_table.py``), and serves it
with ``serve_metrics`` or (the alarm server) hands out ``page()``. Labels are bounded: a value that the table does not
know becomes ``other``, so that no sender can grow the number of time series.

>>> metrics = Metrics()
>>> metrics.count("citybrain_readings_total", 3, domain="cargo")
>>> metrics.value("citybrain_readings_total", domain="cargo")
3.0
"""

import itertools
from collections.abc import Callable, Iterable
from threading import Thread
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, start_http_server

from streams.metric_table import BY_NAME, METRICS, OPEN_LABEL_LIMIT, OTHER, Kind, Metric


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
