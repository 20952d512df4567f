"""The outbox: delivers what the ledger says is owed, again and again until it is taken or refused for good.

It remembers nothing itself: whatever moment it is killed in, the next one finds in the store what is still
owed. A delivery whose answer was lost is made again; the recipient knows it by its identifier.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Mapping

import structlog

from alerts.ledger import Due, Ledger, Outcome
from alerts.sinks.base import Sink
from topics.errors import DeliveryError

log = structlog.get_logger(__name__)

PARALLEL = 8
FIRST_WAIT_MS = 500
LONGEST_WAIT_MS = 15_000
#: The ledger is asked at least this often, for what has become due meanwhile.
LOOK_EVERY_S = 0.25


class Outbox:
    """Delivers over ``sinks`` (by channel name). ``on_outcome`` is told of each try in the event loop.

    ``broken`` counts sinks that failed in a way no sink should.
    """

    def __init__(
        self,
        ledger: Ledger,
        sinks: Mapping[str, Sink],
        wall_ms: Callable[[], int],
        on_outcome: Callable[[Outcome], None] = lambda _: None,
    ) -> None:
        self._ledger = ledger
        self._sinks = sinks
        self._wall_ms = wall_ms
        self._on_outcome = on_outcome
        self._woken = asyncio.Event()
        self.broken = 0

    def wake(self) -> None:
        """There may be something new to deliver."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled; what is under way then is given up and found in the ledger by the next run."""
        tasks: dict[int, asyncio.Task[None]] = {}
        try:
            while True:
                self._woken.clear()
                free = PARALLEL - len(tasks)
                due = await asyncio.to_thread(self._ledger.due, self._wall_ms(), free, set(tasks)) if free else []
                for each in due:
                    tasks[each.id] = asyncio.create_task(self._deliver(each))
                await self._until_something(tasks)
                tasks = {name: task for name, task in tasks.items() if not _ended(task)}
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)

    async def _until_something(self, tasks: Mapping[int, asyncio.Task[None]]) -> None:
        woken = asyncio.create_task(self._woken.wait())
        try:
            await asyncio.wait([woken, *tasks.values()], timeout=LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await woken

    async def _deliver(self, due: Due) -> None:
        try:
            receipt = await self._sink(due.channel).deliver(due.said)
        except DeliveryError as error:
            outcome = await self._failed(due, str(error), error.status, error.retriable)
        except Exception as error:  # the edge: a broken sink must not take the others with it
            self.broken += 1
            log.exception("sink_broken", channel=due.channel, identifier=due.said.identifier)
            outcome = await self._failed(due, f"{type(error).__name__}: {error}", None, True)
        else:
            now = self._wall_ms()
            await asyncio.to_thread(self._ledger.taken, due.id, receipt, now)
            outcome = Outcome(due.channel, "signed-for" if receipt.signed_by else "delivered", now - due.created)
        self._on_outcome(outcome)

    def _sink(self, channel: str) -> Sink:
        if channel not in self._sinks:
            known = ", ".join(sorted(self._sinks))
            raise DeliveryError(f"channel: expected one of {known}, got {channel!r}", retriable=False)
        return self._sinks[channel]

    async def _failed(self, due: Due, why: str, status: int | None, retriable: bool) -> Outcome:
        now = self._wall_ms()
        next_try = now + wait_ms(due.id, due.attempts + 1) if retriable else None
        log.warning("delivery_failed", identifier=due.said.identifier, why=why, retriable=retriable)
        await asyncio.to_thread(self._ledger.failed, due.id, why, now, status=status, next_try=next_try)
        return Outcome(due.channel, "retrying" if retriable else "dead")


def wait_ms(delivery: int, attempts: int) -> int:
    """How long to wait after this many tries: doubling, bounded, and spread so that not all come back at once."""
    wait = min(LONGEST_WAIT_MS, FIRST_WAIT_MS << min(attempts - 1, 20))
    return round(wait * random.Random(f"{delivery}/{attempts}").uniform(0.8, 1.2))


def _ended(task: asyncio.Task[None]) -> bool:
    """Whether it has ended; raises what it raised (the store failed)."""
    if task.done():
        task.result()
        return True
    return False
