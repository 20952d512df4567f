"""Past readings from the topic itself: the same records as the worker's, controls and all."""

import asyncio
from collections.abc import Iterator
from typing import Any

from aiokafka import TopicPartition

from streams.artefacts import Artefacts
from streams.backtesting.past import Past
from streams.batch import Batch, decode
from streams.clients import lone_consumer
from streams.log_reading import records_until_now
from streams.partitions import partitions_of
from topics.connection import KafkaConnection
from topics.errors import PartMissing

#: Any cut of the log gives the same findings.
RECORDS = 20_000


class TopicPast(Past):
    """A domain's readings topic from ``from_offset`` or the first record stamped ``from_stamp_ms`` or later (default:
    from the beginning) to its end as it stands now. Close it: it holds a consumer.

    Packs and models that controls name are read from ``config`` and ``models``; one that is kept there no more is
    refused as the worker would refuse it.
    """

    def __init__(
        self, connection: KafkaConnection, topic: str, *, from_offset: int = 0, from_stamp_ms: int | None = None
    ) -> None:
        self.topic = topic
        self._artefacts = _artefacts(connection)
        self._runner = asyncio.Runner()
        self._consumer: Any = None
        #: Where the consumer would go on by itself.
        self._stands: tuple[TopicPartition, int] | None = None
        try:
            self._runner.run(self._open(connection, from_offset, from_stamp_ms))
        except BaseException:
            self.close()
            raise

    async def _open(self, connection: KafkaConnection, from_offset: int, from_stamp_ms: int | None) -> None:
        self._consumer = lone_consumer(connection)
        await self._consumer.start()
        places = await partitions_of(self._consumer, [self.topic], "backtest")
        self._consumer.assign(places)
        beginnings = await self._consumer.beginning_offsets(places)
        ends = await self._consumer.end_offsets(places)
        first = {place: from_offset for place in places}
        if from_stamp_ms is not None:
            found = await self._consumer.offsets_for_times(dict.fromkeys(places, from_stamp_ms))
            first = {place: found[place].offset if found.get(place) else ends[place] for place in places}
        #: By partition: the first offset that is read and the one behind the last.
        self.spans = {
            place.partition: (max(first[place], beginnings[place]), ends[place])
            for place in sorted(places, key=lambda place: place.partition)
        }

    @property
    def partitions(self) -> int:
        return len(self.spans)

    def batches(self, partition: int) -> Iterator[Batch]:
        place = TopicPartition(self.topic, partition)
        at, end = self.spans[partition]
        while at < end:
            records, at = self._runner.run(self._next(place, at))
            if records := [record for record in records if record.offset < end]:
                yield decode(records)

    def expected(self) -> int:
        return sum(max(0, end - first) for first, end in self.spans.values())

    def begins(self) -> int:
        """The event time of the earliest first reading of any partition."""
        firsts = []
        for partition in self.spans:
            batches = self.batches(partition)
            rows = (row.time for batch in batches for row in batch.fetch.rows if not row.series.startswith("~"))
            firsts += [time for time in [next(rows, None)] if time is not None]
        return min(firsts, default=0)

    def artefact(self, ref: str) -> bytes | None:
        return self._artefacts.get(ref)

    def close(self) -> None:
        if self._consumer is not None:
            consumer, self._consumer = self._consumer, None
            self._runner.run(consumer.stop())
        self._runner.close()

    async def _next(self, place: TopicPartition, at: int) -> tuple[list[Any], int]:
        """Records from ``at`` on, and where the next ones are; partitions may be read in turns."""
        if self._stands != (place, at):
            self._consumer.assign([place])
            self._consumer.seek(place, at)
        fetched = await self._consumer.getmany(place, timeout_ms=500, max_records=RECORDS)
        records = fetched.get(place, [])
        self._stands = (place, await self._consumer.position(place))
        return records, self._stands[1]


def _artefacts(connection: KafkaConnection) -> Artefacts:
    kept = Artefacts()
    for topic, take in (("config", kept.take_config), ("models", kept.take_model)):
        for record in records_until_now(connection, topic):
            try:
                take(record.key.decode(), record.value)
            except ValueError as error:
                raise PartMissing(f"{topic}:{record.offset}: expected a sound artefact, got: {error}") from error
    return kept
