"""Puts what people say of alarms on the topic `verdicts`, in order, each until the broker has kept it."""

import asyncio
from collections.abc import Awaitable, Callable

import sqlalchemy as sa
import structlog
from aiokafka.errors import KafkaError

from alerts.store import Store
from alerts.verdict_log import VerdictLog
from topics.codec import encode
from topics.verdict import TOPIC

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0
RETRY_S = 2.0


class VerdictPublisher:
    """Publishes through ``put`` (topic, key, value)."""

    def __init__(
        self, store: Store, put: Callable[[str, bytes, bytes], Awaitable[object]], *, topic: str = TOPIC
    ) -> None:
        self._log = VerdictLog(store)
        self._put = put
        self._topic = topic

    async def run(self) -> None:
        """Publish until cancelled. A cluster or a store that is away is waited for."""
        while True:
            try:
                published = await self.publish()
            except (KafkaError, sa.exc.OperationalError) as error:
                log.warning("verdicts_wait", error=repr(error))
                await asyncio.sleep(RETRY_S)
                continue
            if not published:
                await asyncio.sleep(LOOK_EVERY_S)

    async def publish(self) -> int:
        """Publish what is there now; how many. Raises a ``KafkaError`` for one that was not kept: it comes first next
        time."""
        verdicts = await asyncio.to_thread(self._log.unsaid)
        for line, verdict in verdicts:
            await self._put(self._topic, verdict.alarm.encode(), encode(verdict))
            await asyncio.to_thread(self._log.kept, line)
        return len(verdicts)
