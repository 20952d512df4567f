"""Terminals over TCP: answers only for what is kept, in order; who sends too much is read more slowly; limits bite."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from streams.sources.device_limits import BURST_S, Limits
from streams.sources.jt808.client import TerminalClient
from streams.sources.jt808.framing import LARGEST_DATA, framed
from streams.sources.jt808.gateway import Jt808Gateway
from streams.sources.jt808.message import HEARTBEAT, PLATFORM_ANSWER
from streams.sources.jt808.terminals import TerminalKey, Terminals
from streams.sources.memory_publisher import MemoryPublisher
from tests.patience import until
from tests.streams.sources.jt808.vehicles import PHONE, PLATE, T0, city, place, report
from topics.errors import NotKept
from topics.positions import Position, read_told


@asynccontextmanager
async def listening(
    limits: Limits | None = None, terminals: Terminals | None = None
) -> AsyncIterator[tuple[Jt808Gateway, MemoryPublisher]]:
    gateway, publisher = Jt808Gateway(city(), limits=limits, terminals=terminals), MemoryPublisher()
    await gateway.start(publisher)
    try:
        yield gateway, publisher
    finally:
        await gateway.stop()


def terminal(gateway: Jt808Gateway, edition: int = 2013) -> TerminalClient:
    return TerminalClient("127.0.0.1", gateway.port, PHONE, PLATE, edition)


def told(publisher: MemoryPublisher) -> list[Position]:
    read = [read_told(value) for value in publisher.values("positions")]
    return [each for each in read if isinstance(each, Position)]


@pytest.mark.parametrize("edition", [2011, 2013, 2019])
async def test_a_terminal_of_each_edition_registers_shows_its_code_and_reports(edition: int) -> None:
    async with listening(terminals=Terminals({PHONE: TerminalKey("c-7")}, "refuse")) as (gateway, publisher):
        async with terminal(gateway, edition) as mine:
            assert await mine.begin() == "c-7"
            await mine.must(HEARTBEAT)
            await mine.report([place(0)])
            await mine.report([place(20), place(40)], kept=True)
        assert [(each.time - T0, each.resent) for each in told(publisher)] == [
            (0, False),
            (20_000, True),
            (40_000, True),
        ]
        assert gateway.counts["positions"] == 3 and gateway.counts["frame_accepted"] == 5


async def test_nothing_is_answered_before_it_is_kept_and_answers_keep_their_order() -> None:
    async with listening() as (gateway, publisher), terminal(gateway) as mine:
        publisher.state = "silent"
        await mine.send(report(0, serial=1) + report(1, serial=2))
        await until(lambda: publisher.calls == 2)
        assert gateway.counts["acknowledged"] == 0
        publisher.state = "keeps"
        first, second = await mine.answer(), await mine.answer()
        assert first.id == second.id == PLATFORM_ANSWER
        assert [first.body[1], second.body[1]] == [1, 2]
        publisher.state = "refuses"
        with pytest.raises(NotKept):
            await mine.ask(0x0200, report(2)[13:-2], timeout_s=0.2)
        await until(lambda: gateway.counts["frame_not_kept"] == 1)
        assert gateway.counts["acknowledged"] == 2


async def test_who_sends_too_much_is_read_more_slowly_and_loses_nothing() -> None:
    rate = 2.0
    count = round(rate * BURST_S) + 2
    limits = Limits(frames_per_s=rate, frame_bytes=LARGEST_DATA)
    async with listening(limits) as (gateway, publisher), terminal(gateway) as mine:
        await mine.send(b"".join(report(n, serial=n) for n in range(count)))
        await until(lambda: len(publisher.of("positions")) == count)
        assert gateway.counts["limit_frame_rate"] == 1


async def test_one_connection_too_many_is_turned_away_and_the_other_goes_on() -> None:
    limits = Limits(connections=1, frame_bytes=LARGEST_DATA)
    async with listening(limits) as (gateway, publisher), terminal(gateway) as first:
        await first.report([place()])
        async with terminal(gateway) as second:
            with pytest.raises((NotKept, ConnectionError)):
                await second.report([place()])
        assert gateway.counts["limit_connections"] == 1
        await first.report([place(20)])
        assert len(publisher.of("positions")) == 2


async def test_a_terminal_that_says_nothing_is_hung_up_on() -> None:
    async with listening(Limits(idle_s=0.05, frame_bytes=LARGEST_DATA)) as (gateway, _), terminal(gateway) as mine:
        with pytest.raises(NotKept, match="hung up"):
            await mine.answer()
        await until(lambda: not gateway.connections)
        assert gateway.counts["limit_idle"] == 1


async def test_an_endless_frame_is_cut_into_dead_letters_and_the_line_lives() -> None:
    async with listening() as (gateway, publisher), terminal(gateway) as mine:
        await mine.send(b"\x7e" + b"\x01" * 10_000 + framed(b"\x00"))
        await mine.report([place()])
        assert gateway.counts["frame_bad_frame"] >= 5
        assert max(len(each) for each in publisher.values("dead-letters")) <= 2 * LARGEST_DATA
