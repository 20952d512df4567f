"""The worker's one way out: findings, dead letters and unregistered readings, with count of what is not yet kept."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from aiokafka.errors import KafkaError

from streams.batch import Judged, Record
from streams.clients import close_within, sure_producer
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.dead_letter import TOPIC as DEAD_LETTERS
from topics.dead_letter import DeadLetter, to_headers
from topics.errors import NotKept
from topics.finding import Finding
from topics.shadow import SHADOW_FINDINGS

FINDINGS = "findings"
UNREGISTERED = "unregistered"

#: More than this many messages on their way: reading waits, so memory is bounded while the broker is away.
MOST_PENDING = 20_000

#: How long a close may wait for a broker that is away.
CLOSE_WITHIN_S = 1.0

#: How often a broker that is away is asked for a fresh producer.
RETRY_S = 1.0

#: The site under which a gateway files a device that nobody has registered: then the device is the key.
UNKNOWN_SITE = b"unknown"

log = structlog.get_logger(__name__)


class Outlet:
    """Sends, and knows which sends are not acknowledged.

    Once a send has failed ``failed`` is true and stays so until ``restart``: the messages behind it are
    repeated by judging again from the last snapshot, so a gap can never be committed past.
    ``by`` names this worker in the dead letters; ``now_ms`` gives the wall time.
    """

    def __init__(self, connection: KafkaConnection, by: str, now_ms: Callable[[], int]) -> None:
        self.connection = connection
        self.by = by
        self.now_ms = now_ms
        self.failed = False
        self.sent = 0
        #: Grows with each restart: what was judged under an older one is not to be relied on.
        self.generation = 0
        self._pending: set[asyncio.Future[Any]] = set()
        self._producer: Any = None
        self._stopped = False

    async def start(self) -> None:
        """Raises a ``KafkaError`` if no broker answers."""
        producer = sure_producer(self.connection)
        try:
            await producer.start()
        except BaseException:
            await close_within(producer, CLOSE_WITHIN_S)
            raise
        self._producer = producer
        self.failed = False

    async def stop(self) -> None:
        """Send what is on its way, then close; a broker that is away is not waited for.

        What is not kept then was not committed either, and is judged again by the next owner.
        """
        self._stopped = True
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await close_within(producer, CLOSE_WITHIN_S)

    async def restart(self) -> None:
        """A fresh producer after a failed send; what was pending is given up here and judged again.

        Returns once a broker answers, or when this is stopped.
        """
        old, self._producer = self._producer, None
        self.generation += 1
        self._pending.clear()
        if old is not None:
            await close_within(old, CLOSE_WITHIN_S)
        while not self._stopped:
            try:
                return await self.start()
            except KafkaError as error:
                log.warning("outlet_waits", error=repr(error))
                await asyncio.sleep(RETRY_S)

    @property
    def pending(self) -> int:
        """Messages handed over and not acknowledged yet."""
        return len(self._pending)

    async def put(self, topic: str, partition: int, judged: Judged) -> None:
        """Hand everything to the producer in order; returns before it is acknowledged (see ``settle``).

        Raises ``NotKept`` if a send fails at once.
        """
        for finding in judged.findings:
            await self.finding(finding)
        for word in judged.shadow:
            await self.send(SHADOW_FINDINGS, word.run.encode(), encode(word))
        for record, reason, detail in judged.refused:
            await self.dead_letter(record, topic, partition, reason, detail)
        for record, reason, series in judged.unregistered:
            await self._unregistered(record, topic, partition, reason, series)
        if self.pending > MOST_PENDING:
            await self.settle()

    async def finding(self, finding: Finding) -> None:
        """Hand over one finding; see ``put``."""
        await self.send(FINDINGS, finding.alarm_key.encode(), encode(finding))

    async def dead_letter(self, record: Record, topic: str, partition: int, reason: str, detail: str) -> None:
        """Hand over a record that was refused, with where it lay and why; see ``put``."""
        letter = DeadLetter(topic, partition, record.offset, reason, detail, self.by, self.now_ms())
        await self.send(DEAD_LETTERS, record.key, record.value, to_headers(letter))

    async def _unregistered(self, record: Record, topic: str, partition: int, reason: str, series: str) -> None:
        site, device, *_ = series.encode().split(b"/")
        key = site if reason == "unknown_site" and site != UNKNOWN_SITE else device
        texts = {"topic": topic, "partition": partition, "offset": record.offset, "reason": reason}
        await self.send(UNREGISTERED, key, record.value, [(name, str(text).encode()) for name, text in texts.items()])

    async def send(
        self, topic: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]] | None = None
    ) -> None:
        """Hand one message to the producer. Raises ``NotKept`` if it is refused at once."""
        if self.failed:
            raise NotKept(f"{topic}: expected the messages before to be kept, got a failed send")
        try:
            future = await self._producer.send(topic, value, key=key, headers=headers)
        except Exception as error:  # a client's edge: whatever it raises, the message is not kept
            self.failed = True
            raise NotKept(f"{topic}: {error!r}") from error
        self._pending.add(future)
        self.sent += 1
        future.add_done_callback(partial(self._done, self.generation))

    def _done(self, generation: int, future: "asyncio.Future[Any]") -> None:
        self._pending.discard(future)
        error = "cancelled" if future.cancelled() else future.exception()
        if error is not None and generation == self.generation:
            if not self.failed:
                log.error("send_failed", error=repr(error))
            self.failed = True

    async def settle(self, generation: int | None = None) -> None:
        """Return once all that has been handed over up to now is acknowledged.

        Raises ``NotKept`` if any of it failed, or if the producer is no longer the one of ``generation``.
        Cancelling this does not cancel the sends.
        """
        if waiting := set(self._pending):
            await asyncio.wait(waiting)
        if self.failed or (generation is not None and generation != self.generation):
            raise NotKept("expected every message to be acknowledged, got a failed send")
