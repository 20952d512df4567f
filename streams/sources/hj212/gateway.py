"""The TCP gateway: devices connect, send frames, and get their answer once what they sent has been kept."""

import asyncio
import contextlib
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import ClassVar

import msgspec
import structlog

from streams.sources.base import Publisher, Record, Source
from streams.sources.hj212.acknowledgement import answer_to
from streams.sources.hj212.diagnosis import BadSegment, diagnose_piece
from streams.sources.hj212.framing import Framer, Piece
from streams.sources.hj212.segment import Segment, parse_segment
from streams.sources.hj212.times import DEFAULT_MINUTE_S
from streams.sources.hj212.to_readings import Lookup, Origin, dead_letter, records_of
from topics.errors import NotKept, PartMissing

log = structlog.get_logger(__name__)

READ_BYTES = 65_536
#: Frames of one read that are kept side by side; their answers go out in their order.
SIDE_BY_SIDE = 50


class Limits(msgspec.Struct, frozen=True):
    """What one gateway allows. ``idle_s`` is longer than the longest interval of realtime data (3600 s);
    ``frame_s`` is how long an unfinished frame may wait for its rest, ``answer_s`` how long a device may take
    to accept an answer.
    """

    connections: int = 2_000
    idle_s: float = 4_000.0
    frame_s: float = 30.0
    answer_s: float = 10.0


class _Job(msgspec.Struct):
    """One piece of a stream on its way: what is to be kept, what it counts as, what is answered then."""

    records: Sequence[Record]
    verdict: str
    answer: bytes | None = None


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


class Hj212Gateway(Source):
    """Listens on ``host:port`` (loopback unless told otherwise; 0 = any free port, see ``port`` after start).

    ``counts`` has ``frame_<verdict>`` for accepted, bad_crc, bad_length, bad_frame, duplicate and not_kept,
    and: readings, unregistered, refused_values, dead_letters, acknowledged, without_readings, connections,
    turned_away, unexpected_errors.
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
    ) -> None:
        self.registry = registry
        self.host = host
        self.port = port
        self.limits = limits or Limits()
        self.minute_s = minute_s
        self.now_ms = now_ms
        self.counts: Counter[str] = Counter()
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._publisher: Publisher | None = None

    async def start(self, publisher: Publisher) -> None:
        self._publisher = publisher
        try:
            self._server = await asyncio.start_server(self._connected, self.host, self.port)
        except OSError as error:
            raise PartMissing(
                f"hj212 gateway: expected port {self.port} on {self.host} to be free, got: {error.strerror}"
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
            await server.wait_closed()
        for task in list(self._connections):
            task.cancel()
        if self._connections:
            await asyncio.wait(list(self._connections))

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "asyncio calls this within a task"
        try:
            if len(self._connections) >= self.limits.connections:
                self.counts["turned_away"] += 1
                return
            self._connections.add(task)
            self.counts["connections"] += 1
            await self._converse(reader, writer)
        except (ConnectionError, TimeoutError) as error:
            log.info("hj212_connection_lost", peer=_peer(writer), error=str(error))
        except Exception:  # an edge: one connection's fault must not end the gateway
            self.counts["unexpected_errors"] += 1
            log.exception("hj212_connection_failed", peer=_peer(writer))
        finally:
            self._connections.discard(task)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = writer.get_extra_info("socket")
        if wire is not None:  # so that a device that lost its power is noticed before the idle limit
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        framer, seen, peer = Framer(), deque[str](maxlen=64), _peer(writer)
        while True:
            try:
                async with asyncio.timeout(self.limits.frame_s if framer.pending else self.limits.idle_s):
                    chunk = await reader.read(READ_BYTES)
            except TimeoutError:
                if not framer.pending:
                    return
                pieces = framer.flush()
            else:
                pieces = framer.feed(chunk) if chunk else framer.flush()
                if not chunk and not pieces:
                    return
            origin = Origin(peer, self.now_ms())
            for start in range(0, len(pieces), SIDE_BY_SIDE):
                jobs = [self._job(piece, origin, seen) for piece in pieces[start : start + SIDE_BY_SIDE]]
                await self._finish(jobs, writer)

    async def _finish(self, jobs: Sequence[_Job], writer: asyncio.StreamWriter) -> None:
        """Keep all, begun in order; then answer, in order, those of which everything was kept."""
        for job, kept in zip(jobs, await asyncio.gather(*map(self._keep, jobs)), strict=True):
            self.counts[f"frame_{job.verdict if kept else 'not_kept'}"] += 1
            if kept and job.answer is not None:
                writer.write(job.answer)
                self.counts["acknowledged"] += 1
        async with asyncio.timeout(self.limits.answer_s):
            await writer.drain()

    async def _keep(self, job: _Job) -> bool:
        assert self._publisher is not None, "start gives it"
        publish = self._publisher.publish
        answers = await asyncio.gather(
            *(publish(each.topic, each.key, each.value, each.headers) for each in job.records),
            return_exceptions=True,
        )
        kept = True
        for answer in answers:
            if isinstance(answer, NotKept):
                log.warning("hj212_not_kept", error=str(answer))
                kept = False
            elif answer is not None:
                raise answer
        return kept

    def _job(self, piece: Piece, origin: Origin, seen: "deque[str]") -> _Job:
        """What is to be done with a piece."""
        if piece.data is None:
            diagnosis = diagnose_piece(piece.raw)
            self.counts["dead_letters"] += 1
            return _Job([dead_letter(piece.raw, diagnosis, origin)], diagnosis.verdict)
        mn = ""
        try:
            segment = parse_segment(piece.data)
            mn = segment.mn
            out = records_of(segment, piece.raw, self.registry, origin, self.minute_s)
        except BadSegment as bad:
            self.counts["dead_letters"] += 1
            return _Job([dead_letter(piece.raw, bad.diagnosis, origin, mn)], bad.diagnosis.verdict)
        self.counts["readings"] += out.readings
        self.counts["unregistered"] += out.unregistered
        self.counts["refused_values"] += out.refused
        self.counts["dead_letters"] += bool(out.refused)
        if not out.records and segment.cn[0] in "23":
            self.counts["without_readings"] += 1
            log.info("hj212_without_readings", mn=mn, cn=segment.cn, cp=dict(list(segment.cp.items())[:10]))
        return _Job(out.records, _verdict(segment, seen), answer_to(segment))


def _verdict(segment: Segment, seen: "deque[str]") -> str:
    """Whether this connection has lately brought the same message: the answer came late, and it sent again."""
    if not segment.qn:
        return "accepted"
    key = f"{segment.mn} {segment.cn} {segment.qn} {segment.pno}"
    if key in seen:
        return "duplicate"
    seen.append(key)
    return "accepted"


def _peer(writer: asyncio.StreamWriter) -> str:
    name = writer.get_extra_info("peername")
    return f"{name[0]}:{name[1]}" if name else "unknown"
