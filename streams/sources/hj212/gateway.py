"""The TCP gateway: devices connect, send frames, and get their answer once what they sent has been kept."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import ClassVar, Protocol

import structlog

from streams.sources.base import Publisher, Record, Source
from streams.sources.hj212.connection import MOST_DEVICES, Connection, Turn
from streams.sources.hj212.device_keys import DeviceKeys
from streams.sources.hj212.frames import Frames, Job
from streams.sources.hj212.framing import Piece
from streams.sources.hj212.limits import Bucket, Limits
from streams.sources.hj212.times import DEFAULT_MINUTE_S, When
from streams.sources.hj212.to_readings import NO_DOMAINS, Lookup, Origin
from topics.domain import Domain
from topics.errors import NotKept, PartMissing

log = structlog.get_logger(__name__)

BACKLOG = 2_048
#: The longest time between two looks at what has waited for too long.
LOOK_S = 1.0
#: Buckets of devices that are remembered.
MOST_BUCKETS = 50_000


class Upper(Protocol):
    """The gateway as the upper computer, which speaks to devices; ``None`` where it only listens."""

    def heard(self, connection: Connection, job: Job, plain: bytes) -> None:
        """A good message of a device has been kept."""
        ...

    def lost(self, connection: Connection) -> None: ...

    def look(self) -> list[Record]:
        """Called every second; what is to be kept of what the gateway did with devices since."""
        ...

    def asked(self, mn: str, cn: str, qn: str, times: When) -> bool: ...


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


class Hj212Gateway(Source):
    """Listens on ``host:port`` (loopback unless told otherwise; 0 = any free port, see ``port`` after start).

    ``counts`` has ``frame_<verdict>`` for accepted, bad_crc, bad_length, bad_frame, duplicate, bad_credentials and
    not_kept, ``limit_<name>`` for each of ``LIMITS``, and: readings, unregistered, refused_values, dead_letters,
    bad_credentials, acknowledged, without_readings, decrypted, connections, unexpected_errors.
    """

    name: ClassVar[str] = "hj212"

    def __init__(
        self,
        registry: Lookup,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: Limits | None = None,
        minute_s: int = DEFAULT_MINUTE_S,
        now_ms: Callable[[], int] = _wall_ms,
        domains: Mapping[str, Domain] = NO_DOMAINS,
        keys: DeviceKeys | None = None,
        upper: Upper | None = None,
        keep_raw: bool = False,
    ) -> None:
        self.host = host
        self.port = port
        self.limits = limits or Limits()
        self.now_ms = now_ms
        self.upper = upper
        self.counts: Counter[str] = Counter()
        self.connections: set[Connection] = set()
        self.frames = Frames(
            registry,
            domains,
            self.counts,
            minute_s=minute_s,
            frame_bytes=self.limits.frame_bytes,
            keys=keys,
            keep_raw=keep_raw,
        )
        if upper is not None:
            self.frames.asked = upper.asked
        self._by_host: Counter[str] = Counter()
        self._buckets: dict[str, Bucket] = {}
        self._server: asyncio.Server | None = None
        self._looking: asyncio.TimerHandle | None = None
        self._publisher: Publisher | None = None

    async def start(self, publisher: Publisher) -> None:
        self._publisher = publisher
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(lambda: Connection(self), self.host, self.port, backlog=BACKLOG)
        except OSError as error:
            raise PartMissing(
                f"hj212 gateway: expected port {self.port} on {self.host} to be free, got: {error.strerror}"
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
        if connection in self.connections:
            self.connections.discard(connection)
            self._by_host[connection.host] -= 1
            if not self._by_host[connection.host]:
                del self._by_host[connection.host]
            if self.upper is not None:
                self.upper.lost(connection)

    def bites(self, limit: str) -> None:
        self.counts[f"limit_{limit}"] += 1

    def failed(self, connection: Connection) -> None:
        self.counts["unexpected_errors"] += 1
        log.exception("hj212_connection_failed", peer=connection.peer)
        connection.abandon()

    def came(self, connection: Connection, pieces: Sequence[Piece]) -> None:
        assert self._publisher is not None, "start gives it"
        origin, waiting = Origin(connection.peer, self.now_ms()), False
        for piece in pieces:
            job = self.frames.job(piece, origin, connection.host)
            turn = Turn(job)
            connection.begin(turn)
            if job.segment is not None and self.limits.frames_per_s:
                self._meter(connection, job.segment.mn)
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
            log.error("hj212_connection_failed", peer=connection.peer, error=repr(error))
            connection.abandon()
            return
        if error is not None:
            log.warning("hj212_not_kept", error=str(error))
        turn.kept = error is None
        self._settle(connection)

    def _settle(self, connection: Connection) -> None:
        """What is kept is answered and counted, and heard by the upper computer, in the order in which it came."""
        for turn in connection.settle():
            job = turn.job
            self.counts[f"frame_{job.verdict if turn.kept else 'not_kept'}"] += 1
            self.counts["acknowledged"] += bool(turn.kept and job.answer is not None and connection.open)
            if turn.kept and job.segment is not None:
                if len(connection.devices) < MOST_DEVICES:
                    connection.devices.add(job.segment.mn)
                if self.upper is not None:
                    self.upper.heard(connection, job, job.plain)

    def _meter(self, connection: Connection, mn: str) -> None:
        """Read a device's line more slowly while it sends more than it may."""
        now = asyncio.get_running_loop().time()
        bucket = self._buckets.get(mn)
        if bucket is None:
            if len(self._buckets) >= MOST_BUCKETS:
                self._buckets.clear()
            bucket = self._buckets[mn] = Bucket(self.limits.frames_per_s, now)
        if (pause := bucket.take(now)) and connection.slow_down(pause):
            self.bites("frame_rate")

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """What has waited for too long, and what the upper computer has to say."""
        for connection in list(self.connections):
            connection.look(loop.time())
        if self.upper is not None and self._publisher is not None and (records := self.upper.look()):
            asyncio.ensure_future(self._publisher.publish_all(records)).add_done_callback(_told)
        soon = min(self.limits.idle_s, self.limits.frame_s, self.limits.answer_s) / 2
        self._looking = loop.call_later(min(LOOK_S, soon), self._look, loop)


def _told(kept: "asyncio.Future[None]") -> None:
    """The line in the log has said the same; the topic lacks it where neither broker nor spool took it."""
    if not kept.cancelled() and (error := kept.exception()) is not None:
        log.warning("hj212_event_not_kept", error=str(error))
