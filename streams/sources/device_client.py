"""The device's side of a TCP gateway: connects, sends bytes, hangs up. For the simulator and for tests."""

import asyncio
import contextlib
from typing import Self


class DeviceLine:
    """One device's connection to a gateway; a member says what it sends and how it reads an answer."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def connect(self) -> None:
        """Raises ``OSError`` if nobody listens."""
        self._reader, self._writer = await asyncio.open_connection(self.host, self.port)

    async def send(self, data: bytes) -> None:
        """Write bytes and wait for no answer."""
        assert self._writer is not None, "connect first"
        self._writer.write(data)
        await self._writer.drain()

    async def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()
            self._writer = None

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
