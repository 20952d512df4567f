"""Every sink of the table keeps the contract; one planted wrong sink is found out."""

from pathlib import Path

import httpx
import pytest

from alerts.sinks import SINKS, Addresses, Receipt, Sink, open_sinks
from alerts.sinks.folder import FolderSink
from alerts.sinks.webhook import KEY, WebhookSink
from alerts.warnings.statement import Statement
from tests.alerts.sinks.contract import Setup, check_sink
from tests.alerts.sinks.set_ups import SETUPS, UNFIT, Program, email_setup, folder_setup, webhook_setup
from tests.alerts.warnings.test_cap import statement
from topics.errors import DeliveryError


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


async def test_opening_all_sinks_gives_one_for_each_name(tmp_path: Path) -> None:
    sinks = open_sinks(Addresses("http://127.0.0.1:1/cap", tmp_path))
    assert sinks.keys() == SINKS.keys()
    for sink in sinks.values():
        await sink.close()
