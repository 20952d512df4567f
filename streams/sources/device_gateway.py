"""A TCP gateway of devices: they connect, send pieces, and get their answer once what they sent has been kept.

Limits, queues, order of answers and what has waited too long are the same whatever the devices speak; a member says
how a piece is read and what follows of it.
"""

import asyncio
import time
from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import structlog

from streams.sources.base import Publisher, Record, Source
from streams.sources.device_connection import Connection, Turn
from streams.sources.device_limits import Bucket, Limits
from streams.sources.piece import Piece
from topics.errors import NotKept, PartMissing

log = structlog.get_logger(__name__)

BACKLOG = 2_048
#: The longest time between two looks at what has waited for too long.
LOOK_S = 1.0
#: Buckets of devices that are remembered.
MOST_BUCKETS = 50_000


def wall_ms() -> int:
    """Wall time in ms UTC."""
    return time.time_ns() // 1_000_000


class DeviceGateway(Source):
    """Listens on ``host:port`` (0 = any free port, see ``port`` after start).

    ``counts`` has ``frame_<verdict>`` for each verdict of a member, ``frame_not_kept``, ``limit_<name>`` for each of
    ``LIMITS``, acknowledged, connections and unexpected_errors.
    """

    def __init__(self, host: str, port: int, limits: Limits | None) -> None:
        self.host = host
        self.port = port
        self.limits = limits or Limits()
        self.counts: Counter[str] = Counter()
        self.connections: set[Connection] = set()
        self._by_host: Counter[str] = Counter()
        self._buckets: dict[str, Bucket] = {}
        self._server: asyncio.Server | None = None
        self._looking: asyncio.TimerHandle | None = None
        self._publisher: Publisher | None = None

    @abstractmethod
    def read(self, connection: Connection, pieces: Sequence[Piece]) -> Sequence[Any]:
        """A job for each piece: ``records`` to be kept, a ``verdict``, an ``answer`` for then."""

    @abstractmethod
    def sender(self, job: Any) -> str:
        """The device that sent it, empty where that is not known."""

    def settled(self, connection: Connection, job: Any) -> None:
        """What a job came to has been kept, and answered."""

    def gone(self, connection: Connection) -> None:
        """A line has ended."""

    def due(self) -> list[Record]:
        """Called every second or so; what is to be kept of what the gateway itself did."""
        return []

    @abstractmethod
    def line(self) -> Connection:
        """A new line of a device, which cuts its bytes into pieces."""

    async def start(self, publisher: Publisher) -> None:
        self._publisher = publisher
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self.line, self.host, self.port, backlog=BACKLOG)
        except OSError as error:
            raise PartMissing(
                f"{self.name} gateway: expected port {self.port} on {self.host} to be free, got: {error.strerror}"
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]
        self._look(loop)

    async def stop(self) -> None:
        server, self._server = self._server, None
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        for connection in list(self.connections):
            connection.abandon()
        if server is not None:
            server.close()
            await server.wait_closed()
        while self.connections:  # noqa: ASYNC110 - the loop's next turns close them
            await asyncio.sleep(0)

    def opened(self, connection: Connection) -> bool:
        """Whether a new connection may stay; those already open are never touched for it."""
        if len(self.connections) >= self.limits.connections:
            self.bites("connections")
            return False
        if self._by_host[connection.host] >= self.limits.per_address:
            self.bites("connections_per_address")
            return False
        self.connections.add(connection)
        self._by_host[connection.host] += 1
        self.counts["connections"] += 1
        connection.keep_alive()
        return True

    def closed(self, connection: Connection) -> None:
        """A line has ended: count it no more, and tell whoever speaks to its devices."""
        if connection in self.connections:
            self.connections.discard(connection)
            self._by_host[connection.host] -= 1
            if not self._by_host[connection.host]:
                del self._by_host[connection.host]
            self.gone(connection)

    def bites(self, limit: str) -> None:
        self.counts[f"limit_{limit}"] += 1

    def failed(self, connection: Connection) -> None:
        self.counts["unexpected_errors"] += 1
        log.exception(f"{self.name}_connection_failed", peer=connection.peer)
        connection.abandon()

    def came(self, connection: Connection, pieces: Sequence[Piece]) -> None:
        assert self._publisher is not None, "start gives it"
        waiting = False
        for job in self.read(connection, pieces):
            turn = Turn(job)
            connection.begin(turn)
            if self.limits.frames_per_s and (sender := self.sender(job)):
                self._meter(connection, sender)
            if not job.records:
                turn.kept = True
                continue
            waiting = True
            turn.waits_for = asyncio.ensure_future(self._publisher.publish_all(job.records))
            turn.waits_for.add_done_callback(partial(self._kept, connection, turn))
        if not waiting:
            self._settle(connection)

    def _kept(self, connection: Connection, turn: Turn, kept: "asyncio.Future[None]") -> None:
        turn.waits_for = None
        if kept.cancelled():
            return
        error = kept.exception()
        if error is not None and not isinstance(error, NotKept):
            self.counts["unexpected_errors"] += 1
            log.error(f"{self.name}_connection_failed", peer=connection.peer, error=repr(error))
            connection.abandon()
            return
        if error is not None:
            log.warning(f"{self.name}_not_kept", error=str(error))
        turn.kept = error is None
        self._settle(connection)

    def _settle(self, connection: Connection) -> None:
        """What is kept is answered and counted, in the order in which it came."""
        for turn in connection.settle():
            job = turn.job
            self.counts[f"frame_{job.verdict if turn.kept else 'not_kept'}"] += 1
            self.counts["acknowledged"] += bool(turn.kept and job.answer is not None and connection.open)
            if turn.kept:
                self.settled(connection, job)

    def _meter(self, connection: Connection, sender: str) -> None:
        """Read a device's line more slowly while it sends more than it may."""
        now = asyncio.get_running_loop().time()
        bucket = self._buckets.get(sender)
        if bucket is None:
            if len(self._buckets) >= MOST_BUCKETS:
                self._buckets.clear()
            bucket = self._buckets[sender] = Bucket(self.limits.frames_per_s, now)
        if (pause := bucket.take(now)) and connection.slow_down(pause):
            self.bites("frame_rate")

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """What has waited for too long, and what the gateway itself has to say."""
        for connection in list(self.connections):
            connection.look(loop.time())
        if self._publisher is not None and (records := self.due()):
            asyncio.ensure_future(self._publisher.publish_all(records)).add_done_callback(self._told)
        soon = min(self.limits.idle_s, self.limits.frame_s, self.limits.answer_s) / 2
        self._looking = loop.call_later(min(LOOK_S, soon), self._look, loop)

    def _told(self, kept: "asyncio.Future[None]") -> None:
        """The line in the log has said the same; the topic lacks it where neither broker nor spool took it."""
        if not kept.cancelled() and (error := kept.exception()) is not None:
            log.warning(f"{self.name}_event_not_kept", error=str(error))
