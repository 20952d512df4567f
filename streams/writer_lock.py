"""The alert server's turn: it waits until it is the one writer of the store, and ends when it is no longer."""

import asyncio
import time
from collections.abc import Callable

import structlog

from alerts.single_writer import SingleWriter
from topics.errors import PartMissing

log = structlog.get_logger(__name__)

ASK_EVERY_S = 1.0


def writer_of(store_url: str) -> SingleWriter | None:
    """The lock of a PostgreSQL store; SQLite is one machine's, where the server's port keeps a second one out."""
    return None if store_url.startswith("sqlite") else SingleWriter(store_url)


def take_turn(writer: SingleWriter, *, standby: bool, stopped: Callable[[], bool]) -> bool:
    """Become the writer. Without ``standby`` raises ``PartMissing`` where another server is it, or no database answers;
    with it waits for both, and gives False where it was ``stopped`` first.
    """
    waiting = ""
    while not stopped():
        try:
            if writer.take():
                return True
            reason = "another server writes it"
        except PartMissing as error:
            if not standby:
                raise
            reason = str(error)
        if not standby:
            raise PartMissing("store: expected to be its only writer (server_standby = false), got: " + reason)
        if reason != waiting:
            log.info("standing_by", reason=reason)
            waiting = reason
        time.sleep(ASK_EVERY_S)
    return False


async def watch_turn(writer: SingleWriter) -> None:
    """Ask each second; raises ``PartMissing`` once this is no longer the writer, so that the server ends."""
    while True:
        if not await asyncio.to_thread(writer.held):
            break
        await asyncio.sleep(ASK_EVERY_S)
    raise PartMissing("store: expected to stay its only writer, got a lost connection; another server may have it now")
