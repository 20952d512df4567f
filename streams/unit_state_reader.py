"""The alert server's reader of unit states: what a unit says of itself, to the desk that suppresses by it."""

import asyncio
from collections.abc import Callable

import msgspec
import sqlalchemy as sa
import structlog

from alerts.desk import Desk
from streams.followers import Follower
from topics.connection import KafkaConnection
from topics.errors import PartMissing
from topics.unit_state import TOPIC, UnitState

log = structlog.get_logger(__name__)

#: How often, in wall time, a missing topic or a store that does not answer is asked for again.
WAIT_S = 1.0
LOOK_EVERY_S = 0.1


class UnitStateReader:
    """Follows the compacted topic; ``changed`` is called when alarms were suppressed or let go.

    A city declared before there was such a topic does without: it is waited for.
    """

    def __init__(
        self, connection: KafkaConnection, desk: Desk, changed: Callable[[], None], *, prefix: str = ""
    ) -> None:
        self._follower = Follower(connection, {prefix + TOPIC: self._take})
        self._desk = desk
        self._changed = changed
        self._waiting: list[UnitState] = []

    async def run(self) -> None:
        """Until cancelled."""
        try:
            await self._begin()
            while True:
                await self._heed()
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            await self._follower.stop()

    async def _begin(self) -> None:
        told = False
        while True:
            try:
                await self._follower.start()
                return
            except PartMissing as error:
                if not told:
                    log.warning("unit_states_wait", error=str(error))
                    told = True
                await asyncio.sleep(WAIT_S)

    def _take(self, key: str, value: bytes | None) -> None:
        if value:
            self._waiting.append(msgspec.json.decode(value, type=UnitState))

    async def _heed(self) -> None:
        while self._waiting:
            try:
                changed = await asyncio.to_thread(self._desk.heed, self._waiting[0])
            except sa.exc.OperationalError as error:
                log.error("store_waits", error=str(error.orig))
                return
            del self._waiting[0]
            if changed:
                self._changed()
