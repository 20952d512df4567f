"""aiokafka's clients that leave no connection open, at whatever moment their start or their end is cut short.

A part that is told to end is cancelled wherever it stands. aiokafka (0.14) does not reckon with that: ``bootstrap``
drops the connection over which it has just asked for the cluster, a client whose ``start`` did not come to its end is
never closed, and a ``stop`` that is given up keeps its connections. Each is a warning in the log where nothing is
wrong, and a socket that stays open until the collector finds it.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError

#: How long a start that is cut short may take to hear what it has asked a broker for (s).
HEARD_WITHIN_S = 2.0


class TidyConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka ships no types
    """As ``AIOKafkaConsumer``; where ``start`` fails or is cancelled it is closed, and cannot be started again."""

    async def start(self) -> None:
        await _whole(self, super().start())

    async def stop(self) -> None:
        try:
            await super().stop()
        except BaseException:
            try:
                if self._fetcher is not None:  # it would connect once more
                    await self._fetcher.close()
            finally:
                await self._client.close()
            raise


class TidyProducer(AIOKafkaProducer):  # type: ignore[misc]  # aiokafka ships no types
    """As ``AIOKafkaProducer``; where ``start`` fails or is cancelled it is closed, and cannot be started again. A
    ``stop`` that is cancelled, as for a broker that is away, fails what has not been kept by then.
    """

    async def start(self) -> None:
        await _whole(self, super().start())

    async def stop(self) -> None:
        try:
            await super().stop()
        except BaseException:
            ending = asyncio.ensure_future(self._sender.close())
            await self.client.close()  # what the sender still waits for fails now
            await ending
            await self.client.close()  # and it may have connected once more
            # Last: a sender that still runs takes a failed batch up again and dies of it.
            self._message_accumulator.fail_all(KafkaTimeoutError())
            raise


async def _whole(client: Any, start: Coroutine[Any, Any, None]) -> None:
    """Start; where that is cut short, hear out what was asked, then close what is open."""
    starting = asyncio.ensure_future(start)
    try:
        await asyncio.shield(starting)
    except BaseException:
        try:
            await asyncio.wait([starting], timeout=HEARD_WITHIN_S)
        finally:
            if not starting.done():
                starting.cancel()
                await asyncio.wait([starting])
            if not starting.cancelled():
                starting.exception()  # whoever waited has been told, or is no more
            await client.stop()
        raise
