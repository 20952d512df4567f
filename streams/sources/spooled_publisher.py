"""The broker with a disk spool before it (design D15): what the broker does not keep in time, the spool keeps.

While anything is on the spool, all that is new goes behind it, so that the order of each key holds. What was
under way when the broker fell silent goes to the spool too, in its order, before anything newer. The broker
may have kept some of it after all: such records come twice, never out of order, and readers know repeats.

When the spool is nearly drained, what is new is held back for a moment, neither sent nor spooled, until the
last of it has been kept: else steady input would keep the spool in use for ever.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from functools import partial

import msgspec
import structlog

from streams.sources.base import Headers, Publisher, Record
from streams.sources.spool import Spool
from topics.errors import NotKept

log = structlog.get_logger(__name__)

#: How long the broker may take before the spool takes over; a device waits 10 s (ADSL 5 s) for its answer.
PATIENCE_S = 2.0
RETRY_S = 1.0
WINDOW = 4_000
#: How long stopping waits for a drain under way.
STOP_WITHIN_S = 2.0

#: No topic takes a larger record, and one that the broker never takes would stop the spool for ever.
LARGEST_RECORD = 1_000_000


class _Sent(msgspec.Struct):
    """Records the broker has been given together, or soon will be, and has not yet answered for; ``since`` in
    the loop's seconds.
    """

    records: Sequence[Record]
    kept: "asyncio.Future[None]"
    since: float


class SpooledPublisher:
    """Returns when the broker or the spool has kept a record; raises ``NotKept`` when neither will.

    ``on_spool`` is called with the spool's bytes whenever they may have changed.
    """

    def __init__(
        self,
        broker: Publisher,
        spool: Spool,
        *,
        patience_s: float = PATIENCE_S,
        retry_s: float = RETRY_S,
        on_spool: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.broker = broker
        self.spool = spool
        self.patience_s = patience_s
        self.retry_s = retry_s
        self.on_spool = on_spool
        self._sent: dict[int, _Sent] = {}
        self._number = 0
        self._watch: asyncio.TimerHandle | None = None
        self._drainer: asyncio.Task[None] | None = None
        self._holding = False
        self._asked: set[asyncio.Future[None]] = set()

    @property
    def spooling(self) -> bool:
        """Whether records go to the spool now."""
        return self._drainer is not None

    async def start(self) -> None:
        """Open the spool, and drain what an earlier process left there. Raises ``PartMissing``."""
        self.spool.open()
        if self.spool.bytes:
            self._divert("records of an earlier process are on the spool")

    def publish(self, topic: str, key: str, value: bytes, headers: Headers = ()) -> "asyncio.Future[None]":
        return self.publish_all((Record(topic, key, value, tuple(headers)),))

    def publish_all(self, records: Sequence[Record]) -> "asyncio.Future[None]":
        loop = asyncio.get_running_loop()
        kept: asyncio.Future[None] = loop.create_future()
        for record in records:
            if len(record.value) > LARGEST_RECORD:
                kept.set_exception(
                    NotKept(f"{record.topic}: expected at most {LARGEST_RECORD} bytes, got {len(record.value)}")
                )
                return kept
        if self.spooling and not self._holding:
            self._spool(records, kept)
            self.on_spool(self.spool.bytes)
            return kept
        sent = _Sent(records, kept, loop.time())
        self._sent[self._number] = sent
        if not self._holding:
            self._begin(self._number, sent)
        self._number += 1
        if self._watch is None:
            self._watch = loop.call_at(sent.since + self.patience_s, self._look)
        return kept

    async def stop(self) -> None:
        """Close the spool once the disk has all it was given. What is not drained by then is drained next time."""
        if self._drainer is not None:
            await asyncio.wait({self._drainer}, timeout=STOP_WITHIN_S)
        for task in (*self._asked, self._drainer):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        if self._watch is not None:
            self._watch.cancel()
        for sent in self._sent.values():
            if not sent.kept.done():
                sent.kept.set_exception(NotKept(f"{sent.records[0].topic}: the publisher has stopped"))
        self._sent.clear()
        await self.spool.close()

    def _begin(self, number: int, sent: _Sent) -> None:
        asked = asyncio.ensure_future(self.broker.publish_all(sent.records))
        self._asked.add(asked)
        asked.add_done_callback(partial(self._answered, number, sent))

    def _answered(self, number: int, sent: _Sent, asked: "asyncio.Future[None]") -> None:
        self._asked.discard(asked)
        if asked.cancelled():  # we are stopping, and whoever waits is told so by ``stop``
            return
        error = asked.exception()
        if isinstance(error, NotKept):
            if number in self._sent:
                self._divert(str(error))
            return
        self._sent.pop(number, None)
        if sent.kept.done():
            return
        if error is not None:  # no publisher raises anything else; whoever waits must not do so for ever
            sent.kept.set_exception(error)
        else:
            sent.kept.set_result(None)

    def _look(self) -> None:
        """Called when the oldest unanswered record may have waited for too long."""
        loop, self._watch = asyncio.get_running_loop(), None
        if not self._sent:
            return
        due = next(iter(self._sent.values())).since + self.patience_s
        if loop.time() >= due:
            self._divert(f"the broker has not answered for {self.patience_s:g} s")
        else:
            self._watch = loop.call_at(due, self._look)

    def _divert(self, why: str) -> None:
        """From here on the spool comes first: move to it what is under way, in order, and begin to drain."""
        self._holding = False
        if self._drainer is None:
            log.warning("spool_takes_over", why=why)
            self._drainer = asyncio.create_task(self._drain(), name="spool-drain")
        for sent in self._sent.values():
            self._spool(sent.records, sent.kept)
        self._sent.clear()
        self.on_spool(self.spool.bytes)

    async def _drain(self) -> None:
        drained = 0
        while True:
            records = await self.spool.peek(WINDOW)
            if records:
                self._holding = self._holding or len(records) < WINDOW
                if await self._publish_all(records):
                    await self.spool.drop()
                    drained += len(records)
                    self.on_spool(self.spool.bytes)
                else:
                    self._divert("the broker went away again")
                    await asyncio.sleep(self.retry_s)
            elif self.spool.bytes:
                await self.spool.settle()
            else:  # no await since the spool was seen to be empty: nothing can have come behind it
                log.info("spool_drained", records=drained)
                self._drainer = None
                self._holding = False
                for number, sent in self._sent.items():
                    self._begin(number, sent)
                return

    def _spool(self, records: Sequence[Record], kept: "asyncio.Future[None]") -> None:
        """Put records on the spool; ``kept`` is done when the disk has them all, or fails with the first it has not."""
        waiting = _Together(len(records), kept)
        for record in records:
            self.spool.append(record).add_done_callback(waiting.answered)

    async def _publish_all(self, records: list[Record]) -> bool:
        """Whether the broker has kept them all; if not, all are tried again."""
        (failed,) = await asyncio.gather(self.broker.publish_all(records), return_exceptions=True)
        if failed is not None:
            log.warning("spool_waits", records=len(records), error=str(failed))
        return failed is None


class _Together:
    """Hands the spool's answers for several records to the one who waits for all of them."""

    __slots__ = ("kept", "left")

    def __init__(self, left: int, kept: "asyncio.Future[None]") -> None:
        self.left = left
        self.kept = kept

    def answered(self, spooled: "asyncio.Future[None]") -> None:
        error = None if spooled.cancelled() else spooled.exception()
        self.left -= 1
        if self.kept.done():
            return
        if error is not None:
            self.kept.set_exception(error)
        elif not self.left:
            self.kept.set_result(None)
