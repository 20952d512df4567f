"""Puts what people say of alarms on the topic `verdicts`."""

from collections.abc import Sequence
from typing import ClassVar

from alerts.store import Store
from alerts.verdict_log import VerdictLog
from streams.store_publisher import Put, StorePublisher, Word
from topics.codec import encode
from topics.verdict import TOPIC


class VerdictPublisher(StorePublisher):
    """Keyed by alarm, so that the last word on each stays."""

    name: ClassVar[str] = "verdicts"

    def __init__(self, store: Store, put: Put, *, topic: str = TOPIC) -> None:
        super().__init__(put)
        self._log = VerdictLog(store)
        self._topic = topic

    def unsaid(self) -> Sequence[Word]:
        return [Word(line, self._topic, said.alarm.encode(), encode(said)) for line, said in self._log.unsaid()]

    def kept(self, line: int) -> None:
        self._log.kept(line)
