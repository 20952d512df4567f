"""Puts what happens to alarms on the topic `alarm-events`."""

from collections.abc import Sequence
from typing import ClassVar

from alerts.event_log import EventLog
from alerts.store import Store
from streams.store_publisher import Put, StorePublisher, Word
from topics.alarm_event import TOPIC
from topics.codec import encode


class AlarmEventPublisher(StorePublisher):
    """Keyed by site, so that all that is done at one stays in order."""

    name: ClassVar[str] = "alarm-events"

    def __init__(self, store: Store, put: Put, *, topic: str = TOPIC) -> None:
        super().__init__(put)
        self._log = EventLog(store)
        self._topic = topic

    def unsaid(self) -> Sequence[Word]:
        return [Word(line, self._topic, said.site.encode(), encode(said)) for line, said in self._log.unsaid()]

    def kept(self, line: int) -> None:
        self._log.kept(line)
