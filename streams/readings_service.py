"""The readings path: its own consumer takes whole fetches, every owned partition has a lane, snapshots run beside.

What makes it safe (docs/decisions/0001): both rebalance callbacks move the tenure's epoch; a fetch that was
under way when it moved is dropped and the partitions are read again from where their state stands. Input is
committed only with a snapshot, and a snapshot only once all that came of the input before it is acknowledged.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from detectors.kernel import Kernel
from streams.artefacts import Artefacts
from streams.clients import UNNAMED, Membership, close_within, group_consumer
from streams.lane import Batch, Lane, decode
from streams.outlet import Outlet
from streams.owned import Owned
from streams.registry_feed import RegistryFeed
from streams.snapshot_cycle import SnapshotCycle
from streams.specs import SpecBook
from streams.state_partition import StatePartition
from streams.tally import Tally
from streams.tenure import Tenure
from streams.whole_batches import take_whole_batches
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.errors import NotKept

log = structlog.get_logger(__name__)

#: Records of one call: enough that the cost of a call does not count, few enough that the loop stays lively.
MOST_RECORDS = 8_000
FETCH_WAIT_MS = 200

#: How long leaving the group may take; a rebalance or a broker that is away could hold it for longer.
LEAVE_WITHIN_S = 1.0

#: An error that is not a broker's absence and comes back this often in a row, half a second apart, ends the worker.
MOST_ERRORS = 20


class ReadingsService:
    """Judges the readings of ``domains`` as a member of consumer group ``group``."""

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
        self.connection = connection
        self.group = group
        self.membership = membership
        self.domains = {domain.topic: domain for domain in domains}
        self.feed = feed
        self.artefacts = artefacts
        self.outlet = outlet
        self.kernel_of = kernel_of
        self.owned: dict[TopicPartition, Owned] = {}
        self.dropped_batches = 0
        self.recoveries = 0
        self._gone = {domain.name: Tally() for domain in domains}
        self._tenure = Tenure(self.let_go)
        self._revision = 0
        self._stopping = False
        self._lock = asyncio.Lock()
        #: Held from judging a batch until all that came of it is handed to the producer.
        self._handing = asyncio.Lock()
        self._cycle = SnapshotCycle(lambda: self.owned, outlet, self._handing, snapshot_interval_s, self._fenced)
        self._cycle.took = lambda each, seconds: on_snapshot(self.domains[each.place.topic].name, seconds)
        self._consumer: Any = None

    async def start(self) -> None:
        """Join the group; partitions come when it has settled. Raises ``KafkaError`` where the cluster is away."""
        self._consumer = group_consumer(self.connection, self.group, membership=self.membership)
        self._cycle.consumer = self._consumer
        self._consumer.subscribe(list(self.domains), listener=self._tenure)
        await self._consumer.start()
        take_whole_batches(self._consumer)

    async def stop(self) -> None:
        """Write the last snapshots and leave the group; aiokafka's own stop would not call the listener."""
        self._stopping = True
        await self.let_go()
        if self._consumer is not None:
            await close_within(self._consumer, LEAVE_WITHIN_S)

    async def run(self) -> None:
        """Judge until ``stop``. Raises what should not happen; nothing is then written any more."""
        async with asyncio.TaskGroup() as group:
            snapshots = group.create_task(self._cycle.run(), name="snapshots")
            await self._judge_on()
            snapshots.cancel()

    async def _judge_on(self) -> None:
        errors = 0
        while not self._stopping:
            try:
                await self.step()
                errors = 0
            except NotKept as error:
                await self._recover(str(error))
            except KafkaError as error:
                errors += not error.retriable
                if errors >= MOST_ERRORS:
                    raise
                log.warning("readings_wait", error=repr(error))
                await asyncio.sleep(0.5)

    async def step(self) -> None:
        """One fetch. Raises ``NotKept`` if a send has failed, a ``KafkaError`` if the broker does not answer."""
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

    def tallies(self) -> dict[str, Tally]:
        """What has been counted, by domain."""
        sums = {domain.name: Tally() for domain in self.domains.values()}
        for name, gone in self._gone.items():
            sums[name].add(gone)
        for place, each in self.owned.items():
            tally = sums[self.domains[place.topic].name]
            tally.add(each.lane.tally)
            if place in self._consumer.assignment():
                tally.lag += max(0, (self._consumer.highwater(place) or 0) - each.lane.next_offset)
        return sums

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

    async def _recover(self, reason: str) -> None:
        """A send has failed: judge again from the last snapshots, with a fresh producer."""
        log.error("judging_again", reason=reason)
        self.recoveries += 1
        self._tenure.again()
        async with self._lock:
            await self._drop()
        # Outside the lock: it may take as long as the broker is away, and a stop must not wait for it.
        await self.outlet.restart()

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
