"""The terminal's side: registers, shows its code, reports, waits for answers. For the simulator and for tests."""

import asyncio
from collections.abc import Sequence

from streams.sources.device_client import DeviceLine
from streams.sources.jt808 import message as words
from streams.sources.jt808.framing import Framer, framed
from streams.sources.jt808.location import Location, write_batch, write_location
from streams.sources.jt808.message import Message, read_message, write_message
from streams.sources.jt808.registration import TAKEN, read_answer, write_code, write_registration
from topics.errors import NotKept

TIMEOUT_S = 10.0


class TerminalClient(DeviceLine):
    """The terminal with this phone number in the vehicle with this plate."""

    def __init__(self, host: str, port: int, phone: str, plate: str, edition: int = 2013) -> None:
        super().__init__(host, port)
        self.phone = phone
        self.plate = plate
        self.edition = edition
        self._serial = 0
        self._framer = Framer()
        self._waiting: list[Message] = []

    async def begin(self) -> str:
        """Register and show the code that is answered; returns it. Raises ``NotKept`` where the platform says no."""
        answer = await self.ask(words.REGISTER, write_registration(self.plate, self.edition))
        _, result = read_answer(answer)
        if result != TAKEN:
            raise NotKept(f"terminal {self.phone}: expected to be registered, got result {result}")
        code = answer.body[3:].decode("gbk")
        await self.must(words.AUTHENTICATE, write_code(code, self.edition))
        return code

    async def report(self, locations: Sequence[Location], *, kept: bool = False) -> None:
        """Send positions and wait until the platform has them: one alone, several as a batch."""
        if len(locations) == 1 and not kept:
            await self.must(words.LOCATION, write_location(locations[0]))
            return
        await self.must(words.LOCATION_BATCH, write_batch([write_location(each) for each in locations], kept=kept))

    async def must(self, name: int, body: bytes = b"") -> None:
        """Send and have it taken. Raises ``NotKept`` for any other answer, or none."""
        _, result = read_answer(await self.ask(name, body))
        if result != TAKEN:
            raise NotKept(f"terminal {self.phone}: expected 0x{name:04x} to be taken, got result {result}")

    async def ask(self, name: int, body: bytes = b"", timeout_s: float = TIMEOUT_S) -> Message:
        """Send one message and return its answer. Raises ``NotKept`` if none comes in time."""
        self._serial = (self._serial + 1) & 0xFFFF
        await self.send(framed(write_message(Message(name, self.phone, self._serial, body, self.edition))))
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    answer = await self.answer()
                    if read_answer(answer)[0] == self._serial:
                        return answer
        except TimeoutError:
            raise NotKept(f"terminal {self.phone}: expected an answer from {self.host}:{self.port}, got none") from None

    async def answer(self) -> Message:
        """The next message of the platform. Raises ``NotKept`` where it hangs up."""
        assert self._reader is not None, "connect first"
        while not self._waiting:
            chunk = await self._reader.read(4096)
            if not chunk:
                raise NotKept(f"terminal {self.phone}: {self.host}:{self.port} hung up")
            self._waiting += [read_message(piece.data) for piece in self._framer.feed(chunk) if piece.data]
        return self._waiting.pop(0)
