"""A readings partition that this worker owns: its lane, its state partition, and the snapshots between them."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, ProducerClosed

from streams.artefacts import Artefacts
from streams.lane import Lane
from streams.snapshots import BLOCKS, blocks_of, digest_of, pack
from streams.state_partition import StatePartition

log = structlog.get_logger(__name__)

#: Blocks copied without giving way to the reading of input: about 1 ms of copying per MB of state.
BLOCKS_AT_ONCE = 4


class Owned:
    """``place`` is the input partition. ``snapshot`` may run beside ``lane.judge``, never inside it."""

    def __init__(self, place: TopicPartition, lane: Lane, state: StatePartition, artefacts: Artefacts) -> None:
        self.place = place
        self.artefacts = artefacts
        self.lane = lane
        self.state = state
        self.snapshots = 0
        self.blocks_written = 0
        self._writing = asyncio.Lock()
        self._write: asyncio.Task[float] | None = None
        self._gone = False

    async def restore(self) -> int | None:
        """Fence the owner before, load the newest snapshot, and return where the input must be read from
        (``None`` = from its beginning).
        """
        await self.state.open()
        restored = await self.state.restore()
        if restored.start is None:
            return None
        await self._await_artefacts(restored.shared)
        beside = self.lane.beside
        beside.restore(restored.shared, restored.shared_at, self.lane.artefact)
        for number, block in sorted(restored.blocks.items()):
            if number // BLOCKS < len(beside.kernels):
                beside.kernels[number // BLOCKS].load(block.state, block.since)
        self.lane.next_offset = restored.start
        return restored.start

    async def _await_artefacts(self, shared: dict[str, Any]) -> None:
        """Wait for the models and packs that were in force; one that is gone leaves those of the fresh kernel."""
        shadow = shared.get("shadow") or {}
        controls = [*shared.get("controls", ()), *shadow.get("shared", {}).get("controls", ())]
        refs = sorted({*(ref for _, _, ref, _ in controls if ref), *([shadow["ref"]] if shadow else [])})
        came = await asyncio.gather(*(self.artefacts.wait(ref) for ref in refs))
        lost = [ref for ref, body in zip(refs, came, strict=True) if body is None]
        if lost:
            log.error("artefacts_lost", topic=self.place.topic, partition=self.place.partition, refs=lost)

    async def snapshot(self, safe: Callable[[], Awaitable[None]], consumer: Any) -> float:
        """Write the blocks that have changed, then commit the input offset up to which all blocks are right.

        Returns the seconds that copying took. Raises what ``StatePartition.write`` raises; a failed commit
        is only logged: it tells people and lag monitors how far we are, the snapshots are the truth.
        """
        async with self._writing:
            if self._gone:
                raise ProducerClosed(f"{self.place.topic}/{self.place.partition} has been let go")
            self._write = asyncio.create_task(self._snapshot(safe, consumer))
            try:
                return await self._write
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise
                raise ProducerClosed(f"{self.place.topic}/{self.place.partition} has been let go") from None

    async def let_go(self) -> None:
        """Write no more. A snapshot in the midst of it is given up: closing its producer would leave it waiting."""
        self._gone = True
        if self._write is not None and not self._write.done():
            self._write.cancel()
            await asyncio.wait([self._write])
        await self.state.close()

    async def _snapshot(self, safe: Callable[[], Awaitable[None]], consumer: Any) -> float:
        copied = 0.0
        changed: list[tuple[int, int, bytes, bytes]] = []
        through: list[int] = []
        beside = self.lane.beside
        kernels, run = beside.kernels, beside.run
        written = blocks_of(self.state.written, BLOCKS * len(kernels))
        for block in range(len(written)):
            began = time.perf_counter()
            # While rows before a block's own snapshot are read again, the block stands where that was.
            x = max(self.lane.next_offset, written[block].through)
            body = pack(kernels[block // BLOCKS].export(block % BLOCKS))
            digest = digest_of(body)
            through.append(x)
            if digest != written[block].digest:
                changed.append((block, x, body, digest))
            copied += time.perf_counter() - began
            if block % BLOCKS_AT_ONCE == BLOCKS_AT_ONCE - 1:
                await asyncio.sleep(0)
                if beside.run is not run:
                    # No snapshot has blocks from both sides of a candidate's start or end: it is copied from there.
                    return copied + await self._snapshot(safe, consumer)
        shared = (self.lane.next_offset, beside.export_shared())
        await self.state.write(changed, through, shared, safe)
        self.snapshots += 1
        self.blocks_written += len(changed)
        await self._commit(consumer, self.safe_offset)
        return copied

    @property
    def safe_offset(self) -> int:
        """The input offset before which everything is in the snapshots, -1 where there are none."""
        return min(written.through for written in self.state.written)

    async def _commit(self, consumer: Any, offset: int) -> None:
        try:
            await consumer.commit({self.place: offset})
        except KafkaError as error:
            log.warning("commit_failed", topic=self.place.topic, partition=self.place.partition, error=repr(error))
