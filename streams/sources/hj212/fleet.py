"""Many devices at once, each on its own connection, for load: sends by the clock and times the answers.

One ``asyncio.Protocol`` a device and one task for all of them, so that two thousand devices leave most of the
processor to the gateway they load.
"""

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from streams.sources.hj212.client import build_frame, build_segment
from streams.sources.hj212.times import CHINA

#: What the devices of a fleet report: COD, ammonia, phosphorus and flow of a waste water outlet.
FACTORS = ("w01018", "w21003", "w21011", "w00000")

#: How many connections are being opened at once.
OPENING = 100

LATE_S = 10.0


@dataclass(slots=True)
class FleetReport:
    """What a fleet saw. Latencies in seconds, of each answered frame that was due after the warm-up."""

    sent: int = 0
    answered: int = 0
    repeated: int = 0
    hung_up: int = 0
    latencies: list[float] = field(default_factory=list)


class FleetDevice(asyncio.Protocol):
    """One device: sends a frame when told to, keeps what is unanswered, and sends it again after 10 s."""

    def __init__(self, mn: str, factors: Sequence[str], report: FleetReport, now: Callable[[], float]) -> None:
        self.mn = mn
        self.factors = factors
        self.report = report
        self.now = now
        self.timed = False
        self.waiting: dict[bytes, tuple[float, bytes]] = {}
        self._wire: Any = None
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.report.hung_up += self._wire is not None
        self._wire = None

    def data_received(self, data: bytes) -> None:
        lines = (self._rest + data).split(b"\r\n")
        self._rest = lines.pop()
        for line in lines:
            found = self.waiting.pop(line[9:26], None) if b";CN=9014;" in line else None
            if found is not None:
                self.report.answered += 1
                if self.timed:
                    self.report.latencies.append(self.now() - found[0])

    def speak(self, moment_ms: int, number: int, due: float) -> None:
        """Send the frame that was due at this time of the loop; its data are of ``moment_ms``."""
        moment = dt.datetime.fromtimestamp(moment_ms / 1000, CHINA)
        second = f"{moment:%Y%m%d%H%M%S}"
        qn = f"{second}{moment_ms % 1000:03d}"
        values = ";".join(f"{code}-Rtd={10 + number % 90 / 100:.2f},{code}-Flag=N" for code in self.factors)
        frame = build_frame(build_segment(qn=qn, st="32", cn="2011", mn=self.mn, cp=f"DataTime={second};{values}"))
        self.waiting[qn.encode()] = due, frame
        self.report.sent += 1
        if self._wire is not None:
            self._wire.write(frame)

    def repeat_late(self, now: float) -> None:
        """Send again what has waited for its answer for 10 s."""
        for qn, (due, frame) in list(self.waiting.items()):
            if now - due > LATE_S and self._wire is not None:
                self.waiting[qn] = now, frame
                self.report.repeated += 1
                self._wire.write(frame)

    def close(self) -> None:
        """Hang up."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None


class Fleet:
    """``devices`` devices, each sending ``rate`` frames a second, spread evenly over the period."""

    def __init__(self, mns: Sequence[str], rate: float, factors: int, wall_ms: Callable[[], int]) -> None:
        self.mns = mns
        self.rate = rate
        self.factors = [FACTORS[place % len(FACTORS)] for place in range(min(factors, len(FACTORS)))]
        self.wall_ms = wall_ms
        self.report = FleetReport()
        self.devices: list[FleetDevice] = []

    async def connect(self, host: str, port: int) -> None:
        """Open all connections. Raises ``OSError`` where one is not taken."""
        loop, gate = asyncio.get_running_loop(), asyncio.Semaphore(OPENING)

        async def open_one(mn: str) -> FleetDevice:
            async with gate:
                _, device = await loop.create_connection(
                    lambda: FleetDevice(mn, self.factors, self.report, loop.time), host, port
                )
                return device

        self.devices = list(await asyncio.gather(*map(open_one, self.mns)))

    async def run(self, seconds: float, warm_up_s: float = 0.0, warm: Callable[[], None] = lambda: None) -> FleetReport:
        """Send for so long (the warm-up included), then wait up to 10 s for the last answers.

        ``warm`` is called when the warm-up is over.
        """
        loop = asyncio.get_running_loop()
        begun, gap = loop.time(), 1.0 / (self.rate * len(self.devices))
        wall, number, total = self.wall_ms(), 0, int(seconds * self.rate * len(self.devices))
        turn, cold = 0, True
        while number < total:
            now = loop.time()
            while number < total and (due := begun + number * gap) <= now:
                device = self.devices[number % len(self.devices)]
                device.timed = due - begun >= warm_up_s
                device.speak(wall + int((due - begun) * 1000), number, due)
                number += 1
            if cold and now - begun >= warm_up_s:
                cold = False
                warm()
            turn += 1
            if turn % 500 == 0:
                for device in self.devices:
                    device.repeat_late(now)
            await asyncio.sleep(0.002)
        until = loop.time() + LATE_S
        while any(device.waiting for device in self.devices) and loop.time() < until:  # noqa: ASYNC110 - sets no event
            await asyncio.sleep(0.05)
        return self.report

    def close(self) -> None:
        """Hang up on behalf of every device."""
        for device in self.devices:
            device.close()
