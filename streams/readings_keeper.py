"""Keepers of which a pack's facts are all they must know: one pure judge for each partition of its readings."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

import msgspec
from aiokafka import TopicPartition

from streams.followers import Follower
from streams.keeper import CONFIG, Keeper
from topics.codec import decode_fetch
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.published_pack import PublishedPack, from_published
from topics.reading import TICK, Reading

Word = TypeVar("Word")
JudgesWord = TypeVar("JudgesWord", covariant=True)


class ReadingsJudge(Protocol[JudgesWord]):
    """Pure: no clock, file or wire; its state is the log's."""

    def apply(self, reading: Reading, offset: int, stamp: int) -> JudgesWord:
        """Judge one reading; ``offset`` is its place in the partition, ``stamp`` Kafka's time of it (ms UTC)."""
        ...

    def tick(self, time_ms: int, offset: int, stamp: int) -> JudgesWord:
        """City time has reached ``time_ms``."""
        ...


class ReadingsLane(Generic[Word]):
    """One partition: its judge, and how far it has come. What lies below ``emit_from`` is judged in silence."""

    def __init__(self, pack: Domain, judge: ReadingsJudge[Word], emit_from: int) -> None:
        self.pack = pack
        self.judge = judge
        self.emit_from = emit_from
        self.next_offset = 0

    def take(self, records: Sequence[Any]) -> tuple[Domain, list[Word]]:
        """Judge records in log order; what is no reading is left to the worker, which keeps it."""
        fetch = decode_fetch([record.value for record in records])
        controls = dict(fetch.controls)
        found: list[Word] = []
        for place, (index, row) in enumerate(zip(fetch.index, fetch.rows, strict=True)):
            record, control = records[index], controls.get(place)
            if control is None:
                said = self.judge.apply(row, record.offset, record.timestamp)
            elif control.series == TICK:
                said = self.judge.tick(control.time, record.offset, record.timestamp)
            else:
                continue
            if record.offset >= self.emit_from and said:
                found.append(said)
        self.next_offset = records[-1].offset + 1
        return self.pack, found


class ReadingsKeeper(Keeper[tuple[Domain, list[Word]]]):
    """Watches the readings of every domain on the config topic that concerns it. One such process runs in a city.

    A pack that is published later holds from the next start.
    """

    def __init__(self, connection: KafkaConnection, *, group: str = "", prefix: str = "") -> None:
        super().__init__(connection, group=group, prefix=prefix)
        self._packs: dict[str, Domain] = {}
        self._follower = Follower(connection, {prefix + CONFIG: self._take_pack})

    @abstractmethod
    def judge(self, pack: Domain, partition: int) -> ReadingsJudge[Word] | None:
        """A new judge, ``None`` where the pack has nothing for it."""

    async def learn(self) -> Iterable[str]:
        await self._follower.start()
        return [topic for topic, pack in self._packs.items() if self.judge(pack, 0) is not None]

    def lane(
        self, place: TopicPartition, emit_from: int, beginning: int, partitions: Mapping[str, int]
    ) -> ReadingsLane[Word]:
        pack = self._packs[place.topic]
        judge = self.judge(pack, place.partition)
        assert judge is not None
        return ReadingsLane(pack, judge, emit_from)

    async def forget(self) -> None:
        await self._follower.stop()

    def _take_pack(self, key: str, value: bytes | None) -> None:
        if value:
            pack = from_published(msgspec.json.decode(value, type=PublishedPack))
            self._packs[self.prefix + pack.topic] = pack
