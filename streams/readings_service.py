"""The readings path: its own consumer takes whole fetches, every owned partition has a lane, snapshots run beside.

What makes it safe (docs/decisions/0001): both rebalance callbacks move the tenure's epoch; a fetch that was
under way when it moved is dropped and the partitions are read again from where their state stands. Input is
committed only with a snapshot, and a snapshot only once all that came of the input before it is acknowledged.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import ClassVar

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from detectors.kernel import Kernel
from streams.artefacts import Artefacts
from streams.batch import Batch, decode
from streams.clients import UNNAMED, Membership
from streams.judging_service import JudgingService
from streams.lane import Lane
from streams.outlet import Outlet
from streams.owned import Owned
from streams.registry_feed import RegistryFeed
from streams.snapshot_cycle import SnapshotCycle
from streams.specs import SpecBook
from streams.state_partition import StatePartition
from streams.whole_batches import take_whole_batches
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.errors import NotKept

log = structlog.get_logger(__name__)

#: Records of one call: enough that the cost of a call does not count, few enough that the loop stays lively.
MOST_RECORDS = 8_000
FETCH_WAIT_MS = 200


class ReadingsService(JudgingService):
    """Judges the readings of ``domains`` as a member of consumer group ``group``."""

    name: ClassVar[str] = "readings"

    def __init__(
        self,
        connection: KafkaConnection,
        group: str,
        domains: Sequence[Domain],
        feed: RegistryFeed,
        artefacts: Artefacts,
        outlet: Outlet,
        *,
        membership: Membership = UNNAMED,
        snapshot_interval_s: float = 2.0,
        kernel_of: Callable[[Domain, str, int], Kernel] = Kernel,
        on_snapshot: Callable[[str, float], None] = lambda domain, seconds: None,
    ) -> None:
        super().__init__(connection, group, {domain.topic: domain for domain in domains}, outlet, membership)
        self.feed = feed
        self.artefacts = artefacts
        self.kernel_of = kernel_of
        self.owned: dict[TopicPartition, Owned] = {}
        self.dropped_batches = 0
        self._revision = 0
        #: Held from judging a batch until all that came of it is handed to the producer.
        self._handing = asyncio.Lock()
        self._cycle = SnapshotCycle(lambda: self.owned, outlet, self._handing, snapshot_interval_s, self._fenced)
        self._cycle.took = lambda each, seconds: on_snapshot(self.domains[each.place.topic].name, seconds)

    async def start(self) -> None:
        self._consumer = self._cycle.consumer = self._member()
        await self._consumer.start()
        take_whole_batches(self._consumer)

    async def run(self) -> None:
        """Judge until ``stop``. Raises what should not happen; nothing is then written any more."""
        async with asyncio.TaskGroup() as group:
            snapshots = group.create_task(self._cycle.run(), name="snapshots")
            await self._judge_on()
            snapshots.cancel()

    async def step(self) -> None:
        if self._tenure.due:
            await self._take_over()
        epoch = self._tenure.epoch
        # Outside the lock: a rebalance makes this call wait for its end, and the callbacks take the lock.
        fetched = await self._consumer.getmany(timeout_ms=FETCH_WAIT_MS, max_records=MOST_RECORDS)
        batches = {place: decode(records) for place, records in fetched.items() if records}
        for batch in batches.values():
            for ref in batch.refs:
                await self.artefacts.wait(ref)
        async with self._lock:
            if not self._tenure.holds(epoch):
                self.dropped_batches += len(batches)
                return
            async with self._handing:
                await self._judge(batches)
        if self.outlet.failed:
            raise NotKept("expected every message to be acknowledged, got a failed send")

    async def _judge(self, batches: dict[TopicPartition, Batch]) -> None:
        self._heed_registry()
        try:
            for place, batch in batches.items():
                judged = self.owned[place].lane.judge(batch)
                await self.outlet.put(place.topic, place.partition, judged)
        except BaseException:
            # The state is ahead of what was handed over: no snapshot may be made of it.
            self.outlet.failed = True
            raise

    async def let_go(self) -> None:
        """Write last snapshots and drop all partitions: on revocation and on stop."""
        self._tenure.lost()
        async with self._lock:
            try:
                await asyncio.gather(*(self._cycle.last(each) for each in self.owned.values()))
            finally:
                await self._drop()

    def judged(self) -> Iterator[tuple[TopicPartition, Lane]]:
        for place, each in self.owned.items():
            yield place, each.lane

    def judged_to(self) -> int:
        """The sum of the offsets up to which the owned partitions are judged."""
        return sum(each.lane.next_offset for each in self.owned.values())

    async def _take_over(self) -> None:
        """Fence the owners before, load the snapshots and seek, while heartbeats go on."""
        epoch = self._tenure.epoch
        async with self._lock:
            await self._drop()
            taken = [self._owned(place) for place in sorted(self._consumer.assignment())]
            try:
                starts = await _all(each.restore() for each in taken)
                for each, start in zip(taken, starts, strict=True) if epoch == self._tenure.epoch else ():
                    if start is None:
                        await self._consumer.seek_to_beginning(each.place)
                    else:
                        self._consumer.seek(each.place, start)
                self._tenure.taken(epoch)
            finally:
                if self._tenure.holds(epoch):
                    self.owned = {each.place: each for each in taken}
                else:
                    await asyncio.gather(*(each.let_go() for each in taken))
        log.info("partitions_taken", starts=[(*each.place, start) for each, start in zip(taken, starts, strict=True)])

    def _owned(self, place: TopicPartition) -> Owned:
        domain = self.domains[place.topic]
        partitions = len(self._consumer.partitions_for_topic(place.topic))
        lane = Lane(
            self.kernel_of(domain, place.topic, place.partition),
            SpecBook(self.feed.registry, domain),
            place.partition,
            partitions,
            self.artefacts.get,
        )
        state = StatePartition(self.connection, self.group, f"state.{domain.name}", place.partition)
        return Owned(place, lane, state, self.artefacts)

    def _heed_registry(self) -> None:
        if self._revision != self.feed.revision:
            self._revision = self.feed.revision
            for each in self.owned.values():
                each.lane.forget_slots()

    async def _forget(self) -> None:
        async with self._lock:
            await self._drop()

    async def _fenced(self, each: Owned) -> None:
        """Somebody has taken our transactional id: the next owner, or a paused one that did so as it woke up.

        The group knows: it takes a commit from the rightful owner alone, who then takes over again.
        """
        with contextlib.suppress(KafkaError):
            await self._consumer.commit({each.place: max(0, each.safe_offset)})
            self._tenure.again()

    async def _drop(self) -> None:
        """Forget all partitions without another word."""
        stale, self.owned = list(self.owned.values()), {}
        for each in stale:
            self._gone[self.domains[each.place.topic].name].add(each.lane.tally)
        await asyncio.gather(*(each.let_go() for each in stale))


async def _all(restoring: Iterable[Awaitable[int | None]]) -> list[int | None]:
    """Wait for all of them, and only then raise what the first of the failed raised."""
    done = await asyncio.gather(*restoring, return_exceptions=True)
    for each in done:
        if isinstance(each, BaseException):
            raise each
    return [each for each in done if not isinstance(each, BaseException)]
