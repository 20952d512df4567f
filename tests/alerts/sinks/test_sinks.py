"""Every sink of the table keeps the contract; one planted wrong sink is found out."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import httpx
import msgspec
import pytest
from aiokafka.errors import KafkaConnectionError
from lxml import etree

from alerts.sinks import SINKS, Addresses, Receipt, Sink, open_sinks
from alerts.sinks.alertmanager import AlertmanagerSink
from alerts.sinks.cap import CapSink
from alerts.sinks.folder import FolderSink
from alerts.sinks.gbt35965 import Gbt35965Sink
from alerts.sinks.kafka import KafkaSink
from alerts.sinks.mail import EmailSink
from alerts.sinks.webhook import KEY, WebhookSink
from alerts.warnings.cap import NAMESPACE, reference_text
from alerts.warnings.statement import Reference, Statement
from tests.alerts.sinks.contract import Setup, check_sink
from tests.alerts.sinks.mail_server import MailServer, free_port
from tests.alerts.warnings.test_cap import statement
from topics.errors import DeliveryError

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


def test_every_sink_of_the_table_has_a_set_up_here() -> None:
    assert SETUPS.keys() == SINKS.keys()


@pytest.mark.parametrize("name", SINKS)
async def test_sink_keeps_the_contract(name: str, tmp_path: Path) -> None:
    said = statement()
    with SETUPS[name](said, tmp_path) as setup:
        await check_sink(setup, said)


class CarelessSink(Sink):
    """What the contract must find out: takes any answer for a delivery, as some public products do."""

    def __init__(self, transport: httpx.MockTransport) -> None:
        self._client = httpx.AsyncClient(transport=transport)

    async def deliver(self, said: Statement) -> Receipt:
        response = await self._client.post("http://bureau.test/cap", content=b"<alert/>")
        return Receipt(response.status_code)


async def test_the_contract_finds_a_sink_that_ignores_the_status() -> None:
    said = statement()
    down = httpx.MockTransport(lambda _: httpx.Response(500))
    careless = Setup(CarelessSink(down), CarelessSink(down), UNFIT, list)
    with pytest.raises(AssertionError, match="delivered means that the recipient has it"):
        await check_sink(careless, said)


async def test_the_contract_finds_a_sink_that_gives_up_at_once(tmp_path: Path) -> None:
    class Hasty(WebhookSink):
        async def deliver(self, said: Statement) -> Receipt:
            try:
                return await super().deliver(said)
            except DeliveryError as error:
                raise DeliveryError(str(error), retriable=False) from error

    with webhook_setup(statement(), tmp_path) as setup:
        hasty = Hasty("http://hook.test/", "s", transport=httpx.MockTransport(lambda _: httpx.Response(503)))
        with pytest.raises(AssertionError, match="a recipient that is away may come back"):
            await check_sink(Setup(setup.working, hasty, UNFIT, setup.arrived), statement())


async def test_the_contract_finds_a_sink_that_tries_the_impossible_for_ever(tmp_path: Path) -> None:
    class Stubborn(WebhookSink):
        async def deliver(self, said: Statement) -> Receipt:
            try:
                return await super().deliver(said)
            except DeliveryError as error:
                raise DeliveryError(str(error), retriable=True) from error

    program = Program(lambda request: request.headers[KEY])
    stubborn = Stubborn("http://hook.test/", "s", transport=program.transport)
    with webhook_setup(statement(), tmp_path) as setup, pytest.raises(AssertionError, match="not tried for ever"):
        await check_sink(Setup(stubborn, setup.away, UNFIT, lambda: list(program.taken)), statement())


async def test_the_contract_finds_a_sink_that_doubles(tmp_path: Path) -> None:
    with email_setup(statement(), tmp_path) as setup:

        def letters() -> list[str]:
            return setup.identifiers() * 2

        with pytest.raises(AssertionError, match="the recipient has it, once"):
            await check_sink(Setup(setup.working, setup.away, UNFIT, letters), statement())


async def test_the_contract_finds_a_sink_whose_failures_are_not_delivery_errors(tmp_path: Path) -> None:
    class Raw(FolderSink):
        async def deliver(self, said: Statement) -> Receipt:
            (self._folder / f"{said.identifier}.cap.xml").write_bytes(b"")
            return Receipt()

    setup = folder_setup(statement(), tmp_path)
    (tmp_path / "out").mkdir()
    with pytest.raises(NotADirectoryError):
        await check_sink(Setup(Raw(tmp_path / "out"), Raw(tmp_path / "file"), UNFIT, setup.arrived), statement())


@pytest.mark.parametrize(
    ("status", "retriable"),
    [
        (500, True),
        (502, True),
        (503, True),
        (408, True),
        (429, True),
        (301, True),
        (400, False),
        (404, False),
        (422, False),
    ],
)
async def test_only_2xx_counts_and_only_a_refusal_of_the_message_is_final(status: int, retriable: bool) -> None:
    sink = Gateway(lambda _: httpx.Response(status, text="why"), statement()).sink()
    with pytest.raises(DeliveryError, match=f"answered {status}: why") as failure:
        await sink.deliver(statement())
    assert (failure.value.status, failure.value.retriable) == (status, retriable)


async def test_the_receipt_bears_who_signed_and_when() -> None:
    receipt = await Gateway(ack, statement()).sink().deliver(statement())
    assert receipt == Receipt(200, "officer Li", 1_767_196_800_000, "ack-1")


async def test_taken_without_an_ack_is_delivered_but_signed_for_by_nobody() -> None:
    receipt = await Gateway(lambda _: httpx.Response(202), statement()).sink().deliver(statement())
    assert receipt == Receipt(202)


async def test_an_ack_of_another_message_is_no_receipt() -> None:
    gateway = Gateway(lambda said: ack(said, references="a,other,2026-01-01T00:00:00+08:00"), statement())
    with pytest.raises(DeliveryError, match=r"expected an Ack of citybrain\.test-1-2-3, got Ack of other") as failure:
        await gateway.sink().deliver(statement())
    assert failure.value.retriable


async def test_a_cap_error_is_final_and_says_why() -> None:
    gateway = Gateway(lambda said: ack(said, "Error", note="no such area"), statement())
    with pytest.raises(DeliveryError, match="bureau refused it: no such area") as failure:
        await gateway.sink().deliver(statement())
    assert not failure.value.retriable


async def test_a_recipient_that_never_answers_is_given_up_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # the kernel connects, nobody answers
        sink = CapSink(f"http://127.0.0.1:{deaf.getsockname()[1]}/cap", timeout_s=0.1)
        with pytest.raises(DeliveryError, match=r"(Read|Connect)Timeout") as failure:  # the latter on a busy machine
            await sink.deliver(statement())
        await sink.close()
    assert failure.value.retriable


async def test_an_external_entity_in_an_answer_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    body = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]><alert xmlns="{NAMESPACE}"><note>&x;</note></alert>'
    sink = Gateway(lambda _: httpx.Response(400, content=body.encode()), statement()).sink()
    with pytest.raises(DeliveryError) as failure:
        await sink.deliver(statement())
    assert "the secret" not in str(failure.value)


async def test_opening_all_sinks_gives_one_for_each_name(tmp_path: Path) -> None:
    sinks = open_sinks(Addresses("http://127.0.0.1:1/cap", tmp_path))
    assert sinks.keys() == SINKS.keys()
    for sink in sinks.values():
        await sink.close()
