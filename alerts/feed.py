"""Tells those who follow the store that something changed, so that they need not ask. Lives in one event loop."""

import asyncio
import contextlib


class Feed:
    """``wake`` releases everyone who waits; ``wait`` returns at a wake or after a while."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()
        self.closed = False
        #: How often there was something new: whoever has seen this many has seen it all.
        self.wakes = 0

    def wake(self) -> None:
        """The store has something new. Call it in the event loop."""
        self.wakes += 1
        for event in self._waiting:
            event.set()

    def close(self) -> None:
        """The server ends: streams end too, and their pages come back to the next one."""
        self.closed = True
        self.wake()

    async def wait(self, timeout_s: float, known: int | None = None) -> None:
        """Until the next wake, at most this long; at once where ``wakes`` is no longer what is ``known``."""
        if known is not None and known != self.wakes:
            return
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), timeout_s)
        finally:
            self._waiting.discard(event)
