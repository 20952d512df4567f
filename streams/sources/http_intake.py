"""The HTTP intake: readings, cargo events, positions, safety work and EPCIS documents, each item answered by itself.

Nothing is acknowledged before the publisher has kept it. ``docs/intake.md`` shows the calls; the
interface describes itself at ``/openapi.json``. It binds to loopback: there are no accounts yet.
"""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import ClassVar

import msgspec
import structlog
import uvicorn
from fastapi import FastAPI, Request, Response

from streams.sources.base import Publisher, Record, Source
from streams.sources.intake_body import read_up_to, wrong_type
from streams.sources.intake_doors import Door, doors
from streams.sources.intake_items import Answer, Refused, answer, read_body, refused_whole
from streams.sources.intake_messages import City, Outgoing
from streams.sources.intake_openapi import add_schemas, described
from topics.errors import NotKept, PartMissing

#: A body of so many bytes.
MAX_BODY = 8 * 1_048_576

#: What a sender should wait where the broker did not keep its items, in seconds.
RETRY_AFTER_S = 5

log = structlog.get_logger(__name__)


class HttpIntake(Source):
    """The intake on ``host:port`` (0 = any free port, then told by ``port``).

    ``city`` holds the live registry and the packs; ``now_ms`` is the wall time. EPCIS events of places
    nobody registered go to the events of ``custody_domain``.
    """

    name: ClassVar[str] = "http"

    def __init__(
        self,
        city: City,
        now_ms: Callable[[], int],
        *,
        host: str = "127.0.0.1",
        port: int = 8401,
        custody_domain: str = "food",
        max_body: int = MAX_BODY,
    ) -> None:
        self.city = city
        self.now_ms = now_ms
        self.host = host
        self.port = port
        self.doors = doors(custody_domain)
        self.max_body = max_body
        self.accepted = 0
        self.refused = 0
        self._publisher: Publisher | None = None
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self.app = self._app()

    async def start(self, publisher: Publisher) -> None:
        self._publisher = publisher
        wire = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET)
        self._socket = wire
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            wire.bind((self.host, self.port))
            wire.listen(256)
        except OSError as error:
            await self.stop()
            raise PartMissing(
                f"HTTP intake: expected {self.host}:{self.port} to be free, got: {error.strerror}"
            ) from error
        wire.setblocking(False)
        self.port = wire.getsockname()[1]
        config = uvicorn.Config(
            self.app,
            log_config=None,
            access_log=False,
            lifespan="off",
            limit_concurrency=256,  # beyond it uvicorn answers 503 by itself
            timeout_graceful_shutdown=10,
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[wire]), name="http-intake")

    async def stop(self) -> None:
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task
        self._server = self._task = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _app(self) -> FastAPI:
        app = FastAPI(
            title="City intake",
            description="Readings, cargo events, positions, safety work and EPCIS 2.0. Each item is answered by "
            "itself: 200 all taken, 207 some, 422 none; 503 with Retry-After: send all of it again.",
            version="1",
            docs_url=None,  # its page would load scripts from elsewhere
            redoc_url=None,
        )
        for door in self.doors:
            # The name is half of the operation's id, by which clients made from the interface call it.
            name = "_" + door.path.rpartition("/")[2]
            app.post(door.path, name=name, **described(door.summary, door.body, door.types))(self._behind(door))
        add_schemas(app, [door.body for door in self.doors])
        return app

    def _behind(self, door: Door) -> Callable[[Request], Awaitable[Response]]:
        async def answered(request: Request) -> Response:
            return await self._answered(request, door)

        return answered

    async def _answered(self, request: Request, door: Door) -> Response:
        if problem := wrong_type(request, door.types):
            return _json(415, {"error": problem})
        body = await read_up_to(request, self.max_body)
        if body is None:
            return _json(413, {"error": f"a body of at most {self.max_body} bytes is required"})
        try:
            items = door.items(read_body(body))
        except Refused as refusal:
            return _told(refused_whole(refusal))
        outgoing, answers = door.taken(items, self.city, self.now_ms())
        try:
            await self._keep(outgoing)
        except NotKept as error:
            log.warning("intake_not_kept", error=str(error))
            answered = _json(503, {"error": f"not kept, send all of it again: {error}"})
            answered.headers["Retry-After"] = str(RETRY_AFTER_S)
            return answered
        told = answer(answers)
        self.accepted += told.accepted
        self.refused += told.refused
        return _told(told)

    async def _keep(self, outgoing: Sequence[Outgoing]) -> None:
        """Return when all are kept. One key's records keep their order, as ``publish`` is called in it."""
        assert self._publisher is not None
        if outgoing:
            await self._publisher.publish_all([Record(e.topic, e.key, e.value, tuple(e.headers)) for e in outgoing])


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the process, which stops this source like any other."""
        yield


def _told(told: Answer) -> Response:
    return _json(told.status, msgspec.structs.asdict(told))


def _json(status: int, content: object) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
