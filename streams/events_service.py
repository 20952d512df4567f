"""The events path: its own consumer group; a judge's state is its partition's log, so there are no snapshots.

On assignment the partition is read from its beginning, in silence up to what was committed. Input is
committed once all that came of it is acknowledged. A paused worker that wakes up can only repeat
findings byte for byte, and the group refuses its commit.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from streams.clients import UNNAMED, Membership
from streams.event_lane import EventLane
from streams.judges import EVENT_JUDGES
from streams.judges.base import EventJudge
from streams.judging_service import JudgingService
from streams.outlet import Outlet
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.errors import NotKept

log = structlog.get_logger(__name__)

FETCH_WAIT_MS = 200
MOST_RECORDS = 2_000
COMMIT_EVERY_S = 0.5

#: The last commit before the partitions go; the group waits for it.
LAST_WITHIN_S = 1.0


class EventsService(JudgingService):
    """Judges the events of those ``domains`` that have a judge, as a member of ``group``."""

    name: ClassVar[str] = "events"

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
        judged = {each.events_topic: each for each in domains if each.events and each.name in judges}
        super().__init__(connection, group, judged, outlet, membership)
        self.judges = judges
        self.lanes: dict[TopicPartition, EventLane] = {}
        self._committed_at = 0.0
        self._uncommitted: set[TopicPartition] = set()

    async def start(self) -> None:
        """Join the group; a worker none of whose domains has a judge does nothing."""
        if self.domains:
            self._consumer = self._member()
            await self._consumer.start()

    async def run(self) -> None:
        """Judge until ``stop``. Raises what should not happen."""
        if self.domains:
            await self._judge_on()

    async def step(self) -> None:
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

    def judged(self) -> Iterator[tuple[TopicPartition, EventLane]]:
        yield from self.lanes.items()

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
