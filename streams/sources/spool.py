"""A bounded disk spool: where records wait while the broker is away. Survives ``kill -9`` at any byte.

A record counts as kept once the ``fsync`` of its group has returned; all that wait during one ``fsync``
share the next. What a crash tore off at the end of a segment fails its check sum and is passed over: nobody
was told that it was kept. Each start begins a new segment, so nothing is written behind a torn end. A crash
between draining and writing down how far it came drains some records again, never one less.
"""

import asyncio
import contextlib
import os
from pathlib import Path

import structlog

from streams.sources.base import Record
from streams.sources.spool_segments import (
    Place,
    append_bytes,
    find_segments,
    framed,
    lock_folder,
    read_drained,
    read_records,
    segment_path,
    write_drained,
)
from topics.errors import NotKept, PartMissing

log = structlog.get_logger(__name__)

SEGMENT_BYTES = 8 * 1_048_576


class Spool:
    """At most ``max_bytes`` of records in ``folder``. For one event loop, and one process per folder."""

    def __init__(self, folder: Path, max_bytes: int, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self.segment_bytes = segment_bytes
        #: Bytes passed over because they were torn or spoilt, since the start.
        self.torn_bytes = 0
        self._sizes: dict[int, int] = {}  # of each segment, as far as it is fsynced
        self._begin = self._peeked = Place(0, 0)
        self._writing = 0  # number of the segment that takes the next record
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._waiting_bytes = 0
        self._flusher: asyncio.Task[None] | None = None
        self._lock: int | None = None

    def open(self) -> None:
        """Find what an earlier process left. Raises ``PartMissing`` where the folder cannot be used or is in use."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = lock_folder(self.folder)
            self._sizes = find_segments(self.folder)
            drained = read_drained(self.folder)
        except OSError as error:
            raise PartMissing(f"spool: expected a folder to write in, got {self.folder}: {error.strerror}") from error
        first = min(self._sizes, default=0)
        self._begin = drained if drained is not None and drained.segment >= first else Place(first, 0)
        for number in [number for number in self._sizes if number < self._begin.segment]:
            self._forget(number)
        self._writing = max(self._begin.segment, *self._sizes, 0) + 1

    @property
    def bytes(self) -> int:
        """Bytes of records not yet drained, those on their way to the disk included."""
        drained = min(self._begin.position, self._sizes.get(self._begin.segment, 0))
        return sum(self._sizes.values()) - drained + self._waiting_bytes

    def append(self, record: Record) -> "asyncio.Future[None]":
        """Give the record its place at once; the future is done when it is kept.

        It fails with ``NotKept`` where the spool is full or the disk does not take it.
        """
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        payload = framed(record)
        if self.bytes + len(payload) > self.max_bytes:
            kept.set_exception(NotKept(f"spool {self.folder}: full, {self.bytes} of {self.max_bytes} bytes"))
            return kept
        self._waiting.append((payload, kept))
        self._waiting_bytes += len(payload)
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush(), name="spool-flush")
        return kept

    async def peek(self, most: int) -> list[Record]:
        """Up to ``most`` of the oldest records, in order; none where nothing undrained is on the disk yet."""
        while True:
            place = self._begin
            limit = self._sizes.get(place.segment, 0)
            if place.position >= limit:
                if self._advance():
                    continue
                return []
            path = segment_path(self.folder, place.segment)
            records, end = await asyncio.to_thread(read_records, path, place.position, limit, most)
            if records:
                self._peeked = Place(place.segment, end)
                return records
            self.torn_bytes += limit - place.position
            log.warning("spool_torn", segment=path.name, bytes=limit - place.position)
            self._begin = self._peeked = Place(place.segment, limit)

    async def drop(self) -> None:
        """What ``peek`` gave last has reached the broker and is needed no more."""
        self._begin = self._peeked
        if self._begin.position >= self._sizes.get(self._begin.segment, 0):
            self._advance()
        await asyncio.to_thread(write_drained, self.folder, self._begin)

    async def settle(self) -> None:
        """Wait until all that was appended is on the disk, or has failed."""
        while self._flusher is not None:
            await asyncio.wait([self._flusher])

    async def close(self) -> None:
        """Settle, and leave the folder to another process."""
        await self.settle()
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def _advance(self) -> bool:
        """The first segment is drained: forget it and go to the next one. False where there is none (yet)."""
        number = self._begin.segment
        if number >= self._writing:
            if self._flusher is not None or number not in self._sizes:
                return False
            self._writing = number + 1
        self._forget(number)
        following = min(self._sizes, default=self._writing)
        self._begin = self._peeked = Place(following, 0)
        return following in self._sizes

    def _forget(self, number: int) -> None:
        self._sizes.pop(number, None)
        with contextlib.suppress(OSError):  # an empty file that stays is found and forgotten at the next start
            segment_path(self.folder, number).unlink(missing_ok=True)

    async def _flush(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            size = sum(len(payload) for payload, _ in group)
            if self._sizes.get(self._writing, 0) >= self.segment_bytes:
                self._writing += 1
            path = segment_path(self.folder, self._writing)
            try:
                await asyncio.to_thread(append_bytes, path, [payload for payload, _ in group])
            except OSError as error:
                self._failed(path, error)
                for _, kept in group:
                    if not kept.done():
                        kept.set_exception(NotKept(f"spool {self.folder}: {error.strerror}"))
            else:
                self._sizes[self._writing] = self._sizes.get(self._writing, 0) + size
                for _, kept in group:
                    if not kept.done():
                        kept.set_result(None)
            self._waiting_bytes -= size
        self._flusher = None

    def _failed(self, path: Path, error: OSError) -> None:
        """The disk took only a part: cut it off, and write behind it no more."""
        log.error("spool_write_failed", segment=path.name, error=str(error))
        with contextlib.suppress(OSError):
            os.truncate(path, self._sizes.get(self._writing, 0))
        self._writing += 1
