"""Readings as lines of JSON over TCP, the worked example of a source: ask where each belongs, acknowledge what is kept.

A sender is answered line by line: ``ok``, what was wrong with it, or ``again`` where it was not kept.
"""

import asyncio
from collections.abc import Callable
from typing import ClassVar

import msgspec

from streams.sources.base import Publisher, Source
from streams.sources.intake_items import Refused
from streams.sources.intake_messages import City, reading_item
from topics.errors import NotKept, PartMissing


class LinesSource(Source):
    """``city`` says which series are known; ``port`` 0 is any free one; ``now_ms`` gives the wall time (ms UTC)."""

    name: ClassVar[str] = "lines"

    def __init__(self, city: City, now_ms: Callable[[], int], *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.city = city
        self.host = host
        self.port = port
        self._now_ms = now_ms
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def start(self, publisher: Publisher) -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            me = asyncio.current_task()
            assert me is not None, "a connection is talked to in a task of its own"
            self._talks.add(me)
            try:
                while line := await reader.readline():
                    writer.write(f"{await self._take(publisher, line)}\n".encode())
                    await writer.drain()
            except (ConnectionError, ValueError):  # it hung up, or sent a line longer than the reader takes
                return
            finally:
                writer.close()
                self._talks.discard(me)

        try:
            self._server = await asyncio.start_server(talk, self.host, self.port)
        except OSError as error:
            raise PartMissing(f"lines: expected port {self.port} to be free: {error.strerror}") from error
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for talk in tuple(self._talks):  # what was not kept by then was not acknowledged: its sender has it still
            talk.cancel()
            await asyncio.wait([talk])

    async def _take(self, publisher: Publisher, line: bytes) -> str:
        """What is answered to one line."""
        try:
            record, _ = reading_item(msgspec.json.decode(line), self.city, self._now_ms())
            await publisher.publish(record.topic, record.key, record.value, record.headers)
        except Refused as refused:
            return f"{refused.where}: expected {refused.required}, got {refused.got}"
        except msgspec.DecodeError as error:
            return f"expected one JSON object a line: {error}"
        except NotKept:
            return "again"
        return "ok"
