"""The TCP gateway: devices connect, send frames, and get their answer once what they sent has been kept."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Protocol

from streams.sources.base import Record
from streams.sources.device_connection import MOST_DEVICES, Connection
from streams.sources.device_gateway import DeviceGateway, wall_ms
from streams.sources.device_limits import Limits
from streams.sources.hj212.device_keys import DeviceKeys
from streams.sources.hj212.frames import Frames, Job
from streams.sources.hj212.framing import Framer
from streams.sources.hj212.times import DEFAULT_MINUTE_S, When
from streams.sources.hj212.to_readings import NO_DOMAINS, Lookup, Origin
from streams.sources.piece import Piece
from topics.domain import Domain


class Upper(Protocol):
    """The gateway as the upper computer, which speaks to devices; ``None`` where it only listens."""

    def heard(self, connection: Connection, job: Job, plain: bytes) -> None:
        """A good message of a device has been kept."""
        ...

    def lost(self, connection: Connection) -> None:
        """A line has ended; its devices are not asked any more until they come again."""

    def look(self) -> list[Record]:
        """Called every second; what is to be kept of what the gateway did with devices since."""
        ...

    def asked(self, mn: str, cn: str, qn: str, times: When) -> bool:
        """Whether a frame answers what was asked of this device, by its command, its QN and its times."""


class Hj212Gateway(DeviceGateway):
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
        now_ms: Callable[[], int] = wall_ms,
        domains: Mapping[str, Domain] = NO_DOMAINS,
        keys: DeviceKeys | None = None,
        upper: Upper | None = None,
        keep_raw: bool = False,
    ) -> None:
        super().__init__(host, port, limits)
        self.now_ms = now_ms
        self.upper = upper
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

    def line(self) -> Connection:
        return Connection(self, Framer(self.limits.frame_bytes))

    def read(self, connection: Connection, pieces: Sequence[Piece]) -> list[Job]:
        origin = Origin(connection.peer, self.now_ms())
        return [self.frames.job(piece, origin, connection.host) for piece in pieces]

    def sender(self, job: Job) -> str:
        return job.segment.mn if job.segment is not None else ""

    def settled(self, connection: Connection, job: Job) -> None:
        """It is heard by the upper computer too."""
        if job.segment is not None:
            if len(connection.devices) < MOST_DEVICES:
                connection.devices.add(job.segment.mn)
            if self.upper is not None:
                self.upper.heard(connection, job, job.plain)

    def gone(self, connection: Connection) -> None:
        if self.upper is not None:
            self.upper.lost(connection)

    def due(self) -> list[Record]:
        """What the upper computer has to say."""
        return self.upper.look() if self.upper is not None else []
