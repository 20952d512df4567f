"""The alert server's part of the metrics: counted as it happens, and set from the store when asked for."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from alerts import schema
from alerts.intake import Taken
from alerts.ledger import Tried
from alerts.store import Store
from alerts.stream import Broadcaster
from alerts.verdicts import precision
from streams.metrics import Metrics

#: What became of a try, in the words of the table of metrics.
TRIES = {"signed-for": "signed", "delivered": "delivered", "retrying": "retried", "dead": "dead"}

#: Precision is that of so much city time.
JUDGED_OVER_MS = 30 * 24 * 3600 * 1000

#: The gauges of a duty desk and where in its line on the wall each stands.
DESK_GAUGES: dict[str, Callable[[dict[str, Any]], float]] = {
    "citybrain_desk_alarms_per_ten_minutes": lambda line: float(line["now"]),
    "citybrain_desk_flood": lambda line: float(line["flood"]["on"]),
    "citybrain_desk_flood_time_ratio": lambda line: float(line["flood"]["share_of_day"]),
    "citybrain_desk_chattering_keys": lambda line: float(line["chattering"]),
    "citybrain_desk_stale_alarms": lambda line: float(line["stale"]),
    "citybrain_desk_waiting_alarms": lambda line: float(line["waiting"]),
    "citybrain_desk_oldest_waiting_seconds": lambda line: float(line["oldest_waiting_s"] or 0),
}


class ServerMetrics:
    """Counts into ``metrics``; ``page`` is what /metrics answers. ``desks`` gives the lines of the duty desks
    (alerts/kpi/follow.py).
    """

    def __init__(self, metrics: Metrics, store: Store, desks: Callable[[], list[dict[str, Any]]] = list) -> None:
        self._metrics = metrics
        self._store = store
        self._desks = desks
        self._broadcaster: Broadcaster | None = None
        self._firms: Callable[[], Mapping[str, Mapping[str, int]]] = dict

    def watch_firms(self, counts: Callable[[], Mapping[str, Mapping[str, int]]]) -> None:
        """Tell how many firms are of each colour too; ``counts`` gives them by domain."""
        self._firms = counts

    def watch(self, broadcaster: Broadcaster) -> None:
        """Tell of this one's listeners too."""
        self._broadcaster = broadcaster

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
        self._set_desks()
        self._set_verdicts()
        self._metrics.clear("citybrain_firms_by_risk")
        for domain, colours in self._firms().items():
            for colour, count in colours.items():
                self._metrics.set("citybrain_firms_by_risk", count, domain=domain, colour=colour)
        if self._broadcaster is not None:
            self._metrics.set("citybrain_stream_listeners", self._broadcaster.listeners)
            self._metrics.count_to("citybrain_stream_resets_total", self._broadcaster.resets)
        return self._metrics.page()

    def _set_desks(self) -> None:
        for name in DESK_GAUGES:
            self._metrics.clear(name)
        for line in self._desks():
            for name, figure in DESK_GAUGES.items():
                self._metrics.set(name, figure(line), desk=line["desk"])

    def _set_verdicts(self) -> None:
        """What people said of the alarms of the 30 days before the youngest one (city time)."""
        with self._store.read() as connection:
            youngest = connection.execute(sa.select(sa.func.max(schema.alarm.c.opened))).scalar()
        for name in ("citybrain_detector_verdicts", "citybrain_detector_precision_ratio"):
            self._metrics.clear(name)
        if youngest is None:
            return
        for judged in precision(self._store, youngest - JUDGED_OVER_MS):
            detector = judged["detector"]
            for reason, count in judged["reasons"].items():
                self._metrics.set("citybrain_detector_verdicts", count, detector=detector, reason=reason)
            if judged["precision"] is None:
                continue
            bounds = {"low": "precision_low", "middle": "precision", "high": "precision_high"}
            for bound, name in bounds.items():
                ratio = judged[name]
                self._metrics.set("citybrain_detector_precision_ratio", ratio, detector=detector, bound=bound)
