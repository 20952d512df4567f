"""What lives in a Python worker process of Flink for as long as the process does: one loop in a thread of its own.

Registry, packs, models and candidates are followed there as in a Faust worker, and judging runs there too, so that
nobody changes the registry in the midst of a batch. Flink's own thread hands it one piece of work at a time and waits.
"""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

from streams.artefacts import Artefacts
from streams.clients import complain_seldom
from streams.flink.log_ranges import LogRanges
from streams.followers import Follower
from streams.registry_feed import RegistryFeed
from topics.connection import KafkaConnection
from topics.shadow import CANDIDATES

log = structlog.get_logger(__name__)

Told = TypeVar("Told")

_LOCK = threading.Lock()
_RESIDENCES: dict[KafkaConnection, "Residence"] = {}


class Residence:
    """``feed`` and ``artefacts`` are as in the worker; ``ranges`` reads the records of claims."""

    def __init__(self, connection: KafkaConnection) -> None:
        self.connection = connection
        self.artefacts = Artefacts()
        self.feed = RegistryFeed(connection)
        takers = {"config": self.artefacts.take_config, "models": self.artefacts.take_model}
        self.follower = Follower(connection, takers | {CANDIDATES: self.artefacts.take_candidate})
        self.ranges = LogRanges(connection)
        #: Two subtasks in one process take turns: they share the consumer.
        self.lock = asyncio.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="residence", daemon=True)

    def start(self) -> None:
        """Read the followed topics to their ends. Raises what they raise, ``PartMissing`` among it."""
        self._thread.start()
        complain_seldom()
        self.run(self._start())

    def run(self, work: Coroutine[Any, Any, Told]) -> Told:
        """Do this in the loop and wait for it; raises what it raises."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def stop(self) -> None:
        """Follow no more and end the thread; a worker process of Flink ends without it."""
        self.run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _stop(self) -> None:
        await self.ranges.stop()
        await self.feed.stop()
        await self.follower.stop()

    async def _start(self) -> None:
        await self.follower.start()
        await self.feed.start()
        await self.ranges.start()


def residence(connection: KafkaConnection) -> Residence:
    """The one of this process for this cluster, started."""
    with _LOCK:
        found = _RESIDENCES.get(connection)
        if found is None:
            found = Residence(connection)
            found.start()
            _RESIDENCES[connection] = found
        return found
