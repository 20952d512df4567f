"""The device's side of HJ 212: builds frames and waits for their acknowledgement, as a data logger does.

For the simulator and for tests. A device that gets no answer in time sends the same frame again.
"""

import asyncio
from collections.abc import Mapping, Sequence

from streams.sources.device_client import DeviceLine
from streams.sources.hj212.crc import crc_text
from topics.errors import NotKept

#: A factor and its sub-fields in the order in which they are to be written: ("w01018", {"Rtd": "12.1", "Flag": "N"}).
FactorGroup = tuple[str, Mapping[str, str]]

#: Default of HJ 212-2017: time-out and number of repetitions.
TIMEOUT_S = 10.0
REPEATS = 3


def build_frame(segment: str | bytes, *, crlf: bool = True, lower: bool = False) -> bytes:
    """``##LLLL<segment>CCCC\\r\\n``; ``lower`` writes the check sum in lower case, as some devices do.

    >>> build_frame("QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&")[-8:]
    b'&&2200\\r\\n'
    """
    data = segment.encode() if isinstance(segment, str) else segment
    if len(data) > 9999:
        raise ValueError(f"HJ 212 frame: expected at most 9999 bytes of data, got {len(data)}")
    check = crc_text(data)
    return b"##%04d%b%b%b" % (len(data), data, check.lower() if lower else check, b"\r\n" if crlf else b"")


def build_segment(
    *, qn: str, st: str, cn: str, mn: str, cp: str, pw: str = "123456", flag: int | None = 5, rf: bool = False
) -> str:
    """A data segment in the standard's order; ``flag`` None leaves Flag out, ``rf`` marks resent data (2025)."""
    head = [f"QN={qn}"] if qn else []
    head += [f"ST={st}", f"CN={cn}", f"PW={pw}", f"MN={mn}"]
    head += [] if flag is None else [f"Flag={flag}"]
    head += ["RF=1"] if rf else []
    return f"{';'.join(head)};CP=&&{cp}&&"


def build_cp(data_time: str, factors: Sequence[FactorGroup]) -> str:
    """The CP content of a data message: ``DataTime=…;code-Field=value,code-Flag=N;…``."""
    groups = [",".join(f"{code}-{field}={value}" for field, value in fields.items()) for code, fields in factors]
    return ";".join([f"DataTime={data_time}", *groups])


class DeviceClient(DeviceLine):
    """One device's connection to a gateway."""

    async def answer(self, timeout_s: float = TIMEOUT_S) -> bytes | None:
        """The next line the gateway sends (a whole frame), or ``None`` if none comes in time or it hangs up."""
        assert self._reader is not None, "connect first"
        try:
            async with asyncio.timeout(timeout_s):
                return await self._reader.readline() or None
        except TimeoutError:
            return None

    async def deliver(self, frame: bytes, *, timeout_s: float = TIMEOUT_S, repeats: int = REPEATS) -> bytes:
        """Send a frame that wants an answer, again where none comes, and return the answer.

        Raises ``NotKept`` after the last repetition: a logger then stores the data and sends it later.
        """
        for _ in range(1 + repeats):
            await self.send(frame)
            answer = await self.answer(timeout_s)
            if answer is not None:
                return answer
        raise NotKept(
            f"device: expected an acknowledgement from {self.host}:{self.port}, got none in {1 + repeats} tries"
        )
