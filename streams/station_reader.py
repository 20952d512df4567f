"""The alert server's reader of station logs: entries that firms' and operators' systems send, into the store."""

from collections.abc import Callable, Sequence
from typing import ClassVar

import msgspec
import structlog

from alerts.city import City
from alerts.stations.log import StationLog
from streams.events_reader import TopicsReader
from topics.connection import KafkaConnection
from topics.station_entry import TOPIC, StationEntry

log = structlog.get_logger(__name__)


class StationReader(TopicsReader[StationEntry]):
    """Reads the one topic of all stations; what is no entry is logged and left out. ``wall_ms``: the machine's time."""

    name: ClassVar[str] = "station-log"

    def __init__(
        self, connection: KafkaConnection, city: City, kept: StationLog, wall_ms: Callable[[], int], *, prefix: str = ""
    ) -> None:
        super().__init__(connection, city, prefix=prefix)
        self.kept = kept
        self.wall_ms = wall_ms

    def read(self, value: bytes | None) -> StationEntry | None:
        """The entry of a record, ``None`` for anything else."""
        try:
            entry = msgspec.json.decode(value or b"", type=StationEntry)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            log.warning("station_entry_refused", error=str(error))
            return None
        if (fault := entry.fault()) is not None:
            log.warning("station_entry_refused", entry=entry.id, error=fault)
            return None
        return entry

    def take(self, events: Sequence[StationEntry], topic: str, partition: int, next_offset: int) -> object:
        return self.kept.take(events, self.wall_ms(), topic, partition, next_offset)

    def next_offset(self, topic: str, partition: int) -> int:
        return self.kept.next_offset(topic, partition)

    def _topics(self) -> list[str]:
        return [self.prefix + TOPIC] if self.city.domains else []
