"""The people of the played day: sends what they do, each act when city time has come to it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from streams.sources.simulator.desk_acts import Act, DeskDay, filled
from streams.sources.simulator.pacer import Pacer
from streams.sources.simulator.report import SentReport
from streams.sources.simulator.script_lines import ms
from topics.errors import NotKept

#: How often to look whether what an act speaks of is there by now, and for how long (s).
LOOK_S = 0.1
WAIT_S = 20.0


class Desk:
    """Plays ``day`` against the alert server and the intake at these base addresses.

    ``sleep`` waits that many seconds of the wall time the pacer has; ``transport`` is httpx's own by default.
    """

    def __init__(
        self,
        day: DeskDay,
        server: str,
        intake: str,
        pacer: Pacer,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.day = day
        self.bases = {"server": server, "intake": intake}
        self.pacer = pacer
        self.sleep = sleep
        self.transport = transport
        self._words: dict[str, Any] = {}

    async def play(self, report: SentReport) -> None:
        """Do all acts, and count in ``report`` the events they put on topics. Raises ``NotKept`` for one that was
        refused: the file means every act to be possible.
        """
        # Each act has its own connection: a server closes an idle one just when the next act would use it.
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(trust_env=False, timeout=30.0, transport=self.transport, limits=limits) as client:
            for act in self.day.acts:
                self.pacer.hold(ms(act.at))  # what is done at ten is done at ten, however slow the machine
                while self.pacer.city_ms() < ms(act.at):
                    await self.sleep(max(self.pacer.wait_s(ms(act.at)), 0.01))
                await self._do(client, act)
                report.requests += 1
                for domain, number in act.events.items():
                    report.events[domain] += number
        self.pacer.hold(None)

    async def _do(self, client: httpx.AsyncClient, act: Act) -> None:
        base = self.bases[act.door]
        if act.find:
            item = await self._found(client, base + filled(act.find, self._words), act)
            self._words |= {word: item[field] for word, field in act.keep.items()}
        answer = await client.post(base + filled(act.path, self._words), json=filled(act.body, self._words))
        if answer.status_code >= 300 or answer.status_code == 207:
            raise NotKept(f"desk: {act.title.en}: expected it to be taken, got {answer.status_code}: {answer.text}")
        if act.keep and not act.find:
            said = answer.json()
            self._words |= {word: said[field] for word, field in act.keep.items()}

    async def _found(self, client: httpx.AsyncClient, address: str, act: Act) -> dict[str, Any]:
        """The first item of a list, waited for: what it follows from may still be on its way."""
        for _ in range(round(WAIT_S / LOOK_S)):
            items = (await client.get(address)).json().get("items", [])
            if items:
                found: dict[str, Any] = items[0]
                return found
            await self.sleep(LOOK_S)
        raise NotKept(f"desk: {act.title.en}: expected an item at {address} within {WAIT_S:.0f} s, got none")
