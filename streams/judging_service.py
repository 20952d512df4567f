"""What both paths of the worker have in common: membership in a group, judging on whatever fails, counting."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from streams.clients import Membership, close_within, group_consumer
from streams.event_lane import EventLane
from streams.lane import Lane
from streams.outlet import Outlet
from streams.tally import Tally
from streams.tenure import Tenure
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.errors import NotKept

log = structlog.get_logger(__name__)

#: How long leaving the group may take; a rebalance or a broker that is away could hold it for longer.
LEAVE_WITHIN_S = 1.0

#: Between two tries while the broker does not answer.
AGAIN_AFTER_S = 0.5

#: An error that is not a broker's absence and comes back this often in a row, half a second apart, ends the worker.
MOST_ERRORS = 20


class JudgingService(ABC):
    """Judges ``domains``, by the topic each is read from, as a member of consumer group ``group``.

    Both rebalance callbacks call ``let_go`` by way of the tenure; a step takes partitions over when they are due.
    """

    #: What is judged, in the log of the worker.
    name: ClassVar[str]

    def __init__(
        self,
        connection: KafkaConnection,
        group: str,
        domains: Mapping[str, Domain],
        outlet: Outlet,
        membership: Membership,
    ) -> None:
        self.connection = connection
        self.group = group
        self.membership = membership
        self.domains = domains
        self.outlet = outlet
        self.recoveries = 0
        self._gone = {domain.name: Tally() for domain in domains.values()}
        self._tenure = Tenure(self.let_go)
        self._stopping = False
        self._lock = asyncio.Lock()
        self._consumer: Any = None

    @abstractmethod
    async def start(self) -> None:
        """Join the group; partitions come when it has settled. Raises ``KafkaError`` where the cluster is away."""

    @abstractmethod
    async def step(self) -> None:
        """One fetch. Raises ``NotKept`` if a send has failed, a ``KafkaError`` if the broker does not answer."""

    @abstractmethod
    async def let_go(self) -> None:
        """Keep what is judged and drop all partitions: on revocation and on stop."""

    @abstractmethod
    def judged(self) -> Iterator[tuple[TopicPartition, Lane | EventLane]]:
        """The owned partitions and their lanes."""

    async def stop(self) -> None:
        """Keep what is judged and leave the group; aiokafka's own stop would not call the listener."""
        self._stopping = True
        await self.let_go()
        if self._consumer is not None:
            await close_within(self._consumer, LEAVE_WITHIN_S)

    def tallies(self) -> dict[str, Tally]:
        """What has been counted, by domain."""
        sums = {domain.name: Tally() for domain in self.domains.values()}
        for name, gone in self._gone.items():
            sums[name].add(gone)
        for place, lane in self.judged():
            tally = sums[self.domains[place.topic].name]
            tally.add(lane.tally)
            if place in self._consumer.assignment():
                tally.lag += max(0, (self._consumer.highwater(place) or 0) - lane.next_offset)
        return sums

    def _member(self) -> Any:
        """A consumer of the group that hears of rebalances, to be started."""
        consumer = group_consumer(self.connection, self.group, membership=self.membership)
        consumer.subscribe(list(self.domains), listener=self._tenure)
        return consumer

    async def _judge_on(self) -> None:
        """Step until ``stop``. Raises what should not happen."""
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
                log.warning(f"{self.name}_wait", error=repr(error))
                await asyncio.sleep(AGAIN_AFTER_S)

    async def _recover(self, reason: str) -> None:
        """A send has failed: judge again from what was kept, with a fresh producer."""
        log.error("judging_again", reason=reason)
        self.recoveries += 1
        self._tenure.again()
        await self._forget()
        # It may take as long as the broker is away, and a stop must not wait for it: so outside every lock.
        await self.outlet.restart()

    async def _forget(self) -> None:
        """Drop a state that is ahead of what was kept, where taking over anew would not do so by itself."""
        return
