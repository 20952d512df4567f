"""A judge beside the worker: reads whole topics, keeps its state by judging them again, publishes what it says.

Its state is what the topics hold: on a start the records are judged again in silence up to what was committed, so
findings keep their ids. Offsets are committed after what was said is kept, so a crash repeats and never loses. Of two
that are started for one city the second stands by (streams/turn.py).
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from streams.clients import sure_producer
from streams.partitions import partitions_of
from streams.tidy_clients import TidyConsumer
from streams.turn import Turn
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.finding import Finding

CONFIG = "config"

#: Records that are judged at a stretch; between two of these the process answers the broker that it is alive.
AT_ONCE = 500

Said = TypeVar("Said")
SaidByLane = TypeVar("SaidByLane", covariant=True)

log = structlog.get_logger(__name__)


class Lane(Protocol[SaidByLane]):
    """One partition. What lies below ``emit_from`` is judged in silence; ``next_offset``: how far it has come."""

    emit_from: int
    next_offset: int

    def take(self, records: Sequence[Any]) -> SaidByLane:
        """Judge the records of one fetch, in log order."""
        ...


class Keeper(ABC, Generic[Said]):
    """One such process works in a city. ``prefix`` stands before the names of its topics (tests have their own).

    A member says what must be known before it judges, which topics it reads, how a lane is made, and how what the
    lanes said is published.
    """

    #: Who speaks in errors and in the log.
    name: ClassVar[str]
    #: How the names of the detectors begin in whose name it tells findings; nobody else's begin so.
    rules: ClassVar[tuple[str, ...]]

    @classmethod
    def judged(cls, pack: Domain) -> Sequence[str]:
        """The topics, without a prefix, from which what it says of this domain follows."""
        return [pack.topic]

    def __init__(self, connection: KafkaConnection, *, group: str = "", prefix: str = "") -> None:
        self.connection = connection
        self.group = group or f"citybrain-{self.name}"
        self.prefix = prefix
        self.lanes: dict[TopicPartition, Lane[Said]] = {}
        self._consumer: Any = None
        self._producer: Any = None
        self._turn: Turn | None = None

    @abstractmethod
    async def learn(self) -> Iterable[str]:
        """Read what must be known; the topics to judge, with the prefix. None: there is nothing to do, and it waits.

        Raises ``PartMissing`` for a missing topic.
        """

    @abstractmethod
    def lane(self, place: TopicPartition, emit_from: int, beginning: int, partitions: Mapping[str, int]) -> Lane[Said]:
        """The lane of a partition whose log begins at ``beginning``; ``partitions``: how many a topic has."""

    def begin(self, committed: int, beginning: int) -> int:
        """Where a partition is read from, of which ``committed`` was told and whose log begins at ``beginning``."""
        return beginning

    @abstractmethod
    async def publish(self, said: Sequence[Said]) -> None:
        """Return once the broker keeps all of it."""

    @abstractmethod
    async def forget(self) -> None:
        """Let go of what ``learn`` opened; may be called twice."""

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Judge until the task is cancelled; ``ready`` is called once it reads. While another process does the same it
        stands by. Raises ``PartMissing``, also where another has taken over.
        """
        self._turn = Turn(self.connection, f"{self.group}-turn", self.prefix + CONFIG, self.name)
        try:
            await self._turn.take()
            await self.start()
            ready()
            while True:
                await self.step()
        finally:
            await self.stop()
            await self._turn.stop()

    async def start(self) -> None:
        """Learn what must be known, then go to where the records begin."""
        topics = list(await self.learn())
        self._producer = sure_producer(self.connection)
        await self._producer.start()
        self._consumer = TidyConsumer(
            **self.connection.for_aiokafka(),
            group_id=self.group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=4 * 1_048_576,
        )
        await self._consumer.start()
        if topics:
            await self._open(topics)

    async def step(self) -> None:
        """Take one fetch of each partition and publish what comes of it."""
        if not self.lanes:
            await asyncio.sleep(0.5)
            return
        try:
            fetched = await self._consumer.getmany(timeout_ms=200, max_records=20_000)
        except KafkaError as error:  # the client goes on by itself once the broker is back
            log.warning(f"{self.name}_waits", error=str(error))
            await asyncio.sleep(1)
            return
        taken = {place: self.lanes[place] for place, records in fetched.items() if records}
        await self.publish([word for place, lane in taken.items() async for word in _judged(lane, fetched[place])])
        reached = {place: lane.next_offset for place, lane in taken.items() if lane.next_offset > lane.emit_from}
        if reached:
            await self.commit(reached)

    async def stop(self) -> None:
        """Let go of everything; may be called twice."""
        for each in (self._consumer, self._producer):
            if each is not None:
                await each.stop()
        self._consumer = self._producer = None
        await self.forget()

    async def tell(self, findings: Iterable[Finding]) -> None:
        """Publish findings; returns once the broker keeps them, or raises its first failure."""
        await self.keep(f"{self.prefix}findings", ((each.alarm_key, encode(each)) for each in findings))

    async def keep(self, topic: str, records: Iterable[tuple[str, bytes | None]]) -> None:
        """Publish keys and values; returns once the broker keeps them, or raises its first failure. Raises
        ``PartMissing`` where another process has the turn.
        """
        if self._turn is not None:
            await self._turn.confirm()
        sent = [await self._producer.send(topic, value, key=key.encode()) for key, value in records]
        for answer in sent:
            await answer

    async def commit(self, reached: Mapping[TopicPartition, int]) -> None:
        """Note how far each partition is judged and told."""
        await self._consumer.commit(reached)

    async def committed(self, place: TopicPartition) -> int:
        """What was noted of it, 0 where nothing was."""
        return await self._consumer.committed(place) or 0

    async def _open(self, topics: Sequence[str]) -> None:
        places = await partitions_of(self._consumer, topics, self.name)
        counts = {topic: sum(place.topic == topic for place in places) for topic in topics}
        self._consumer.assign(places)
        beginnings = await self._consumer.beginning_offsets(places)
        for place in places:
            committed = await self.committed(place)
            self.lanes[place] = self.lane(place, committed, beginnings[place], counts)
            self._consumer.seek(place, self.begin(committed, beginnings[place]))


async def _judged(lane: Lane[Said], records: Sequence[Any]) -> AsyncIterator[Said]:
    for first in range(0, len(records), AT_ONCE):
        yield lane.take(records[first : first + AT_ONCE])
        await asyncio.sleep(0)
