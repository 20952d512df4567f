"""How far the judges beside the worker have come, for whoever waits for what they say.

A judge that is ended, slow or catching up tells of a moment long after the city's clock has passed it. Whoever puts
its findings in order by that clock must therefore wait for the judge, not for a number of seconds. A judge commits an
offset once what lies before it is judged and told (streams/keeper.py); so where the ends of its logs at a moment of
city time are committed, and all findings that are there then have been read, all of that moment has been heard.
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from topics.connection import KafkaConnection

#: The broker is asked this often, in wall time.
ASK_EVERY_S = 0.2
#: Said in the log when a judge is waited for so long, in wall time, and again after as much more.
PATIENCE_S = 60.0

Ends = Mapping[TopicPartition, int]
log = structlog.get_logger(__name__)


class JudgesProgress:
    """``judged``: by consumer group of a judge the partitions it judges. ``ends`` asks the broker for the ends of
    partitions, ``position`` how far the listener has read one of ``findings``.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        judged: Mapping[str, Sequence[TopicPartition]],
        ends: Callable[[Sequence[TopicPartition]], Awaitable[Ends]],
        findings: Sequence[TopicPartition],
        position: Callable[[TopicPartition], Awaitable[int]],
    ) -> None:
        self.judged = judged
        self._admin = AIOKafkaAdminClient(**connection.for_aiokafka())
        self._ends, self._findings, self._position = ends, findings, position
        self._reached = 0
        self._asked = 0
        self._waiting: Ends = {}
        self._said: Ends = {}
        self._looked = self._since = float("-inf")

    async def start(self) -> None:
        """Connect."""
        await self._admin.start()

    async def stop(self) -> None:
        """Let go of the broker; may be called twice."""
        await self._admin.close()

    async def reached(self, city_ms: int) -> int:
        """The city time up to which all that the judges say has been heard, where the clock stands at ``city_ms``."""
        now = time.monotonic()
        if city_ms <= self._reached or now - self._looked < ASK_EVERY_S:
            return self._reached
        self._looked = now
        try:
            await self._look(city_ms, now)
        except KafkaError as error:  # the broker is away, or a group settles: city time waits
            log.debug("judges_progress_unknown", error=str(error))
        return self._reached

    async def _look(self, city_ms: int, now: float) -> None:
        if not self._asked:
            places = [place for each in self.judged.values() for place in each]
            self._waiting, self._said = await self._ends(places), {}
            self._asked, self._since = city_ms, now
        if not self._said:
            behind = await self._behind()
            if behind:
                if now - self._since > PATIENCE_S:
                    self._since = now
                    log.warning("sequences_wait_for_judges", groups=behind, city_time=self._asked)
                return
            self._said = await self._ends(self._findings)
        if all([await self._position(place) >= end for place, end in self._said.items()]):
            self._reached, self._asked = self._asked, 0

    async def _behind(self) -> list[str]:
        """The groups that have not yet judged all that was there."""
        behind = []
        for group, places in self.judged.items():
            committed = await self._admin.list_consumer_group_offsets(group, partitions=list(places))
            if any(committed[place].offset < self._waiting[place] for place in places if self._waiting[place] > 0):
                behind.append(group)
        return behind
