"""The real doors: HJ 212 over TCP to the gateway, HTTP to the intake, and the broker itself.

Each keeps at it while a sender in the field would: a device repeats a frame that was not answered, a client
obeys Retry-After, a producer repeats until acks=all. What still cannot be kept raises ``NotKept``.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import httpx
import msgspec
from aiokafka.errors import KafkaError
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_exponential

from streams.clients import sure_producer
from streams.sources.hj212.client import DeviceClient
from streams.sources.simulator.terminal import Terminal
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.errors import NotKept
from topics.events import Event
from topics.kitchen_events import Kitchen
from topics.positions import Position, Told
from topics.reading import Reading

#: How long a door tries before it gives up (s): longer than a broker's restart.
KEEP_TRYING_S = 90.0

#: How long a device waits for its answers before it sends again what was not answered (s).
ANSWER_S = 10.0

_QN = re.compile(rb"QN=(\d{17})")


class Device:
    """One device's connection, opened when it first speaks and again when it was lost."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self._client: DeviceClient | None = None
        self._lock = asyncio.Lock()

    async def deliver(self, frames: Sequence[bytes]) -> int:
        """Send frames one behind the other, then wait for an answer to each; returns how many were sent again."""
        waiting = {_qn(frame): frame for frame in frames}
        tries = 0
        again = 0
        async with self._lock:
            until = asyncio.get_running_loop().time() + KEEP_TRYING_S
            while waiting:
                if tries and asyncio.get_running_loop().time() > until:
                    raise NotKept(
                        f"device: expected answers from {self.host}:{self.port}, got none to {len(waiting)} frames"
                    )
                again += len(waiting) if tries else 0
                tries += 1
                await self._round(waiting)
        return again

    async def _round(self, waiting: dict[bytes, bytes]) -> None:
        """One try: send all that waits, take off what is answered."""
        try:
            client = await self._connected()
            await client.send(b"".join(waiting.values()))
            while waiting:
                answer = await client.answer(ANSWER_S)
                if answer is None:
                    await self._hang_up()
                    return
                if (found := _QN.search(answer)) is not None:
                    waiting.pop(found[1], None)
        except OSError:
            await self._hang_up()
            await asyncio.sleep(0.2)  # the gateway is being restarted

    async def say(self, frame: bytes) -> None:
        """Send a frame that nobody will answer."""
        async with self._lock:
            client = await self._connected()
            await client.send(frame)

    async def close(self) -> None:
        await self._hang_up()

    async def _connected(self) -> DeviceClient:
        if self._client is None:
            client = DeviceClient(self.host, self.port)
            await client.connect()
            self._client = client
        return self._client

    async def _hang_up(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            await client.close()


class Edges:
    """All doors of a running city (``streams.sources.simulator.doors.Doors``). Use as an async context.

    ``gateway`` is (host, port) of the HJ 212 gateway, ``intake`` the base URL of the HTTP intake, ``terminals`` (host,
    port) of the gateway of vehicle terminals.
    """

    def __init__(
        self,
        gateway: tuple[str, int],
        intake: str,
        connection: KafkaConnection,
        terminals: tuple[str, int] | None = None,
    ) -> None:
        self.gateway = gateway
        self.intake = intake
        self.connection = connection
        self.terminals = terminals
        self._devices: dict[str, Device] = {}
        self._terminals: dict[str, Terminal] = {}
        self._http: httpx.AsyncClient | None = None
        self._producer: Any = None

    async def __aenter__(self) -> "Edges":
        self._http = httpx.AsyncClient(base_url=self.intake, timeout=30.0, trust_env=False)
        self._producer = sure_producer(self.connection)
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for device in self._devices.values():
            await device.close()
        for terminal in self._terminals.values():
            await terminal.close()
        if self._http is not None:
            await self._http.aclose()
        if self._producer is not None:
            await self._producer.stop()

    async def frames(self, device: str, frames: Sequence[bytes]) -> int:
        return await self._device(device).deliver(frames)

    async def bad_frame(self, device: str, frame: bytes) -> None:
        await self._device(device).say(frame)

    async def readings(self, readings: Sequence[Reading]) -> int:
        return await self._post("/intake/readings", encode(list(readings)))

    async def cargo(self, events: Sequence[Event]) -> int:
        return await self._post("/intake/cargo", encode(list(events)))

    async def positions(self, told: Sequence[Told]) -> int:
        return await self._post("/intake/positions", encode(list(told)))

    async def terminal(self, phone: str, told: Sequence[Position]) -> int:
        assert self.terminals is not None, "give the address of the gateway of terminals"
        if phone not in self._terminals:
            self._terminals[phone] = Terminal(*self.terminals, phone, told[0].carrier)
        return await self._terminals[phone].deliver(told)

    async def kitchens(self, words: Sequence[Kitchen]) -> int:
        return await self._post("/intake/kitchens", encode(list(words)))

    async def epcis(self, document: dict[str, Any]) -> int:
        return await self._post("/epcis/capture", encode(document))

    async def publish(self, topic: str, records: Sequence[tuple[str, bytes]]) -> None:
        assert self._producer is not None, "use as an async context"
        try:
            sent = [await self._producer.send(topic, value, key=key.encode()) for key, value in records]
            await asyncio.gather(*sent)
        except KafkaError as error:
            raise NotKept(f"broker: expected {len(records)} records of {topic} to be kept, got {error!r}") from error

    def _device(self, name: str) -> Device:
        if name not in self._devices:
            self._devices[name] = Device(*self.gateway)
        return self._devices[name]

    async def _post(self, path: str, body: bytes) -> int:
        """Post a body; returns how many of its items were refused."""
        assert self._http is not None, "use as an async context"
        tries = AsyncRetrying(
            retry=retry_if_exception_type((httpx.TransportError, NotKept)),
            wait=wait_exponential(multiplier=0.2, max=5.0),
            stop=stop_after_delay(KEEP_TRYING_S),
            reraise=True,
        )
        try:
            async for one in tries:
                with one:
                    answer = await self._http.post(path, content=body, headers={"Content-Type": "application/json"})
                    if answer.status_code == 503:
                        raise NotKept(f"intake {path}: expected the items to be kept, got {answer.text}")
        except httpx.TransportError as error:
            raise NotKept(f"intake {path}: expected an answer from {self.intake}, got {error!r}") from error
        if answer.status_code not in (200, 207, 422):
            raise NotKept(f"intake {path}: expected 200, 207 or 422, got {answer.status_code}: {answer.text}")
        told = msgspec.json.decode(answer.content, type=_Told)
        if told.refusal is not None:
            raise NotKept(f"intake {path}: expected the items to be read, got {told.refusal}")
        return told.refused


class _Told(msgspec.Struct):
    refused: int
    refusal: dict[str, str] | None = None


def _qn(frame: bytes) -> bytes:
    found = _QN.search(frame)
    if found is None:
        raise ValueError("frame: expected a QN of 17 digits, by which its answer is known")
    return found[1]
