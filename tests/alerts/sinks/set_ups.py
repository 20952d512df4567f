"""For each sink of the table a recipient that takes what comes, one that is away, and what it would not take."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import httpx
import msgspec
from aiokafka.errors import KafkaConnectionError
from lxml import etree

from alerts.sinks.alertmanager import AlertmanagerSink
from alerts.sinks.cap import CapSink
from alerts.sinks.folder import FolderSink
from alerts.sinks.gbt35965 import Gbt35965Sink
from alerts.sinks.kafka import KafkaSink
from alerts.sinks.mail import EmailSink
from alerts.sinks.webhook import KEY, WebhookSink
from alerts.warnings.cap import NAMESPACE, reference_text
from alerts.warnings.statement import Reference, Statement
from tests.alerts.sinks.contract import Setup
from tests.alerts.sinks.mail_server import MailServer, free_port
from tests.alerts.warnings.test_cap import statement

UNFIT = statement(identifier="not a name")


class Gateway:
    """An HTTP recipient in memory: keeps what it takes by identifier; ``answer`` makes the response."""

    def __init__(self, answer: Callable[[Statement], httpx.Response], said: Statement) -> None:
        self.taken: dict[str, bytes] = {}
        self._answer = answer
        self._said = said
        self.transport = httpx.MockTransport(self.handle)

    def handle(self, request: httpx.Request) -> httpx.Response:
        response = self._answer(self._said)
        if response.is_success:
            name = etree.fromstring(request.content).findtext(f"{{{NAMESPACE}}}identifier")
            self.taken[str(name)] = request.content
        return response

    def sink(self) -> CapSink:
        return CapSink("http://bureau.test/cap", transport=self.transport)


def ack(said: Statement, kind: str = "Ack", **more: str) -> httpx.Response:
    """The answer of a recipient to ``said``."""
    fields = {
        "identifier": "ack-1", "sender": "bureau", "sent": "2026-01-01T00:00:00+08:00", "msgType": kind,
        "source": "officer Li", "note": "no reason",
        "references": reference_text(Reference(said.sender, said.identifier, said.sent)),
    }  # fmt: skip
    body = "".join(f"<{name}>{text}</{name}>" for name, text in (fields | more).items())
    return httpx.Response(200, content=f'<alert xmlns="{NAMESPACE}">{body}</alert>'.encode())


def cap_setup(said: Statement, folder: Path) -> Setup:
    gateway = Gateway(ack, said)
    away = Gateway(lambda _: httpx.Response(503), said)
    return Setup(gateway.sink(), away.sink(), UNFIT, lambda: list(gateway.taken))


def folder_setup(said: Statement, folder: Path) -> Setup:
    blocked = folder / "file"
    blocked.write_text("in the way of a folder")

    def arrived() -> list[str]:
        return [path.name.removesuffix(".cap.xml") for path in (folder / "out").iterdir()]

    return Setup(FolderSink(folder / "out"), FolderSink(blocked), UNFIT, arrived)


class Program:
    """An HTTP recipient that takes everything, or is away; ``key`` finds the identifier in a request."""

    def __init__(self, key: Callable[[httpx.Request], str], status: int = 200) -> None:
        self.taken: dict[str, bytes] = {}
        self._key, self._status = key, status
        self.transport = httpx.MockTransport(self.handle)

    def handle(self, request: httpx.Request) -> httpx.Response:
        if self._status < 300:
            self.taken[self._key(request)] = request.content
        return httpx.Response(self._status)


@contextmanager
def webhook_setup(said: Statement, folder: Path) -> Iterator[Setup]:
    there, away = (Program(lambda request: request.headers[KEY], status) for status in (200, 503))
    working, gone = (WebhookSink("http://hook.test/", "s", transport=each.transport) for each in (there, away))
    yield Setup(working, gone, UNFIT, lambda: list(there.taken))


@contextmanager
def alertmanager_setup(said: Statement, folder: Path) -> Iterator[Setup]:
    def identifier(request: httpx.Request) -> str:
        return str(msgspec.json.decode(request.content)[0]["annotations"]["identifier"])

    there, away = (Program(identifier, status) for status in (200, 503))
    working, gone = (AlertmanagerSink("http://am.test", transport=each.transport) for each in (there, away))
    yield Setup(working, gone, UNFIT, lambda: list(there.taken))


@contextmanager
def gbt35965_setup(said: Statement, folder: Path) -> Iterator[Setup]:
    def identifier(request: httpx.Request) -> str:
        return str(etree.fromstring(request.content).findtext("identifier"))

    there, away = (Program(identifier, status) for status in (200, 503))
    working, gone = (
        Gbt35965Sink("http://gb.test", "12000041600000", names, transport=each.transport) for each in (there, away)
    )
    yield Setup(working, gone, UNFIT, lambda: [name.removeprefix("gb-") for name in there.taken])


def names(said: Statement) -> dict[str, str]:
    return {said.identifier: f"gb-{said.identifier}"}


@contextmanager
def email_setup(said: Statement, folder: Path) -> Iterator[Setup]:
    to = "officer@bureau.test"
    with MailServer() as server:
        away = EmailSink(f"smtp://127.0.0.1:{free_port()}", "brain@city.test", to)
        yield Setup(EmailSink(server.url, "brain@city.test", to), away, UNFIT, server.post.identifiers)


@contextmanager
def kafka_setup(said: Statement, folder: Path) -> Iterator[Setup]:
    kept: dict[bytes, bytes] = {}

    async def publish(topic: str, key: bytes, value: bytes) -> str:
        kept[key] = value  # as a compacted topic keeps it
        return f"{topic}/0/0"

    async def fail(topic: str, key: bytes, value: bytes) -> str:
        raise KafkaConnectionError("away")

    def arrived() -> list[str]:
        return [msgspec.json.decode(value, type=Statement).identifier for value in kept.values()]

    yield Setup(KafkaSink("warnings", publish), KafkaSink("warnings", fail), UNFIT, arrived)


SETUPS: dict[str, Callable[[Statement, Path], AbstractContextManager[Setup]]] = {
    "cap": lambda said, folder: nullcontext(cap_setup(said, folder)),
    "folder": lambda said, folder: nullcontext(folder_setup(said, folder)),
    "webhook": webhook_setup,
    "email": email_setup,
    "gbt35965": gbt35965_setup,
    "alertmanager": alertmanager_setup,
    "kafka": kafka_setup,
}
