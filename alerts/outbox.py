"""The outbox: delivers what the ledger says is owed, again and again until it is taken or refused for good.

It remembers nothing itself: whatever moment it is killed in, the next one finds in the store what is still
owed. A delivery whose answer was lost is made again; the recipient knows it by its identifier.
"""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import structlog

from alerts.flood.digests import Digest, Digests
from alerts.ledger import Due, Ledger, Tried
from alerts.sinks.base import Sink
from topics.errors import DeliveryError

log = structlog.get_logger(__name__)

PARALLEL = 16
FIRST_WAIT_MS = 500
LONGEST_WAIT_MS = 15_000
#: The ledger is asked at least this often, for what has become due meanwhile.
LOOK_EVERY_S = 0.25


class Outbox:
    """Delivers over ``sinks`` (by channel name). ``on_tried`` is told in the event loop of each try, once it is
    written down. ``digests`` joins what waited in a flood. ``broken`` counts sinks that failed in a way no sink should.
    """

    def __init__(
        self,
        ledger: Ledger,
        sinks: Mapping[str, Sink],
        wall_ms: Callable[[], int],
        on_tried: Callable[[Tried], None] = lambda _: None,
        digests: Digests | None = None,
    ) -> None:
        self._ledger = ledger
        self._sinks = sinks
        self._wall_ms = wall_ms
        self._on_tried = on_tried
        self._digests = digests
        self._sending: dict[int, asyncio.Task[list[Tried]]] = {}
        self._woken = asyncio.Event()
        self.broken = 0

    def wake(self) -> None:
        """There may be something new to deliver."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled; what is under way then is given up and found in the ledger by the next run.

        What has ended is written down beside the next deliveries, not before them: the store may be busy, and the
        worst must not wait for receipts.
        """
        under_way: dict[int, asyncio.Task[Tried]] = {}
        writing: asyncio.Task[None] | None = None
        try:
            while True:
                self._woken.clear()
                if writing is not None and writing.done():
                    writing.result()
                    writing = None
                if writing is None and (ended := self._ended(under_way)):
                    writing = asyncio.create_task(self._write_down(under_way, *ended))
                if free := PARALLEL - sum(not task.done() for task in under_way.values()):
                    due = await asyncio.to_thread(self._ledger.due, self._wall_ms(), free, list(under_way))
                    under_way |= {each.id: asyncio.create_task(self._try(each)) for each in due}
                await self._send_digests(list(under_way))
                running = [task for task in self._tasks(under_way) if not task.done()]
                await self._until_something([*running, *([] if writing is None else [writing])])
        finally:
            tasks = [*self._tasks(under_way), *([] if writing is None else [writing])]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _tasks(self, under_way: Mapping[int, asyncio.Task[Tried]]) -> list["asyncio.Task[Any]"]:
        return [*under_way.values(), *self._sending.values()]

    def _ended(self, under_way: Mapping[int, asyncio.Task[Tried]]) -> tuple[list[int], list[int]] | None:
        """The deliveries and digests that have ended since they were last written down."""
        alone = [number for number, task in under_way.items() if task.done()]
        joined = [number for number, task in self._sending.items() if task.done()]
        return (alone, joined) if alone or joined else None

    async def _write_down(self, under_way: dict[int, asyncio.Task[Tried]], alone: list[int], joined: list[int]) -> None:
        """These, in one transaction; until then they count as under way, so that none is made twice."""
        tries = [under_way[number].result() for number in alone]
        tries += [tried for number in joined for tried in self._sending[number].result()]
        if tries:
            await asyncio.to_thread(self._ledger.record, tries)
        for number in alone:
            del under_way[number]
        for number in joined:
            del self._sending[number]
        for tried in tries:
            self._on_tried(tried)
        self._woken.set()  # what waited for one of these may go now

    async def _send_digests(self, alone: list[int]) -> None:
        if self._digests is not None:
            due = await asyncio.to_thread(self._digests.due, self._wall_ms(), list(self._sending), alone)
            self._sending |= {each.id: asyncio.create_task(self._try_joined(each)) for each in due}

    async def _until_something(self, tasks: Sequence["asyncio.Task[Any]"]) -> None:
        woken = asyncio.create_task(self._woken.wait())
        try:
            await asyncio.wait([woken, *tasks], timeout=LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            await asyncio.wait([woken])  # never swallows our own cancellation, as suppressing its error would

    async def _try(self, due: Due) -> Tried:
        began = time.monotonic()
        try:
            receipt = await self._sink(due.channel).deliver(due.said)
        except DeliveryError as error:
            return self._failed(due, began, error)
        except Exception as error:  # the edge: a broken sink must not take the others with it
            self.broken += 1
            log.exception("sink_broken", channel=due.channel, identifier=due.said.identifier)
            return self._failed(due, began, DeliveryError(f"{type(error).__name__}: {error}", retriable=True))
        return Tried(due, self._wall_ms(), receipt, took_ms=_since(began))

    async def _try_joined(self, digest: Digest) -> list[Tried]:
        """One message for several deliveries: what came of it came of each of them. One that is refused for good says
        nothing of its parts, so these go one by one from then on.
        """
        first = digest.deliveries[0]
        whole = await self._try(msgspec.structs.replace(first, said=digest.said))
        if whole.status == "dead" and self._digests is not None:
            await asyncio.to_thread(self._digests.refuse, digest.id)
            whole = msgspec.structs.replace(whole, next_try=whole.wall_ms, why=f"{digest.said.identifier}: {whole.why}")
        return [msgspec.structs.replace(whole, due=each) for each in digest.deliveries]

    def _sink(self, channel: str) -> Sink:
        if channel not in self._sinks:
            known = ", ".join(sorted(self._sinks))
            raise DeliveryError(f"channel: expected one of {known}, got {channel!r}", retriable=False)
        return self._sinks[channel]

    def _failed(self, due: Due, began: float, error: DeliveryError) -> Tried:
        """Tried again after our own wait or the one the recipient asks for, whichever is longer; never if dead."""
        now, why = self._wall_ms(), str(error)
        log.warning("delivery_failed", identifier=due.said.identifier, why=why, retriable=error.retriable)
        wait = max(wait_ms(due.id, due.attempts + 1), round(1000 * (error.retry_after_s or 0)))
        next_try = now + wait if error.retriable else None
        return Tried(due, now, None, why, error.status, next_try, _since(began))


def _since(began: float) -> int:
    """Milliseconds since then, on the clock that only moves forward."""
    return round(1000 * (time.monotonic() - began))


def wait_ms(delivery: int, attempts: int) -> int:
    """How long to wait after this many tries: doubling, bounded, and spread so that not all come back at once."""
    wait = min(LONGEST_WAIT_MS, FIRST_WAIT_MS << min(attempts - 1, 20))
    return round(wait * random.Random(f"{delivery}/{attempts}").uniform(0.8, 1.2))
