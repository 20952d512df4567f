"""The watch over units of major hazard sources: readings and city time in, findings of the units' judge out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from aiokafka import TopicPartition

from streams.followers import Follower
from streams.judges.unit_facts import hazard_facts
from streams.judges.units import UnitsJudge
from streams.keeper import CONFIG, Keeper
from topics.codec import decode_fetch
from topics.connection import KafkaConnection
from topics.domain import Domain, PublishedPack, from_published
from topics.finding import Finding

TICK = "~tick"


class HazardLane:
    """One partition: its judge, and how far it has come. What lies below ``emit_from`` is judged in silence."""

    def __init__(self, judge: UnitsJudge, emit_from: int) -> None:
        self.judge = judge
        self.emit_from = emit_from
        self.next_offset = 0

    def take(self, records: Sequence[Any]) -> list[Finding]:
        """Judge records in log order; what is no reading is left to the worker, which keeps it."""
        fetch = decode_fetch([record.value for record in records])
        controls = dict(fetch.controls)
        found: list[Finding] = []
        for place, (index, row) in enumerate(zip(fetch.index, fetch.rows, strict=True)):
            record = records[index]
            control = controls.get(place)
            if control is None:
                said = self.judge.apply(row, record.offset, record.timestamp)
            else:
                said = self.judge.tick(control.time, record.offset, record.timestamp) if control.series == TICK else []
            if record.offset >= self.emit_from:
                found += said
        self.next_offset = records[-1].offset + 1
        return found


class HazardKeeper(Keeper[list[Finding]]):
    """Watches every domain on the config topic whose facts have units. One such process runs in a city.

    A pack that is published later holds from the next start.
    """

    name = "hazard"

    def __init__(self, connection: KafkaConnection, *, group: str = "", prefix: str = "") -> None:
        super().__init__(connection, group=group, prefix=prefix)
        self._packs: dict[str, Domain] = {}
        self._follower = Follower(connection, {prefix + CONFIG: self._take_pack})

    async def learn(self) -> Iterable[str]:
        await self._follower.start()
        return [topic for topic, pack in self._packs.items() if _has_units(pack)]

    def lane(self, place: TopicPartition, emit_from: int, beginning: int, partitions: Mapping[str, int]) -> HazardLane:
        pack = self._packs[place.topic]
        facts = hazard_facts(pack)
        assert facts is not None
        return HazardLane(UnitsJudge(pack, facts, place.partition), emit_from)

    async def publish(self, said: Sequence[list[Finding]]) -> None:
        await self.tell(finding for each in said for finding in each)

    async def forget(self) -> None:
        await self._follower.stop()

    def _take_pack(self, key: str, value: bytes | None) -> None:
        if value:
            pack = from_published(msgspec.json.decode(value, type=PublishedPack))
            self._packs[self.prefix + pack.topic] = pack


def _has_units(pack: Domain) -> bool:
    facts = hazard_facts(pack)
    return facts is not None and bool(facts.units)
