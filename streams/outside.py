"""What comes to the alert server from outside Kafka: alerts over Alertmanager's API, and silences; and their ends."""

import asyncio
from collections.abc import Callable

import sqlalchemy as sa
import structlog

from alerts.alertmanager.parts import Alertmanager

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0


async def keep_ends(parts: Alertmanager, changed: Callable[[], None]) -> None:
    """Close what is not heard of any more and announce what ended silences held back, until cancelled.

    ``changed`` is called in the event loop when a silence has let something go.
    """
    while True:
        try:
            taken = await asyncio.to_thread(parts.external.lapse)
            released = await asyncio.to_thread(parts.silences.settle)
        except sa.exc.OperationalError as error:
            log.error("store_waits", error=str(error.orig))
        else:
            if taken.stored:
                parts.on_taken(taken)
            if released:
                changed()
        await asyncio.sleep(LOOK_EVERY_S)
