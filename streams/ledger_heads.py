"""The head of the ledger, published once a minute where the database's owner cannot reach it, and read back."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import msgspec
import structlog
from aiokafka.errors import KafkaError

from alerts.ledger.chain import head_of
from alerts.store import Store
from streams.log_reading import records_until_now
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.errors import ConfigurationError
from topics.ledger_head import TOPIC, LedgerHead

log = structlog.get_logger(__name__)

EVERY_S = 60.0
#: A cluster that takes longer is away; the next minute's head stands for this one too.
PUT_WITHIN_S = 10.0


class HeadsPublisher:
    """Publishes through ``put`` (topic, key, value)."""

    def __init__(
        self,
        store: Store,
        put: Callable[[str, bytes, bytes], Awaitable[str]],
        wall_ms: Callable[[], int],
        *,
        topic: str = TOPIC,
    ) -> None:
        self._store = store
        self._put = put
        self._wall_ms = wall_ms
        self._topic = topic

    async def run(self) -> None:
        """Publish at once, then every minute, until cancelled."""
        while True:
            await self.publish()
            await asyncio.sleep(EVERY_S)

    async def publish(self) -> LedgerHead | None:
        """What was published; ``None`` where the cluster did not take it, which is logged and no reason to end."""
        head = await asyncio.to_thread(self._read)
        try:
            async with asyncio.timeout(PUT_WITHIN_S):
                await self._put(self._topic, head.store.encode(), encode(head))
        except (KafkaError, TimeoutError) as error:
            log.warning("ledger_head_not_published", sequence=head.sequence, error=repr(error))
            return None
        return head

    def _read(self) -> LedgerHead:
        with self._store.read() as connection:
            head = head_of(connection)
        return LedgerHead(self._store.id, head.sequence, head.hash, self._wall_ms())


def published_heads(connection: KafkaConnection, topic: str = TOPIC) -> Iterator[LedgerHead]:
    """All heads ever published there. Raises ``ConfigurationError`` for a record that is none."""
    for record in records_until_now(connection, topic):
        try:
            yield msgspec.json.decode(record.value or b"", type=LedgerHead)
        except msgspec.MsgspecError as error:
            where = f"{topic}:{record.partition}:{record.offset}"
            raise ConfigurationError(f"{where}: expected a ledger head, got: {error}") from error
