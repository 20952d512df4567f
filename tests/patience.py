"""Waiting for a thing itself, for a bounded time; what never comes is an error that says what was waited for."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

WITHIN_S = 100.0
#: How long one rests before one looks again.
LOOK_S = 0.02


async def eventually(ask: Callable[[], Any], what: str, *, within_s: float = WITHIN_S) -> Any:
    """The first true answer of ``ask`` (plain or awaitable) before the deadline."""
    until = time.monotonic() + within_s
    while True:
        answer = ask()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return answer
        assert time.monotonic() < until, f"not within {within_s} s: {what}"
        await asyncio.sleep(LOOK_S)


def at_last(ask: Callable[[], Any], what: str, *, within_s: float = WITHIN_S) -> Any:
    """As ``eventually``, where no loop runs: other processes and threads go on meanwhile."""
    until = time.monotonic() + within_s
    while not (answer := ask()):
        assert time.monotonic() < until, f"not within {within_s} s: {what}"
        time.sleep(LOOK_S)
    return answer


async def until(condition: Callable[[], object], within_s: float = WITHIN_S) -> None:
    """Let the loop run until the condition holds; ``TimeoutError`` where it does not in time."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.001)
