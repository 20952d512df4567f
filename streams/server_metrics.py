"""The alert server's part of the metrics: counted as it happens, and set from the store when asked for."""

import sqlalchemy as sa

from alerts import schema
from alerts.intake import Taken
from alerts.ledger import Tried
from alerts.store import Store
from streams.metrics import Metrics

#: What became of a try, in the words of the table of metrics.
TRIES = {"signed-for": "signed", "delivered": "delivered", "retrying": "retried", "dead": "dead"}


class ServerMetrics:
    """Counts into ``metrics``; ``page`` is what /metrics answers."""

    def __init__(self, metrics: Metrics, store: Store) -> None:
        self._metrics = metrics
        self._store = store

    def taken(self, taken: Taken) -> None:
        """A batch of findings is stored."""
        for latency in taken.latencies_ms:
            self._metrics.observe("citybrain_event_to_store_seconds", latency / 1000)

    def tried(self, tried: Tried) -> None:
        """A delivery was tried."""
        labels = {"channel": tried.due.channel}
        self._metrics.count("citybrain_deliveries_total", amount=1, status=TRIES[tried.status], **labels)
        if tried.latency_ms is not None:
            self._metrics.observe("citybrain_delivery_latency_seconds", tried.latency_ms / 1000, **labels)

    def unexpected(self, where: str) -> None:
        """Something was caught at an edge that nobody foresaw."""
        self._metrics.count("citybrain_unexpected_errors_total", where=where)

    def page(self) -> bytes:
        """The text of /metrics, with the gauges as the store has them now."""
        alarm, delivery = schema.alarm.c, schema.delivery.c
        groups = (alarm.domain, alarm.severity, alarm.state)
        with self._store.read() as connection:
            opened = connection.execute(
                sa.select(*groups, sa.func.count()).where(alarm.closed.is_(None)).group_by(*groups)
            ).all()
            owed = connection.execute(
                sa.select(delivery.channel, sa.func.count().filter(delivery.signed_for_by.is_(None))).group_by(
                    delivery.channel
                )
            ).all()
        self._metrics.clear("citybrain_alarms_open")
        for domain, severity, state, count in opened:
            self._metrics.set("citybrain_alarms_open", count, domain=domain, severity=severity, state=state)
        for channel, count in owed:
            self._metrics.set("citybrain_deliveries_due", count, channel=channel)
        return self._metrics.page()
