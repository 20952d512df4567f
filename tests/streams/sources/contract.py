"""What every source must do, as one check; and for each source a client that speaks its wire."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
import msgspec
import pytest

from streams.sources.base import Source
from streams.sources.hj212.client import DeviceClient
from streams.sources.hj212.gateway import Hj212Gateway
from streams.sources.http_intake import HttpIntake
from streams.sources.jt808.client import TerminalClient
from streams.sources.jt808.gateway import Jt808Gateway
from streams.sources.memory_publisher import MemoryPublisher
from tests.patience import WITHIN_S, until
from tests.streams.sources.hj212 import plant
from tests.streams.sources.intake_city import CITY, NOW, T0
from tests.streams.sources.jt808 import vehicles
from topics.errors import NotKept, PartMissing

#: How long an answer that must not come is waited for.
SILENCE_S = 0.2
#: In so many steps, so that an answer has had its turns of the loop even where the machine stood still meanwhile.
SILENT_LOOKS = 20


@dataclass(frozen=True, slots=True)
class Wire:
    """How a test speaks to one source: ``make`` it on a port (0 = any), send it something good and say whether
    it acknowledged, send it something bad and say whether the sender was told or the bytes were kept.
    """

    make: Callable[[int], Source]
    send_good: Callable[[int], Awaitable[bool]]
    bad_is_told: Callable[[int, MemoryPublisher], Awaitable[bool]]


async def check_source(name: str, wire: Wire) -> None:
    """Raises ``AssertionError`` with the part of the contract that does not hold."""
    publisher = MemoryPublisher()
    source = wire.make(0)
    assert source.name == name, "its name is its key in the table"
    await source.stop()  # before start: nothing to do, nothing raised
    source = wire.make(0)
    await source.start(publisher)
    port = port_of(source)
    try:
        assert await wire.send_good(port), "what is kept is acknowledged"
        assert publisher.records, "what is acknowledged was published"
        publisher.state = "refuses"
        sending = await _no_answer(wire, port, publisher, "what is not kept is not acknowledged")
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        publisher.state = "silent"
        sending = await _no_answer(wire, port, publisher, "nothing is acknowledged before it is kept")
        publisher.state = "keeps"
        assert await sending, "what is kept in the end is acknowledged then"
        assert await wire.bad_is_told(port, publisher), "what is bad is told or kept, never dropped in silence"
        assert await wire.send_good(port), "what is bad does not harm what comes after it"
        with pytest.raises(PartMissing, match=str(port)):
            await wire.make(port).start(publisher)
    finally:
        await source.stop()
    await source.stop()  # twice is once
    again = wire.make(port)
    await again.start(publisher)  # the port was given up
    await again.stop()


async def _no_answer(wire: Wire, port: int, publisher: MemoryPublisher, why: str) -> "asyncio.Task[bool]":
    """Send something good until the publisher has been asked to keep it, and for a while after that: the sending."""
    calls = publisher.calls
    sending = asyncio.create_task(_acknowledged(wire, port))
    await until(lambda: publisher.calls > calls)
    for _ in range(SILENT_LOOKS):
        await asyncio.wait({sending}, timeout=SILENCE_S / SILENT_LOOKS)
    assert not sending.done() or not sending.result(), why
    return sending


async def _acknowledged(wire: Wire, port: int) -> bool:
    return await wire.send_good(port)


def port_of(source: Source) -> int:
    """The port a started source listens on."""
    return int(getattr(source, "port", 0))


async def _hj212_good(port: int) -> bool:
    async with DeviceClient("127.0.0.1", port) as device:
        await device.send(plant.frame())
        return b"CN=9014;" in (await device.answer(WITHIN_S) or b"")


async def _hj212_bad(port: int, publisher: MemoryPublisher) -> bool:
    broken = plant.frame().replace(b"12.5", b"99.9")
    async with DeviceClient("127.0.0.1", port) as device:
        await device.send(broken + plant.frame())
        await device.answer(WITHIN_S)  # to the second; the first has had its turn
    return publisher.values("dead-letters") == [broken]


async def _http(port: int, value: object) -> httpx.Response:
    body = msgspec.json.encode([{"series": "tank-1/T1/pressure/Rtd", "time": T0, "value": value}])
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        return await client.post("/intake/readings", content=body, headers={"Content-Type": "application/json"})


async def _http_good(port: int) -> bool:
    return (await _http(port, 0.5)).status_code == 200


async def _http_bad(port: int, _: MemoryPublisher) -> bool:
    answer = await _http(port, "high")
    return answer.status_code == 422 and "value" in answer.text


async def _jt808_good(port: int) -> bool:
    async with TerminalClient("127.0.0.1", port, vehicles.PHONE, vehicles.PLATE) as terminal:
        try:
            async with asyncio.timeout(WITHIN_S):
                await terminal.begin()
                await terminal.report([vehicles.place()])
        except (NotKept, TimeoutError):
            return False
        return True


async def _jt808_bad(port: int, publisher: MemoryPublisher) -> bool:
    broken = bytearray(vehicles.report())
    broken[20] ^= 1
    async with TerminalClient("127.0.0.1", port, vehicles.PHONE, vehicles.PLATE) as terminal:
        await terminal.send(bytes(broken))
        await terminal.report([vehicles.place()])  # and the first has had its turn
    return publisher.values("dead-letters") == [bytes(broken[1:-1])]


WIRES = {
    "hj212": Wire(lambda port: Hj212Gateway(plant.REGISTRY, port=port), _hj212_good, _hj212_bad),
    "jt808": Wire(lambda port: Jt808Gateway(vehicles.city(), port=port), _jt808_good, _jt808_bad),
    "http": Wire(lambda port: HttpIntake(CITY, lambda: NOW, port=port), _http_good, _http_bad),
}
