"""What stands on the findings topic and is no finding, kept as a dead letter whatever the broker does meanwhile."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from aiokafka.errors import KafkaError

from streams.lazy_producer import LazyProducer
from topics.dead_letter import DeadLetter, to_headers

log = structlog.get_logger(__name__)

#: Between two tries while the cluster is away.
AGAIN_AFTER_S = 1.0


class RefusedFindings:
    """Writes refused records to the dead letters on ``topic``; ``now_ms`` is wall time, ms UTC."""

    def __init__(self, producer: LazyProducer, topic: str, now_ms: Callable[[], int]) -> None:
        self._producer = producer
        self._topic = topic
        self._now_ms = now_ms

    async def keep(self, record: Any, reason: str, detail: str) -> None:
        """Keep this record of Kafka with its reason; waits for the broker as long as it takes."""
        letter = DeadLetter(record.topic, record.partition, record.offset, reason, detail, "server", self._now_ms())
        while True:
            try:
                await self._producer.put(self._topic, record.key, record.value, to_headers(letter))
                return
            except KafkaError as error:
                log.warning("dead_letter_waits", error=str(error))
                await asyncio.sleep(AGAIN_AFTER_S)
