"""One device's line: bytes in, pieces to the gateway, answers out in the order in which the pieces came."""

import asyncio
import socket
from collections import deque
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

import structlog

from streams.sources.device_limits import Limits
from streams.sources.piece import Piece

log = structlog.get_logger(__name__)

#: Pieces of one line that may be under way; beyond it the line is not read until some are kept.
UNDER_WAY = 100
#: Devices of one line that are remembered (a forwarder brings several).
MOST_DEVICES = 1_000


class Cuts(Protocol):
    """Cuts the bytes of a line into pieces; ``pending`` are those of an unfinished one."""

    @property
    def pending(self) -> int:
        """Bytes of a piece that is not whole yet."""

    def feed(self, chunk: bytes) -> Sequence[Piece]:
        """The pieces that these bytes make whole."""

    def flush(self) -> Sequence[Piece]:
        """What is left when the line ends."""


class Keeper(Protocol):
    """What a connection asks of its gateway."""

    name: ClassVar[str]
    limits: Limits

    def opened(self, connection: "Connection") -> bool:
        """Whether it may stay."""
        ...

    def came(self, connection: "Connection", pieces: Sequence[Piece]) -> None:
        """Pieces have come; the gateway calls ``begin`` for each, in order."""
        ...

    def closed(self, connection: "Connection") -> None:
        """The line has ended, whoever ended it."""

    def bites(self, limit: str) -> None:
        """A limit has come into force."""
        ...

    def failed(self, connection: "Connection") -> None:
        """An error of ours is being handled: count it."""
        ...


class Turn:
    """One piece on its way: its answer goes out when it is kept and all before it are settled."""

    __slots__ = ("answer", "job", "kept", "waits_for")

    def __init__(self, job: Any) -> None:
        self.job = job
        self.answer = job.answer
        self.kept: bool | None = None
        self.waits_for: asyncio.Future[None] | None = None


#: What all lines read into, one after the other: a buffer for each read costs more than reading.
_READ = memoryview(bytearray(65_536))


class Connection(asyncio.BufferedProtocol):
    """No task of its own: two thousand of them cost what their bytes cost."""

    def __init__(self, keeper: Keeper, framer: Cuts) -> None:
        self.keeper = keeper
        self.peer = "unknown"
        self.host = "unknown"
        self.heard = 0.0
        self.devices: set[str] = set()
        self._wire: Any = None
        self._loop: Any = None
        self._framer = framer
        self._turns: deque[Turn] = deque()
        self._full_since: float | None = None
        self._held: set[str] = set()
        self._ended = False

    @property
    def open(self) -> bool:
        return self._wire is not None and not self._wire.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire, self._loop = transport, asyncio.get_running_loop()
        self.heard = self._loop.time()
        if name := transport.get_extra_info("peername"):
            self.peer, self.host = f"{name[0]}:{name[1]}", str(name[0])
        if not self.keeper.opened(self):
            self._wire.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            log.info(f"{self.keeper.name}_connection_lost", peer=self.peer, error=str(exc))
        self._hand_on(self._framer.flush())
        self._wire = None
        self.keeper.closed(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        return _READ

    def buffer_updated(self, nbytes: int) -> None:
        self.heard = self._loop.time()
        self._hand_on(self._framer.feed(bytes(_READ[:nbytes])))

    def eof_received(self) -> bool:
        """The device sends no more, but may still read: what is under way is answered first."""
        self._hand_on(self._framer.flush())
        self._ended = True
        return bool(self._turns)

    def pause_writing(self) -> None:
        self._full_since = self._loop.time()
        self._hold("writing")

    def resume_writing(self) -> None:
        self._full_since = None
        self._release("writing")

    def begin(self, turn: Turn) -> None:
        """A piece is on its way."""
        self._turns.append(turn)
        if len(self._turns) > UNDER_WAY:
            self._hold("keeping")

    def settle(self) -> list[Turn]:
        """Send the answers of the turns at the head that are settled; returns those turns, in order."""
        turns, answers, over = self._turns, [], []
        while turns and turns[0].kept is not None:
            turn = turns.popleft()
            over.append(turn)
            if turn.kept and turn.answer is not None:
                answers.append(turn.answer)
        if self.open and answers:
            self._wire.write(b"".join(answers) if len(answers) > 1 else answers[0])
        if len(turns) <= UNDER_WAY // 2:
            self._release("keeping")
        if self._ended and not turns and self._wire is not None:
            self._wire.close()
        return over

    def tell(self, frame: bytes) -> bool:
        """Send a frame of the gateway's own; whether the line was there."""
        if self.open:
            self._wire.write(frame)
        return self.open

    def keep_alive(self) -> None:
        """So that a device that lost its power is noticed before the idle limit."""
        wire = self._wire.get_extra_info("socket")
        if wire is not None:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def slow_down(self, seconds: float) -> bool:
        """Do not read for so long; whether that is new."""
        if "rate" in self._held or not self.open:
            return False
        self._hold("rate")
        self._loop.call_later(seconds, self._release, "rate")
        return True

    def look(self, now: float) -> None:
        """Called every second or so: what has waited for too long?"""
        limits = self.keeper.limits
        quiet = 0.0 if self._held else now - self.heard
        if self._framer.pending and quiet > limits.frame_s:
            self.keeper.bites("unfinished_frame")
            self.heard = now
            self._hand_on(self._framer.flush())
        elif quiet > limits.idle_s:
            self.keeper.bites("idle")
            self.close()
        elif self._full_since is not None and now - self._full_since > limits.answer_s:
            self.keeper.bites("slow_reader")
            self._wire.abort()

    def close(self) -> None:
        """Hang up."""
        if self._wire is not None:
            self._wire.close()

    def abandon(self) -> None:
        """Hang up, and forget what is under way."""
        for turn in self._turns:
            if turn.waits_for is not None:
                turn.waits_for.cancel()
        if self._wire is not None:
            self._wire.abort()

    def _hand_on(self, pieces: Sequence[Piece]) -> None:
        if not pieces:
            return
        try:
            self.keeper.came(self, pieces)
        except Exception:  # noqa: BLE001 - an edge: one connection's fault must not end the gateway
            self.keeper.failed(self)

    def _hold(self, why: str) -> None:
        if not self._held and self.open:
            self._wire.pause_reading()
        self._held.add(why)

    def _release(self, why: str) -> None:
        if why in self._held:
            self._held.discard(why)
            if not self._held and self.open and not self._ended:
                self.heard = self._loop.time()
                self._wire.resume_reading()
