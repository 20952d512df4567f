"""The watch over the cold chain: readings and city time in, findings out, and each breach as an event of custody.

A breach is said as an EPCIS event of the vehicle or room: like a firm's own alarm it opens a recall of exactly what was
aboard meanwhile, and stands in the lot's own record.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from aiokafka import TopicPartition

from streams.followers import Follower
from streams.judges.cold_chain import Breach, ColdChainJudge, Said
from streams.judges.cold_chain_facts import cold_chain
from streams.keeper import CONFIG, Keeper
from topics.codec import decode_fetch, encode
from topics.connection import KafkaConnection
from topics.domain import Domain, PublishedPack, from_published
from topics.events import Custody

TICK = "~tick"
CITY_ZONE = ZoneInfo("Asia/Shanghai")

#: The system's own events bear names that follow from the finding: said again after a crash, they are the same event.
NAMESPACE = uuid.UUID("6f1d8a52-8f0b-5c1e-9d1c-0c3d5e7f9a11")


class ColdChainLane:
    """One partition: its judge, and how far it has come. What lies below ``emit_from`` is judged in silence."""

    def __init__(self, judge: ColdChainJudge, events_topic: str, emit_from: int) -> None:
        self.judge = judge
        self.events_topic = events_topic
        self.emit_from = emit_from
        self.next_offset = 0

    def take(self, records: Sequence[Any]) -> tuple[str, list[Said]]:
        """Judge records in log order; what is no reading is left to the worker, which keeps it."""
        fetch = decode_fetch([record.value for record in records])
        controls = dict(fetch.controls)
        found: list[Said] = []
        for place, (index, row) in enumerate(zip(fetch.index, fetch.rows, strict=True)):
            record, control = records[index], controls.get(place)
            if control is None:
                said = self.judge.apply(row, record.offset, record.timestamp)
            elif control.series == TICK:
                said = self.judge.tick(control.time, record.offset, record.timestamp)
            else:
                continue
            if record.offset >= self.emit_from and (said.findings or said.breaches):
                found.append(said)
        self.next_offset = records[-1].offset + 1
        return self.events_topic, found


class ColdChainKeeper(Keeper[tuple[str, list[Said]]]):
    """Watches every domain on the config topic whose facts have a cold chain. One such process runs in a city.

    A pack that is published later holds from the next start.
    """

    name = "cold-chain"

    def __init__(self, connection: KafkaConnection, *, group: str = "", prefix: str = "") -> None:
        super().__init__(connection, group=group, prefix=prefix)
        self._packs: dict[str, Domain] = {}
        self._follower = Follower(connection, {prefix + CONFIG: self._take_pack})

    async def learn(self) -> Iterable[str]:
        await self._follower.start()
        return [topic for topic, pack in self._packs.items() if cold_chain(pack) is not None]

    def lane(
        self, place: TopicPartition, emit_from: int, beginning: int, partitions: Mapping[str, int]
    ) -> ColdChainLane:
        pack = self._packs[place.topic]
        facts = cold_chain(pack)
        assert facts is not None
        return ColdChainLane(ColdChainJudge(pack, facts, place.partition), self.prefix + pack.events_topic, emit_from)

    async def publish(self, said: Sequence[tuple[str, list[Said]]]) -> None:
        for topic, each in said:
            await self.tell(finding for one in each for finding in one.findings)
            breaches = [breach_event(breach) for one in each for breach in one.breaches]
            if breaches:
                await self.keep(topic, ((event.site, encode(event)) for event in breaches))

    async def forget(self) -> None:
        await self._follower.stop()

    def _take_pack(self, key: str, value: bytes | None) -> None:
        if value:
            pack = from_published(msgspec.json.decode(value, type=PublishedPack))
            self._packs[self.prefix + pack.topic] = pack


def breach_event(breach: Breach) -> Custody:
    """A breach as an EPCIS 2.0 ObjectEvent with a temperature alarm (7.3.7), said by the system."""
    name = f"urn:uuid:{uuid.uuid5(NAMESPACE, breach.finding)}"
    report = {"type": "Temperature", "exception": "ALARM_CONDITION", "value": breach.worst, "uom": "CEL"}
    epcis = {
        "type": "ObjectEvent",
        "eventID": name,
        "action": "OBSERVE",
        "bizStep": "sensor_reporting",
        "epcList": [breach.carrier],
        "eventTime": _iso(breach.end),
        "eventTimeZoneOffset": "+08:00",
        "sensorElementList": [
            {
                # endTime is the last moment that belongs to it, the breach's end the first that does not.
                "sensorMetadata": {"startTime": _iso(breach.start), "endTime": _iso(breach.end - 1)},
                "sensorReport": [report],
            }
        ],
        "citybrain:finding": breach.finding,
    }
    return Custody(name, breach.site, breach.end, epcis)


def _iso(time_ms: int) -> str:
    return dt.datetime.fromtimestamp(time_ms / 1000, CITY_ZONE).isoformat(timespec="milliseconds")
