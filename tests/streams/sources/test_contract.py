"""The contract over the whole table, shown to fail on a member that breaks it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from streams.sources import SOURCES
from streams.sources.base import Headers, Publisher
from streams.sources.hj212.gateway import Hj212Gateway
from streams.sources.memory_publisher import OneByOne
from tests.streams.sources.contract import WIRES, Wire, check_source
from tests.streams.sources.hj212 import plant
from topics.errors import NotKept, PartMissing


def test_every_member_of_the_table_has_a_wire() -> None:
    assert SOURCES.keys() == WIRES.keys()


@pytest.mark.parametrize("name", SOURCES)
def test_every_member_has_the_name_it_is_listed_under(name: str) -> None:
    assert SOURCES[name]().name == name
    assert isinstance(WIRES[name].make(0), SOURCES[name]())


@pytest.mark.parametrize("name", SOURCES)
async def test_the_contract_holds(name: str) -> None:
    await check_source(name, WIRES[name])


class _Forgetful(OneByOne):
    """Says that everything is kept."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher = publisher

    async def publish(self, topic: str, key: str, value: bytes, headers: Headers = ()) -> None:
        try:
            await self.publisher.publish(topic, key, value, headers)
        except NotKept:
            return


class AcknowledgesTooMuch(Hj212Gateway):
    """Acknowledges what was not kept."""

    async def start(self, publisher: Publisher) -> None:
        await super().start(_Forgetful(publisher))


class DropsTheBad(Hj212Gateway):
    """Throws bad frames away in silence."""

    async def start(self, publisher: Publisher) -> None:
        await super().start(_WithoutDeadLetters(publisher))


class _WithoutDeadLetters(_Forgetful):
    async def publish(self, topic: str, key: str, value: bytes, headers: Headers = ()) -> None:
        if topic != "dead-letters":
            await self.publisher.publish(topic, key, value, headers)


class KeepsItsPort(Hj212Gateway):
    """Does not give up the wire."""

    async def stop(self) -> None:
        return


def wrong(member: type[Hj212Gateway], made: list[Hj212Gateway]) -> Wire:
    def make(port: int) -> Hj212Gateway:
        made.append(member(plant.REGISTRY, port=port))
        return made[-1]

    return replace(WIRES["hj212"], make=make)


PLANTED: Sequence[tuple[type[Hj212Gateway], type[Exception], str]] = (
    (AcknowledgesTooMuch, AssertionError, "what is not kept is not acknowledged"),
    (DropsTheBad, AssertionError, "never dropped in silence"),
    (KeepsItsPort, PartMissing, "to be free"),
)


@pytest.mark.parametrize(("member", "error", "words"), PLANTED)
async def test_the_contract_fails_on_a_planted_wrong_member(
    member: type[Hj212Gateway], error: type[Exception], words: str
) -> None:
    made: list[Hj212Gateway] = []
    try:
        with pytest.raises(error, match=words):
            await check_source("hj212", wrong(member, made))
    finally:
        for source in made:
            await Hj212Gateway.stop(source)


@pytest.mark.parametrize("name", SOURCES)
def test_every_member_has_a_page(name: str) -> None:
    docs = Path(__file__).parents[3] / "docs"
    assert any(f"(source `{name}`" in page.read_text(encoding="utf-8") for page in docs.glob("*.md"))
