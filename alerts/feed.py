"""Tells the pages that something changed, so that they need not ask. Lives in one event loop."""

import asyncio
import contextlib


class Feed:
    """``wake`` releases everyone who waits; ``wait`` returns at a wake or after a while."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()
        self.closed = False

    def wake(self) -> None:
        """The store has something new. Call it in the event loop."""
        for event in self._waiting:
            event.set()

    def close(self) -> None:
        """The server ends: streams end too, and their pages come back to the next one."""
        self.closed = True
        self.wake()

    async def wait(self, timeout_s: float) -> None:
        """Until the next wake, at most this long."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), timeout_s)
        finally:
            self._waiting.discard(event)
