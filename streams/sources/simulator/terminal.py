"""A simulated vehicle's terminal: JT/T 808 over TCP, begun anew when the line was lost, as one in the field does."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import groupby

from streams.sources.jt808.client import TerminalClient
from streams.sources.jt808.location import Location
from topics.errors import NotKept
from topics.positions import Position

#: How long it tries before it gives up (s): longer than a broker's restart.
KEEP_TRYING_S = 90.0
#: Positions in one message: what fits into a body of 1023 bytes.
A_MESSAGE = 30


class Terminal:
    """The terminal with this number in the vehicle with this plate; it connects when it first has something to say."""

    def __init__(self, host: str, port: int, phone: str, plate: str) -> None:
        self.host = host
        self.port = port
        self.phone = phone
        self.plate = plate
        self._client: TerminalClient | None = None

    async def deliver(self, told: Sequence[Position]) -> int:
        """Report these in order; returns how often it had to begin anew. Raises ``NotKept``."""
        until = asyncio.get_running_loop().time() + KEEP_TRYING_S
        again = 0
        for kept, positions in _messages(told):
            while True:
                try:
                    client = await self._ready()
                    await client.report([_location(each) for each in positions], kept=kept)
                    break
                except (OSError, NotKept) as error:
                    await self.close()
                    if asyncio.get_running_loop().time() > until:
                        raise NotKept(
                            f"terminal {self.phone}: expected its positions to be taken, got {error}"
                        ) from error
                    again += 1
                    await asyncio.sleep(0.2)
        return again

    async def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.close()

    async def _ready(self) -> TerminalClient:
        if self._client is None:
            client = TerminalClient(self.host, self.port, self.phone, self.plate)
            await client.connect()
            self._client = client
            await client.begin()
        return self._client


def _messages(told: Sequence[Position]) -> Iterator[tuple[bool, list[Position]]]:
    """What goes into one message: positions kept without a network apart from the others, so many at most."""
    for kept, run in groupby(told, key=lambda each: each.resent):
        positions = list(run)
        for first in range(0, len(positions), A_MESSAGE):
            yield kept, positions[first : first + A_MESSAGE]


def _location(told: Position) -> Location:
    return Location(told.time, told.lat, told.lon, speed_kmh=told.speed_kmh or 0.0, located=told.located)
