"""Puts what declarations say on their topics, in order, each until the broker has kept it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import sqlalchemy as sa
import structlog
from aiokafka.errors import KafkaError

from alerts.declarations import tables
from alerts.store import Store

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0
RETRY_S = 2.0
AT_ONCE = 100


class DeclarationWords:
    """Publishes through ``put`` (topic, key, value); what was sent before a crash may be sent again, under its id."""

    def __init__(
        self,
        store: Store,
        put: Callable[[str, bytes, bytes], Awaitable[object]],
        wall_ms: Callable[[], int],
        *,
        prefix: str = "",
    ) -> None:
        self._store = store
        self._put = put
        self._wall_ms = wall_ms
        self._prefix = prefix

    async def run(self) -> None:
        """Publish until cancelled. A cluster or a store that is away is waited for."""
        while True:
            try:
                published = await self.publish()
            except (KafkaError, sa.exc.OperationalError) as error:
                log.warning("declarations_wait", error=repr(error))
                await asyncio.sleep(RETRY_S)
                continue
            if not published:
                await asyncio.sleep(LOOK_EVERY_S)

    async def publish(self) -> int:
        """Publish what is there now; how many. Raises a ``KafkaError`` for one that was not kept: it comes first next
        time."""
        rows = await asyncio.to_thread(self._unsaid)
        for row in rows:
            await self._put(self._prefix + row.topic, row.key.encode(), row.body.encode())
            await asyncio.to_thread(self._kept, row.id)
        return len(rows)

    def _unsaid(self) -> list[Any]:
        table = tables.declaration_word.c
        asked = sa.select(table.id, table.topic, table.key, table.body).where(table.kept.is_(None))
        with self._store.read() as connection:
            return list(connection.execute(asked.order_by(table.id).limit(AT_ONCE)).all())

    def _kept(self, line: int) -> None:
        table = tables.declaration_word
        done = sa.update(table).where(table.c.id == line).values(kept=self._wall_ms())
        self._store.write(lambda connection: connection.execute(done))
