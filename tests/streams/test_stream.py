"""A hundred listeners of one real server: each is told every change exactly once, also who leaves and comes back."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.alerts.city_parts import MINUTE, T0, finding
from tests.patience import WITHIN_S, eventually
from tests.streams.server_rig import Rig, rig

pytestmark = pytest.mark.kafka

LISTENERS = 100
LEAVERS = 20


@pytest.fixture
async def world(kafka: str, tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(kafka, tmp_path) as made:
        yield made


class Listener:
    """One connection to the stream; ``numbers`` are those of the alarm events, in the order they came."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.numbers: list[int] = []
        self.floods = 0
        self.last: str | None = None
        self._task: asyncio.Task[None] | None = None

    async def join(self) -> None:
        opened = asyncio.Event()
        self._task = asyncio.create_task(self._read(opened))
        await asyncio.wait_for(opened.wait(), WITHIN_S)

    async def leave(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def reached(self) -> int | None:
        """The number of the last alarm event."""
        return self.numbers[-1] if self.numbers else None

    async def _read(self, opened: asyncio.Event) -> None:
        headers = {} if self.last is None else {"last-event-id": self.last}
        async with self._client.stream("GET", "/api/stream", headers=headers, timeout=None) as response:
            name = ""
            async for line in response.aiter_lines():
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("id: "):
                    self.last = line[4:]
                    if name == "alarm":
                        self.numbers.append(int(line[4:]))
                elif not line:
                    name = ""
                    opened.set()
                self.floods += line == "event: flood"


async def test_a_hundred_listeners_are_told_every_change_once_also_who_comes_back(world: Rig) -> None:
    async with world.server() as client:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        async with httpx.AsyncClient(base_url=client.base_url, limits=limits, timeout=30) as many:
            listeners = [Listener(many) for _ in range(LISTENERS)]
            for each in listeners:
                await each.join()
            for number in range(10):
                await world.say(finding(quantity=f"q{number}", subject=f"s{number}", opened=T0 + number * 10 * MINUTE))
            first = listeners[-1]
            await eventually(lambda: len(first.numbers) >= 10, "ten changes heard")
            for each in listeners[:LEAVERS]:
                await each.leave()
            for number in range(10, 20):
                await world.say(finding(quantity=f"q{number}", subject=f"s{number}", opened=T0 + number * 10 * MINUTE))
            for each in listeners[:LEAVERS]:
                await each.join()
            await _quiet(client)
            last = (await client.get("/api/report")).json()
            assert last["findings"] == 20
            await eventually(lambda: len({each.reached() for each in listeners}) == 1, "all at the same number")
            for each in listeners:
                await each.leave()
        told = listeners[-1].numbers
        assert told == sorted(set(told)) and len(told) >= 20
        assert all(each.numbers == told for each in listeners[LEAVERS:])
        for each in listeners[:LEAVERS]:  # a resume may find two changes of one alarm as one, the last of them
            assert each.numbers == sorted(set(each.numbers)) and each.numbers[-1] == told[-1]
            assert set(each.numbers) <= set(told)


async def _quiet(client: httpx.AsyncClient) -> None:
    """Until everything is told to everybody who is owed it."""

    async def settled() -> bool:
        figures = (await client.get("/api/report")).json()
        return bool(figures["findings"] == 20 and figures["due"] == figures["signed_for"])

    await eventually(settled, "all of it signed for")
