"""The Kafka clients of the worker, each with the settings its job needs and the reason for them."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka.errors import ProducerFenced

from streams.tidy_clients import TidyConsumer, TidyProducer
from topics.connection import KafkaConnection

#: A restarted worker waits this long for its partitions: the broker must first see that the old one is gone.
SESSION_TIMEOUT_MS = 6_000
HEARTBEAT_MS = 1_000
REBALANCE_TIMEOUT_MS = 10_000

#: Beyond the largest record of the catalogue (a model of 8 MiB).
LARGEST_REQUEST = 9 * 1_048_576

#: While a broker is away the clients say so a hundred times a second; each sentence is let through once in this time.
SELDOM_S = 10.0

log = structlog.get_logger(__name__)

#: Clients that are still closing; asyncio itself would forget such a task in the midst of it.
_CLOSING: set[asyncio.Future[None]] = set()


@dataclass(frozen=True, slots=True)
class Membership:
    """How a worker belongs to its groups. A ``name`` of its own (static membership, KIP-345) lets it come back within
    ``session_ms`` to the partitions it had, without a rebalance; without one it leaves when it ends.
    """

    name: str = ""
    session_ms: int = SESSION_TIMEOUT_MS


#: A worker without a fixed name.
UNNAMED = Membership()


def group_consumer(
    connection: KafkaConnection,
    group: str | None,
    *,
    fetch_bytes: int = 2 * 1_048_576,
    wait_ms: int = 500,
    gathered_bytes: int = 1,
    membership: Membership = UNNAMED,
) -> Any:
    """A member of a consumer group that commits only what it is told to; unsubscribed, not started.

    With ``None`` it belongs to no group and gets all partitions. A fetch of partitions that have nothing new is
    given up after ``wait_ms``; until then nothing else can be asked of that broker. It is answered once there are
    ``gathered_bytes``: with 1 as soon as there is anything, and under load it fills by itself.
    """
    return TidyConsumer(
        **connection.for_aiokafka(),
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        group_instance_id=membership.name or None,
        session_timeout_ms=membership.session_ms,
        heartbeat_interval_ms=HEARTBEAT_MS,
        rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
        max_partition_fetch_bytes=fetch_bytes,
        fetch_min_bytes=gathered_bytes,
        fetch_max_wait_ms=wait_ms,
        # The broker's checksum was verified when it took the batch; TCP has its own.
        check_crcs=False,
    )


def lone_consumer(connection: KafkaConnection, *, committed_only: bool = False) -> Any:
    """A consumer outside any group that is assigned its partitions by hand; not started."""
    return TidyConsumer(
        **connection.for_aiokafka(),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed" if committed_only else "read_uncommitted",
        max_partition_fetch_bytes=LARGEST_REQUEST,
    )


def sure_producer(connection: KafkaConnection) -> Any:
    """A producer whose acknowledgement means kept: all replicas, idempotent; not started."""
    return TidyProducer(
        **connection.for_aiokafka(),
        acks="all",
        enable_idempotence=True,
        # A few ms gather a batch; the latency promise is a quarter of a second.
        linger_ms=2,
        max_batch_size=131_072,
        max_request_size=LARGEST_REQUEST,
    )


def fenced_producer(connection: KafkaConnection, transactional_id: str) -> Any:
    """A producer of which only the newest of one id may write: starting it fences all before it; not started."""
    return TidyProducer(
        **connection.for_aiokafka(),
        transactional_id=transactional_id,
        # The longest a killed worker's open transaction can keep readers of the state waiting.
        transaction_timeout_ms=30_000,
        max_batch_size=1_048_576,
        max_request_size=2 * 1_048_576,
    )


async def close_within(client: Any, seconds: float) -> None:
    """Close a producer or consumer, and return after ``seconds`` at the latest.

    A client whose broker is away closes for as long as that lasts; it goes on behind our back and ends
    with the process. Never raises for what the client says as it goes.
    """
    closing = asyncio.ensure_future(client.stop())
    _CLOSING.add(closing)
    closing.add_done_callback(_closed)
    await asyncio.wait([closing], timeout=seconds)


def _closed(closing: "asyncio.Future[None]") -> None:
    _CLOSING.discard(closing)
    if not closing.cancelled() and (error := closing.exception()) is not None:
        log.warning("close_failed", error=repr(error))


def quiet_fences(loop: asyncio.AbstractEventLoop) -> None:
    """Keep asyncio from printing the futures that a fenced producer leaves behind.

    aiokafka fails several for each fence that nobody can ask for. Whoever wrote has been told by a send
    or a commit already; tracebacks in the log would say that something is wrong where the fence works.
    """

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if isinstance(context.get("exception"), ProducerFenced) and "never retrieved" in context["message"]:
            return
        loop.default_exception_handler(context)

    loop.set_exception_handler(handle)


class Seldom(logging.Filter):
    """Lets each warning or error (its words, whatever the values in it) through once in ``SELDOM_S``."""

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[object, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is told: all below a warning, and a warning that was not told lately."""
        if record.levelno < logging.WARNING:
            return True
        if record.created - self._told.get(record.msg, float("-inf")) < SELDOM_S:
            return False
        self._told[record.msg] = record.created
        return True


def complain_seldom() -> None:
    """Put ``Seldom`` before everything that aiokafka's modules say in this process."""
    seldom = Seldom()
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "aiokafka":
            logging.getLogger(name).addFilter(seldom)
