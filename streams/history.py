"""The history's service: readings topics in, Parquet out, read back through ``ParquetHistory``.

It reads all partitions by hand, because the truth of how far it has come lies with the files
(``streams/history_folder.py``); the offsets it commits to its group only show others its lag.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from streams.frame_rows import FRAMES_FOLDER, FrameBuffer
from streams.history_folder import HistoryFolder, Place
from streams.history_reader import ParquetHistory
from streams.history_rows import Counts, RowBuffer
from streams.partitions import partitions_of
from streams.tidy_clients import TidyConsumer
from topics.city_zone import day_of
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.errors import ConfigurationError

__all__ = ["GROUP", "HistoryKeeper", "ParquetHistory"]

GROUP = "citybrain-history"

#: Rows that are flushed at once, whatever the time.
FLUSH_ROWS = 200_000

log = structlog.get_logger(__name__)


class HistoryKeeper:
    """Keeps the readings of ``topics`` (topic by domain name) under ``root/<domain>``, and raw frames beside them
    where ``frames`` names their topic.

    Flushes at most every ``flush_s`` seconds of wall time (that is how old the newest readable row may be)
    and at once after ``FLUSH_ROWS`` rows; days older than ``retention_days`` of city time are dropped.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        root: Path,
        topics: dict[str, str],
        *,
        retention_days: int = 30,
        flush_s: float = 2.0,
        group: str = GROUP,
        monotonic: Callable[[], float] = time.monotonic,
        frames: str = "",
    ) -> None:
        self.connection = connection
        self.root = root
        self.topics = {topic: domain for domain, topic in topics.items()}
        self._homes = {topic: root / domain for topic, domain in self.topics.items()}
        if frames:
            self.topics[frames] = FRAMES_FOLDER
            self._homes[frames] = root / FRAMES_FOLDER
        self._frames = frames
        self.retention_days = retention_days
        self.flush_s = flush_s
        self.group = group
        self.monotonic = monotonic
        self.flushes = 0
        self._folders: dict[str, HistoryFolder] = {}
        self._buffers: dict[str, RowBuffer | FrameBuffer] = {}
        self._consumer: Any = None
        self._flushed_at = 0.0
        self._appending: asyncio.Future[None] | None = None
        self._compaction: asyncio.Task[None] | None = None

    @property
    def counts(self) -> dict[str, Counts]:
        """What became of the records, by domain."""
        return {self.topics[topic]: buffer.counts for topic, buffer in self._buffers.items()}

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Keep until the task is cancelled; what has been read is flushed before it ends. ``ready`` is called
        once it reads.
        """
        await self.start()
        try:
            ready()
            while True:
                await self.step()
        finally:
            await self.stop()

    async def start(self) -> None:
        """Open the folders and go to where they end.

        Raises ``PartMissing`` where a topic is missing or another writer is at work, ``ConfigurationError``
        where a folder belongs to a topic that is no more.
        """
        try:
            for topic, home in self._homes.items():
                folder = await asyncio.to_thread(HistoryFolder, home, topic)
                self._folders[topic] = folder
                places = {int(partition): place for partition, place in folder.manifest.places.items()}
                raw = topic == self._frames
                self._buffers[topic] = FrameBuffer(places) if raw else RowBuffer(self.retention_days, places)
            self._consumer = TidyConsumer(
                **self.connection.for_aiokafka(),
                group_id=self.group,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                # What an aborted replay wrote was never said.
                isolation_level="read_committed",
                max_partition_fetch_bytes=4 * 1_048_576,
            )
            await self._consumer.start()
            await self._seek()
        except BaseException:
            await self.stop()
            raise
        self._flushed_at = self.monotonic()

    async def step(self) -> None:
        """Take one fetch, and flush and tidy up where it is time."""
        try:
            fetched = await self._consumer.getmany(timeout_ms=200, max_records=50_000)
        except KafkaError as error:  # the client goes on by itself once the broker is back
            log.warning("history_waits", error=str(error))
            await asyncio.sleep(1)
            return
        for place, records in fetched.items():
            if records:
                self._buffers[place.topic].add(place.partition, records)
        due = self.monotonic() - self._flushed_at >= self.flush_s
        if due or any(buffer.rows >= FLUSH_ROWS for buffer in self._buffers.values()):
            await self.flush()

    async def flush(self) -> None:
        """Write what has been read, then show the group how far that is, and tidy up in the background."""
        self._flushed_at = self.monotonic()
        for topic, buffer in self._buffers.items():
            if buffer.dirty:
                places = dict(buffer.places)
                append = asyncio.to_thread(self._folders[topic].append, buffer.flush(), places)
                # Shielded, so that a cancelled service waits for its writing thread before it lets go of the folder.
                self._appending = asyncio.ensure_future(append)
                await asyncio.shield(self._appending)
                self.flushes += 1
                await self._commit(topic, places)
        if self._compaction is None or self._compaction.done():
            if self._compaction is not None:
                self._compaction.result()  # a failure of the disk must not go on in silence
            self._compaction = asyncio.create_task(asyncio.to_thread(self._tidy), name="history-compaction")

    async def stop(self) -> None:
        """Flush and let go of everything; may be called twice."""
        if self._consumer is not None:
            if self._appending is not None:
                await self._appending
            if any(buffer.dirty for buffer in self._buffers.values()):
                await self.flush()
            consumer, self._consumer = self._consumer, None
            await consumer.stop()
        if self._compaction is not None:
            await self._compaction
            self._compaction = None
        for folder in self._folders.values():
            folder.close()
        self._folders = {}

    def _tidy(self) -> None:
        for topic, folder in self._folders.items():
            today = day_of(self._buffers[topic].tick)
            folder.expire(today - self.retention_days)
            while folder.compact(today):
                pass

    async def _seek(self) -> None:
        places = await partitions_of(self._consumer, self.topics, "history")
        self._consumer.assign(places)
        ends = await self._consumer.end_offsets(places)
        beginnings = await self._consumer.beginning_offsets(places)
        for place in places:
            kept = self._buffers[place.topic].places.get(place.partition)
            if kept is not None:
                await self._check_same(place, kept, beginnings[place], ends[place])
            self._consumer.seek(place, max(kept.next if kept else 0, beginnings[place]))

    async def _check_same(self, place: TopicPartition, kept: Place, beginning: int, end: int) -> None:
        """Offsets mean nothing in a topic that was made anew under the old name: notice that and refuse."""
        same = kept.next <= end
        if same and kept.last >= beginning:
            self._consumer.seek(place, kept.last)
            record = await self._consumer.getone(place)
            same = record.offset == kept.last and record.timestamp == kept.stamp
        if not same:
            raise ConfigurationError(
                f"history {self._homes[place.topic]}: expected topic {place.topic} as it was kept "
                f"up to offset {kept.next} of partition {place.partition}, got another; "
                "move the folder away or use the broker it came from"
            )

    async def _commit(self, topic: str, places: dict[int, Place]) -> None:
        offsets = {TopicPartition(topic, partition): place.next for partition, place in places.items()}
        try:
            await self._consumer.commit(offsets)
        except KafkaError as error:
            log.warning("history_commit_failed", topic=topic, error=str(error))


def history_topics(domains: Sequence[Domain]) -> dict[str, str]:
    """The readings topic by the name of each domain."""
    return {domain.name: domain.topic for domain in domains}
