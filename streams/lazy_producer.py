"""A producer that is there when it is first needed, and made anew when its cluster was away."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

from aiokafka.errors import KafkaError

from streams.clients import sure_producer
from topics.connection import KafkaConnection

CLOSE_WITHIN_S = 2.0


class LazyProducer:
    """Puts single records where all replicas have them; for what is written rarely and must be kept."""

    def __init__(self, connection: KafkaConnection) -> None:
        self._connection = connection
        self._producer: Any = None
        self._starting = asyncio.Lock()

    async def put(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]] = ()
    ) -> str:
        """Where the record lies, ``topic/partition/offset``. Raises ``KafkaError``; the next call begins anew then."""
        producer = await self._started()
        try:
            kept = await producer.send_and_wait(topic, value, key=key, headers=list(headers))
        except KafkaError:
            if self._producer is producer:
                self._producer = None
                await _close(producer)
            raise
        return f"{kept.topic}/{kept.partition}/{kept.offset}"

    async def stop(self) -> None:
        """Close it, if there ever was one."""
        if self._producer is not None:
            await _close(self._producer)
            self._producer = None

    async def _started(self) -> Any:
        async with self._starting:
            if self._producer is None:
                producer = sure_producer(self._connection)
                try:
                    await producer.start()
                except BaseException:
                    await _close(producer)
                    raise
                self._producer = producer
            return self._producer


async def _close(producer: Any) -> None:
    """One whose cluster is away would close for as long as that lasts."""
    with contextlib.suppress(KafkaError, TimeoutError):
        async with asyncio.timeout(CLOSE_WITHIN_S):
            await producer.stop()
