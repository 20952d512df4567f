"""The watch over carriers: positions, waybills, permits and city time in, findings out.

A month of positions is too much to judge again at each start (streams/remembering_keeper.py).
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import structlog
from aiokafka import TopicPartition

from records.carriage.permits import PermitBook
from records.carriage.terms import CarriageFacts, carriage_facts
from streams.carriage_lane import CarriageLane, Heard
from streams.followers import Taker
from streams.judges.carriage_memory import Snapshot, pack_snapshot, read_snapshot
from streams.remembering_keeper import SNAPSHOT_S, RememberingKeeper
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.positions import PERMITS, TOPIC, Permit
from topics.published_pack import PublishedPack, from_published

log = structlog.get_logger(__name__)


class CarriageKeeper(RememberingKeeper[Heard, Snapshot, CarriageLane]):
    """Watches the carriers of every domain whose facts speak of carriage. A pack published later holds from the next
    start; permits hold as soon as they are on their topic.
    """

    name = "carriage"
    rules = ("carriage-",)
    state = "positions-state"

    @classmethod
    def judged(cls, pack: Domain) -> Sequence[str]:
        return [TOPIC]

    def __init__(
        self, connection: KafkaConnection, *, group: str = "", prefix: str = "", snapshot_s: float = SNAPSHOT_S
    ) -> None:
        super().__init__(connection, group=group, prefix=prefix, snapshot_s=snapshot_s)
        self.permits = PermitBook()
        self._packs: dict[str, Domain] = {}

    def takers(self) -> Mapping[str, Taker]:
        return {PERMITS: self._take_permit}

    async def learn(self) -> Iterable[str]:
        await self._follower.start()
        return [self.prefix + TOPIC] if any(_facts(each) for each in self._packs.values()) else []

    def lane(
        self, place: TopicPartition, emit_from: int, beginning: int, partitions: Mapping[str, int]
    ) -> CarriageLane:
        from streams.judges.carriage import CarriageJudge  # the geometry: only the process that judges loads it

        judges = {
            name: CarriageJudge(name, facts, place.partition, self.permits)
            for name, pack in self._packs.items()
            if (facts := _facts(pack)) is not None
        }
        kept = self.kept.get(f"{self.group}/{place.partition}")
        if kept is not None and kept.next_offset < beginning:
            kept = None  # the log has lost what lies between
        return CarriageLane(judges, place.partition, partitions[place.topic], emit_from, kept)

    def read_memory(self, value: bytes) -> Snapshot | None:
        return read_snapshot(value)

    def moved(self) -> Sequence[CarriageLane]:
        return [lane for lane in self._carriage_lanes() if lane.next_offset > lane.kept_offset]

    def memory(self, part: CarriageLane) -> tuple[str, bytes]:
        return f"{self.group}/{part.partition}", pack_snapshot(part.snapshot())

    def mark(self, part: CarriageLane) -> None:
        part.kept_offset = part.next_offset

    async def publish(self, said: Sequence[Heard]) -> None:
        for heard in said:
            await self.tell(heard.findings)
            await self.refuse(heard.refused)
            self.metrics.count("citybrain_events_total", heard.messages, domain=self.name)
            self.metrics.count("citybrain_findings_total", len(heard.findings), domain=self.name)

    def _carriage_lanes(self) -> list[CarriageLane]:
        return [lane for lane in self.lanes.values() if isinstance(lane, CarriageLane)]

    def report(self) -> None:
        judges = [judge for lane in self._carriage_lanes() for judge in lane.judges.values()]
        self.metrics.set("citybrain_trips_under_way", sum(each.under_way for each in judges))
        self.metrics.count_to("citybrain_late_positions_total", sum(each.late for each in judges))

    def _take_pack(self, key: str, value: bytes | None) -> None:
        if not value:
            self._packs.pop(key.removeprefix("domain/"), None)
            return
        pack = from_published(msgspec.json.decode(value, type=PublishedPack))
        self._packs[pack.name] = pack

    def _take_permit(self, key: str, value: bytes | None) -> None:
        if value:
            self.permits.put(msgspec.json.decode(value, type=Permit))
        else:
            self.permits.drop(key)
        for lane in self._carriage_lanes():
            for judge in lane.judges.values():
                judge.renewed()


def _facts(pack: Domain) -> CarriageFacts | None:
    try:
        return carriage_facts(pack)
    except ConfigurationError as error:
        log.error("carriage_facts_refused", error=str(error))
        return None
