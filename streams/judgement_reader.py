"""The alert server's reader of judgements: every version from the topic into the store."""

import asyncio

import msgspec
import sqlalchemy as sa
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from alerts.judgements.board import Board
from alerts.tickets.desk import Tickets
from streams.clients import lone_consumer
from streams.partitions import partitions_of
from topics.connection import KafkaConnection
from topics.judgement import TOPIC, Judgement

log = structlog.get_logger(__name__)

WAIT_S = 1.0


class JudgementReader:
    """Reads on from where the store says it has come to; what is no judgement is logged and counted."""

    def __init__(
        self, connection: KafkaConnection, board: Board, tickets: Tickets | None = None, *, topic: str = TOPIC
    ) -> None:
        self.connection = connection
        self.board = board
        self.tickets = tickets
        self.topic = topic
        self.refused = 0

    async def run(self) -> None:
        """Until cancelled."""
        consumer = lone_consumer(self.connection)
        await consumer.start()
        try:
            await partitions_of(consumer, [self.topic], "server")
            place = TopicPartition(self.topic, 0)
            consumer.assign([place])
            end = (await consumer.end_offsets([place]))[place]
            at = await asyncio.to_thread(self.board.next_offset, self.topic)
            consumer.seek(place, at if at <= end else 0)  # beyond its end: the topic was made anew
            while True:
                try:
                    fetched = await consumer.getmany(timeout_ms=500, max_records=1_000)
                except KafkaError as error:  # the client goes on by itself once the broker is back
                    log.warning("judgements_wait", error=str(error))
                    await asyncio.sleep(WAIT_S)
                    continue
                for records in fetched.values():
                    await self._take([(record.offset, record.value) for record in records])
        finally:
            await consumer.stop()

    async def _take(self, records: list[tuple[int, bytes | None]]) -> None:
        versions = []
        for offset, value in records:
            try:
                if value is not None:  # forgotten by the judge, kept by the store
                    versions.append(msgspec.json.decode(value, type=Judgement))
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                self.refused += 1
                log.warning("judgement_refused", offset=offset, error=str(error))
        while records:
            try:
                # Tickets first: what is issued twice is issued once, and what is not read on is read again.
                if self.tickets is not None:
                    await asyncio.to_thread(self.tickets.judged, versions)
                await asyncio.to_thread(self.board.take, versions, self.topic, records[-1][0] + 1)
                return
            except sa.exc.OperationalError as error:
                log.error("store_waits", error=str(error.orig))
                await asyncio.sleep(WAIT_S)
