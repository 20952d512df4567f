"""The TCP gateway of vehicle terminals (JT/T 808): positions onto their topic, answers once the broker has them."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from streams.sources.device_connection import Connection
from streams.sources.device_gateway import DeviceGateway, wall_ms
from streams.sources.device_limits import Limits
from streams.sources.jt808.framing import LARGEST_DATA, Framer
from streams.sources.jt808.session import City, Job, Session
from streams.sources.jt808.terminals import Terminals
from streams.sources.piece import Piece


class Line(Connection):
    """A line of one terminal, or of a forwarder that brings several."""

    def __init__(self, keeper: "Jt808Gateway") -> None:
        super().__init__(keeper, Framer(2 * keeper.limits.frame_bytes))
        self.session: Session | None = None


class Jt808Gateway(DeviceGateway):
    """Listens for terminals; ``counts`` as ``DeviceGateway`` says, with the verdicts of ``VERDICTS`` and
    positions.
    """

    name: ClassVar[str] = "jt808"

    def __init__(
        self,
        city: City,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: Limits | None = None,
        terminals: Terminals | None = None,
        now_ms: Callable[[], int] = wall_ms,
    ) -> None:
        super().__init__(host, port, limits or Limits(frame_bytes=LARGEST_DATA, idle_s=600.0))
        self.city = city
        self.terminals = terminals or Terminals()
        self.now_ms = now_ms

    def line(self) -> Connection:
        return Line(self)

    def read(self, connection: Connection, pieces: Sequence[Piece]) -> list[Job]:
        assert isinstance(connection, Line), "it made the line itself"
        if connection.session is None:
            connection.session = Session(self.city, self.terminals, connection.host, self.now_ms)
        return [connection.session.job(piece) for piece in pieces]

    def sender(self, job: Job) -> str:
        return job.phone

    def settled(self, connection: Connection, job: Job) -> None:
        self.counts["positions"] += job.positions
