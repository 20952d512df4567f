"""The events path: its own consumer group; a judge's state is its partition's log, so there are no snapshots.

On assignment the partition is read from its beginning, in silence up to what was committed. Input is
committed once all that came of it is acknowledged. A paused worker that wakes up can only repeat
findings byte for byte, and the group refuses its commit.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from streams.clients import UNNAMED, Membership, close_within, group_consumer
from streams.event_lane import EventLane
from streams.judges import EVENT_JUDGES
from streams.judges.base import EventJudge
from streams.outlet import Outlet
from streams.readings_service import LEAVE_WITHIN_S, MOST_ERRORS
from streams.tally import Tally
from streams.tenure import Tenure
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.errors import NotKept

log = structlog.get_logger(__name__)

FETCH_WAIT_MS = 200
MOST_RECORDS = 2_000
COMMIT_EVERY_S = 0.5

#: The last commit before the partitions go; the group waits for it.
LAST_WITHIN_S = 1.0


class EventsService:
    """Judges the events of those ``domains`` that have a judge, as a member of ``group``."""

    def __init__(
        self,
        connection: KafkaConnection,
        group: str,
        domains: Sequence[Domain],
        outlet: Outlet,
        *,
        judges: Mapping[str, Callable[[Domain, int], EventJudge]] = EVENT_JUDGES,
        membership: Membership = UNNAMED,
    ) -> None:
        self.connection = connection
        self.group = group
        self.membership = membership
        self.judges = judges
        self.domains = {each.events_topic: each for each in domains if each.events and each.name in judges}
        self.outlet = outlet
        self.lanes: dict[TopicPartition, EventLane] = {}
        self.recoveries = 0
        self._gone = {domain.name: Tally() for domain in self.domains.values()}
        self._tenure = Tenure(self.let_go)
        self._stopping = False
        self._committed_at = 0.0
        self._uncommitted: set[TopicPartition] = set()
        self._lock = asyncio.Lock()
        self._consumer: Any = None

    async def start(self) -> None:
        """Join the group; a worker none of whose domains has a judge does nothing."""
        if self.domains:
            self._consumer = group_consumer(self.connection, self.group, membership=self.membership)
            self._consumer.subscribe(list(self.domains), listener=self._tenure)
            await self._consumer.start()

    async def stop(self) -> None:
        """Commit what is judged and leave the group."""
        self._stopping = True
        await self.let_go()
        if self._consumer is not None:
            await close_within(self._consumer, LEAVE_WITHIN_S)

    async def run(self) -> None:
        """Judge until ``stop``. Raises what should not happen."""
        errors = 0
        while self.domains and not self._stopping:
            try:
                await self.step()
                errors = 0
            except NotKept as error:
                log.error("judging_again", reason=str(error))
                self.recoveries += 1
                self._tenure.again()
                await self.outlet.restart()
            except KafkaError as error:
                errors += not error.retriable
                if errors >= MOST_ERRORS:
                    raise
                log.warning("events_wait", error=repr(error))
                await asyncio.sleep(0.5)

    async def step(self) -> None:
        """One fetch. Raises ``NotKept`` if a send has failed, a ``KafkaError`` if the broker does not answer."""
        if self._tenure.due:
            await self._take_over()
        epoch = self._tenure.epoch
        fetched = await self._consumer.getmany(timeout_ms=FETCH_WAIT_MS, max_records=MOST_RECORDS)
        async with self._lock:
            if not self._tenure.holds(epoch):
                return
            await self._judge(fetched)
            loop = asyncio.get_running_loop()
            if self._uncommitted and loop.time() - self._committed_at >= COMMIT_EVERY_S:
                self._committed_at = loop.time()
                await self._commit()

    async def let_go(self) -> None:
        """Commit what is judged and drop all partitions: on revocation and on stop."""
        self._tenure.lost()
        async with self._lock:
            try:
                async with asyncio.timeout(LAST_WITHIN_S):
                    await self._commit()
            except (KafkaError, NotKept, TimeoutError) as error:
                log.warning("last_commit_missed", error=repr(error))
            self._drop()

    def tallies(self) -> dict[str, Tally]:
        """What has been counted, by domain."""
        sums = {domain.name: Tally() for domain in self.domains.values()}
        for name, gone in self._gone.items():
            sums[name].add(gone)
        for place, lane in self.lanes.items():
            tally = sums[self.domains[place.topic].name]
            tally.add(lane.tally)
            if place in self._consumer.assignment():
                tally.lag += max(0, (self._consumer.highwater(place) or 0) - lane.next_offset)
        return sums

    async def _judge(self, fetched: Mapping[TopicPartition, Sequence[Any]]) -> None:
        try:
            for place, records in fetched.items():
                judged = self.lanes[place].judge(records)
                self._uncommitted.add(place)
                await self.outlet.put(place.topic, place.partition, judged)
        except BaseException:
            self.outlet.failed = True  # judged but not handed over: nothing may be committed
            raise

    async def _take_over(self) -> None:
        epoch = self._tenure.epoch
        async with self._lock:
            self._drop()
            lanes: dict[TopicPartition, EventLane] = {}
            for place in sorted(self._consumer.assignment()):
                domain = self.domains[place.topic]
                committed = await self._consumer.committed(place)
                partitions = len(self._consumer.partitions_for_topic(place.topic))
                judge = self.judges[domain.name](domain, place.partition)
                lanes[place] = EventLane(judge, place.partition, partitions, committed or 0)
                await self._consumer.seek_to_beginning(place)
            self._tenure.taken(epoch)
            if self._tenure.holds(epoch):
                self.lanes = lanes

    async def _commit(self) -> None:
        offsets = {
            place: self.lanes[place].next_offset
            for place in self._uncommitted
            if place in self.lanes and self.lanes[place].next_offset > self.lanes[place].emit_from
        }
        await self.outlet.settle()
        if offsets:
            await self._consumer.commit(offsets)
        self._uncommitted.clear()

    def _drop(self) -> None:
        for place, lane in self.lanes.items():
            self._gone[self.domains[place.topic].name].add(lane.tally)
        self.lanes = {}
        self._uncommitted.clear()
