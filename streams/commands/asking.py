"""Running a command's work against a cluster: one clear sentence where there is none, and a clean end on Ctrl-C."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

from aiokafka.errors import KafkaError

from streams.logs import configure_logs
from streams.settings import Settings
from topics.connection import KafkaConnection
from topics.errors import PartMissing
from topics.reachable import require_broker

T = TypeVar("T")


def ask(settings: Settings, work: Coroutine[Any, Any, T]) -> T:
    """Do ``work`` and return what it gives. Raises ``PartMissing`` where the cluster does not answer."""
    configure_logs(settings.log_level)
    return asyncio.run(_answered(settings.kafka, work))


def serve(settings: Settings, work: Coroutine[Any, Any, None]) -> None:
    """Do ``work`` until SIGINT or SIGTERM cancels it, and return once it has cleaned up after itself."""
    configure_logs(settings.log_level)
    asyncio.run(_until_signalled(_answered(settings.kafka, work)))


async def _answered(connection: KafkaConnection, work: Coroutine[Any, Any, T]) -> T:
    try:
        return await work
    except KafkaError as error:
        await asyncio.to_thread(require_broker, connection)  # says in a sentence which address does not answer and why
        raise PartMissing(f"Kafka: expected a cluster that answers at {connection.brokers}, got: {error!r}") from error


async def _until_signalled(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    told = False

    def tell() -> None:
        nonlocal told
        if not told:  # a second signal must not cut the cleaning up short
            told = True
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, tell)
    with contextlib.suppress(asyncio.CancelledError):
        await task
