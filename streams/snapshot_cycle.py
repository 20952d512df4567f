"""When snapshots are written: round the owned partitions, each cycle, as slowly as their copying demands."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, ProducerClosed, ProducerFenced

from streams.outlet import Outlet
from streams.owned import Owned
from topics.errors import NotKept

log = structlog.get_logger(__name__)

#: Copying snapshots may take this share of a core; the cycle grows to keep it.
SHARE = 0.1

#: The last snapshot of a partition that is leaving; the group waits for it.
LAST_WITHIN_S = 1.5


class SnapshotCycle:
    """Writes snapshots of the partitions that ``owned`` gives, at most one round each ``interval_s``.

    ``handing`` is held by the reader from judging a batch until all that came of it is with the producer.
    ``consumer`` commits; it must be set before the first round. ``fenced`` is called for a partition whose
    state somebody else has taken over.
    """

    def __init__(
        self,
        owned: Callable[[], Mapping[TopicPartition, Owned]],
        outlet: Outlet,
        handing: asyncio.Lock,
        interval_s: float,
        fenced: Callable[[Owned], Awaitable[None]],
    ) -> None:
        self.owned = owned
        self.outlet = outlet
        self.handing = handing
        self.interval_s = interval_s
        self.fenced = fenced
        self.missed = 0
        self.consumer: Any = None
        #: Told of each snapshot and the seconds it took, acknowledgements included.
        self.took: Callable[[Owned, float], None] = lambda each, seconds: None

    async def run(self) -> None:
        """Round after round until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            began, copied = loop.time(), 0.0
            for each in list(self.owned().values()):
                if self.owned().get(each.place) is each:
                    copied += await self._snapshot(each)
            interval = max(self.interval_s, copied / SHARE)
            await asyncio.sleep(max(0.0, began + interval - loop.time()))

    async def last(self, each: Owned) -> None:
        """The last snapshot of a partition that is about to be dropped; never raises for a broker's answer."""
        try:
            async with asyncio.timeout(LAST_WITHIN_S):
                await each.snapshot(self._safe(), self.consumer)
        except (KafkaError, NotKept, TimeoutError) as error:
            # Another owner has fenced us, or the broker is away: the snapshot before still counts.
            self._miss(each, error)

    async def _snapshot(self, each: Owned) -> float:
        began = time.perf_counter()
        try:
            copied = await each.snapshot(self._safe(), self.consumer)
            self.took(each, time.perf_counter() - began)
            return copied
        except (KafkaError, NotKept) as error:
            self._miss(each, error)
            if isinstance(error, ProducerFenced):
                await self.fenced(each)
            return 0.0

    def _miss(self, each: Owned, error: Exception) -> None:
        if isinstance(error, ProducerClosed):
            return  # let go in the midst of it; whoever did that has had the last word
        self.missed += 1
        log.warning("snapshot_missed", topic=each.place.topic, partition=each.place.partition, error=repr(error))

    def _safe(self) -> Callable[[], Awaitable[None]]:
        """Waits until all that came of the input judged so far is kept; to be made before copying begins."""
        generation = self.outlet.generation

        async def safe() -> None:
            async with self.handing:
                pass
            await self.outlet.settle(generation)

        return safe
