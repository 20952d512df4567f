"""A judge beside the worker whose past is too much to judge again at each start: what it remembers is kept.

It lies on a compacted topic with the offset it reflects. It is written after what was said up to there is kept, and
read before anything is judged: a crash judges again from the last time, in silence up to what was committed.
"""

import time
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from streams.followers import Follower, Taker
from streams.keeper import CONFIG, Keeper, Said
from streams.metrics import Metrics
from topics.connection import KafkaConnection
from topics.dead_letter import TOPIC as DEAD_LETTERS
from topics.dead_letter import DeadLetter, to_headers

#: How often, in wall time, what is remembered is kept.
SNAPSHOT_S = 10.0

Memory = TypeVar("Memory")
#: What moves on by itself and is remembered by itself: a partition, a judge.
Part = TypeVar("Part")


class RememberingKeeper(Keeper[Said], Generic[Said, Memory, Part]):
    """A member says what has moved on, how a part of it is written and read, and what it reports."""

    #: The topic of what is remembered, without a prefix.
    state: ClassVar[str]

    def __init__(
        self, connection: KafkaConnection, *, group: str = "", prefix: str = "", snapshot_s: float = SNAPSHOT_S
    ) -> None:
        super().__init__(connection, group=group, prefix=prefix)
        self.metrics = Metrics()
        #: By key, as it lay on the topic at the start.
        self.kept: dict[str, Memory] = {}
        self._snapshot_s = snapshot_s
        self._written = time.monotonic()
        self._all_kept = False
        takers = {**self.takers(), CONFIG: self._take_pack, self.state: self._take_state}
        self._follower = Follower(connection, {prefix + name: taker for name, taker in takers.items()})

    def takers(self) -> Mapping[str, Taker]:
        """Who else takes what of which topic, without a prefix."""
        return {}

    @abstractmethod
    def read_memory(self, value: bytes) -> Memory | None:
        """What was written, ``None`` where it is of another form and of no use."""

    @abstractmethod
    def moved(self) -> Sequence[Part]:
        """The parts that remember more than what was kept of them."""

    @abstractmethod
    def memory(self, part: Part) -> tuple[str, bytes]:
        """Key and body of what is to be kept of it."""

    @abstractmethod
    def mark(self, part: Part) -> None:
        """It has been kept as it is now."""

    @abstractmethod
    def report(self) -> None:
        """Bring the metrics up to date."""

    @abstractmethod
    def _take_pack(self, key: str, value: bytes | None) -> None: ...

    async def step(self) -> None:
        self._all_kept = False
        await super().step()
        self._all_kept = True
        self.report()
        if time.monotonic() - self._written >= self._snapshot_s:
            await self.snapshot()

    async def stop(self) -> None:
        if self._producer is not None and self._all_kept:  # never beyond what has been told
            await self.snapshot()
        await super().stop()

    async def forget(self) -> None:
        await self._follower.stop()

    async def snapshot(self) -> None:
        """Keep what is remembered of all that has moved on."""
        began, moved = time.monotonic(), self.moved()
        if moved:
            await self.keep(self.prefix + self.state, [self.memory(each) for each in moved])
            self.metrics.observe("citybrain_snapshot_seconds", time.monotonic() - began, domain=self.name)
        for each in moved:
            self.mark(each)
        self._written = time.monotonic()

    async def refuse(self, refused: Iterable[tuple[Any, str, str]]) -> None:
        """Send records to the dead letters, each with its reason and detail."""
        now = time.time_ns() // 1_000_000
        for record, reason, detail in refused:
            letter = DeadLetter(record.topic, record.partition, record.offset, reason, detail, self.name, now)
            topic = self.prefix + DEAD_LETTERS
            await self._producer.send_and_wait(topic, record.value, key=record.key, headers=to_headers(letter))
            self.metrics.count("citybrain_dead_letters_total", reason=reason)

    async def _open(self, topics: Sequence[str]) -> None:
        await super()._open(topics)
        for place, lane in self.lanes.items():
            if lane.next_offset:
                self._consumer.seek(place, lane.next_offset)

    def _take_state(self, key: str, value: bytes | None) -> None:
        """Only what lies there at the start counts; what this process writes is not read again."""
        if self.lanes or not key.startswith(f"{self.group}/"):
            return
        kept = self.read_memory(value) if value else None
        if kept is None:
            self.kept.pop(key, None)
        else:
            self.kept[key] = kept
