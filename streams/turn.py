"""One process at a time: of several that were started for the same work one has the turn, the others stand by.

The turn is the only partition of a topic, in a consumer group of its own: Kafka gives it to one member and, when that
one is gone, to the next. Who has it keeps it when others come. Before it publishes it must have the broker's word, no
older than ``FRESH_S``, that it is still a member: a process that was paused longer than the session and wakes up writes
nothing.
"""

import asyncio
import contextlib
import time
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata
from aiokafka.errors import KafkaError

from streams.clients import HEARTBEAT_MS, REBALANCE_TIMEOUT_MS
from streams.partitions import partitions_of
from streams.tidy_clients import TidyConsumer
from topics.connection import KafkaConnection
from topics.errors import PartMissing

log = structlog.get_logger(__name__)

#: How old the broker's word may be on which is published; well below the session, after which another takes over.
FRESH_S = 2.0
ASK_EVERY_S = 0.5
#: Another takes over this long after whoever had the turn was killed. Longer than a judge may be busy without a breath.
SESSION_MS = 15_000
#: A broker that does not settle for so long has given the turn to nobody we know of.
PATIENCE_S = 30.0


class WhoHasItKeepsIt:
    """Gives each topic's first partition to the member that last had the broker's word for having it.

    The library's sticky assignor knows no generations, so it may give the turn back to who has slept through its loss.
    """

    name = "citybrain-turn"
    version = 0

    def __init__(self) -> None:
        #: When the broker last said so, wall ms; 0 = it has not got it.
        self.had = 0

    def metadata(self, topics: Iterable[str]) -> Any:
        """What the group's leader is told of us."""
        return ConsumerProtocolMemberMetadata(self.version, list(topics), str(self.had).encode())

    def assign(self, cluster: Any, members: Mapping[str, Any]) -> dict[str, Any]:
        """The leader's work."""
        keeper = max(sorted(members), key=lambda member: int(members[member].user_data or b"0"))
        topics = members[keeper].subscription
        return {
            member: ConsumerProtocolMemberAssignment(
                self.version, [(topic, [0]) for topic in topics] if member == keeper else [], b""
            )
            for member in members
        }

    def on_assignment(self, assignment: Any) -> None:
        """The listener is told besides."""


class Turn(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """The turn of ``name`` (who speaks in errors and log) in ``group``; of ``topic``, only the name is used."""

    def __init__(self, connection: KafkaConnection, group: str, topic: str, name: str) -> None:
        self._connection = connection
        self._group = group
        self._place = TopicPartition(topic, 0)
        self._name = name
        self._mine: bool | None = None  # None: the group is settling
        self._asked = float("-inf")
        self._assignor = WhoHasItKeepsIt()
        self._consumer: Any = None
        self._polling: asyncio.Task[None] | None = None

    async def take(self) -> None:
        """Return once it is ours; stands by until then. Raises ``PartMissing`` where the topic is missing."""
        self._consumer = TidyConsumer(
            **self._connection.for_aiokafka(),
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="latest",
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
            partition_assignment_strategy=(self._assignor,),
        )
        await self._consumer.start()
        await partitions_of(self._consumer, [self._place.topic], self._name)
        self._consumer.subscribe([self._place.topic], listener=self)
        self._polling = asyncio.create_task(self._poll())
        told = False
        while not self._fresh():
            if self._mine is False and not told:
                told = True
                log.warning(
                    "stands_by",
                    part=self._name,
                    why=f"another {self._name} of group {self._group} is at work; this one takes over when it ends",
                )
            await asyncio.sleep(ASK_EVERY_S / 5)
        if told:
            log.info("takes_over", part=self._name)

    async def confirm(self) -> None:
        """Return if the turn is ours by the broker's word. Raises ``PartMissing`` once another has it."""
        until = time.monotonic() + PATIENCE_S
        while not self._fresh():
            if self._mine is False or time.monotonic() > until:
                raise PartMissing(
                    f"{self._name}: expected to be the only one of group {self._group}, got another that has taken over"
                )
            await asyncio.sleep(ASK_EVERY_S / 5)

    async def stop(self) -> None:
        """Leave it to the next; may be called twice."""
        if self._polling is not None:
            self._polling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._polling
            self._polling = None
        if self._consumer is not None:
            await self._consumer.stop()
            self._consumer = None

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        self._mine = None
        self._asked = float("-inf")

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._mine = self._place in assigned
        if not self._mine:
            self._assignor.had = 0

    def _fresh(self) -> bool:
        return bool(self._mine) and time.monotonic() - self._asked <= FRESH_S

    async def _poll(self) -> None:
        """Ask the broker again and again. A member that asks for no records is taken for dead; what comes of that is
        nothing to us.
        """
        while True:
            try:
                await self._consumer.getmany(timeout_ms=round(ASK_EVERY_S * 1000))
                began = time.monotonic()
                if self._mine:  # a commit is refused to whoever is no member any more
                    await self._consumer.commit({self._place: 0})
                    if self._mine:
                        self._asked = began
                        self._assignor.had = time.time_ns() // 1_000_000
            except KafkaError:  # the group settles, or the broker is away: the word grows old, and is asked for again
                await asyncio.sleep(ASK_EVERY_S)
