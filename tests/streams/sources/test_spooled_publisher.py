"""The broker with a spool before it: outages are items of a list, order of each key holds, full keeps nothing."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.sources.base import Record
from streams.sources.memory_publisher import MemoryPublisher, State
from streams.sources.spool import Spool
from streams.sources.spool_segments import find_segments
from streams.sources.spooled_publisher import LARGEST_RECORD, SpooledPublisher
from tests.patience import until
from topics.errors import NotKept

ROOM = 10_000_000


@asynccontextmanager
async def spooled(
    broker: MemoryPublisher, folder: Path, *, room: int = ROOM, patience_s: float = 0.05, **options: Any
) -> AsyncIterator[SpooledPublisher]:
    publisher = SpooledPublisher(broker, Spool(folder, room), patience_s=patience_s, retry_s=0.01, **options)
    await publisher.start()
    try:
        yield publisher
    finally:
        await publisher.stop()


def numbers(broker: MemoryPublisher) -> list[int]:
    return [int(record.value) for record in broker.records]


def first_times(values: list[int]) -> list[int]:
    return list(dict.fromkeys(values))


async def send(publisher: SpooledPublisher, *values: int) -> list[BaseException | None]:
    return await asyncio.gather(
        *(publisher.publish("t", f"k{value % 3}", b"%d" % value) for value in values), return_exceptions=True
    )


async def test_while_the_broker_keeps_the_spool_is_not_touched(tmp_path: Path) -> None:
    broker = MemoryPublisher()
    async with spooled(broker, tmp_path, patience_s=60) as publisher:
        assert await send(publisher, 1, 2, 3) == [None] * 3
        assert numbers(broker) == [1, 2, 3]
        assert not publisher.spooling
    assert find_segments(tmp_path) == {}


@pytest.mark.parametrize("state", ["refuses", "silent"])
async def test_an_outage_goes_through_the_spool_in_order(tmp_path: Path, state: State) -> None:
    broker = MemoryPublisher()
    async with spooled(broker, tmp_path) as publisher:
        await send(publisher, 1, 2)
        broker.state = state
        assert await send(publisher, 3, 4, 5) == [None] * 3  # kept, although the broker took none
        assert publisher.spooling and publisher.spool.bytes > 0
        assert await send(publisher, 6, 7) == [None] * 2
        assert numbers(broker) == [1, 2]
        broker.state = "keeps"
        await until(lambda: not publisher.spooling)
        assert first_times(numbers(broker)) == [1, 2, 3, 4, 5, 6, 7]
        await send(publisher, 8)
        assert numbers(broker)[-1] == 8 and publisher.spool.bytes == 0


async def test_steady_input_does_not_keep_the_spool_in_use(tmp_path: Path) -> None:
    broker = MemoryPublisher("refuses")
    sent = 0
    async with spooled(broker, tmp_path, patience_s=5) as publisher:
        await send(publisher, 0)
        broker.state = "keeps"
        while publisher.spooling:
            assert sent < 5_000
            await send(publisher, *range(sent + 1, sent + 4))
            sent += 3
    assert numbers(broker) == list(range(sent + 1))


async def test_a_broker_that_answers_too_late_gives_repeats_and_loses_nothing(tmp_path: Path) -> None:
    broker = MemoryPublisher(script={0: "silent"})
    broker.state = "silent"
    async with spooled(broker, tmp_path) as publisher:
        assert await send(publisher, 1) == [None]
        broker.state = "keeps"
        await until(lambda: not publisher.spooling)
        await until(lambda: numbers(broker).count(1) == 2)


async def test_a_full_spool_keeps_nothing_and_says_so(tmp_path: Path) -> None:
    broker = MemoryPublisher("refuses")
    async with spooled(broker, tmp_path, room=100) as publisher:
        answers = await send(publisher, *range(20))
        kept = [value for value, answer in zip(range(20), answers, strict=True) if answer is None]
        assert 0 < len(kept) < 20
        assert all(isinstance(answer, NotKept) for answer in answers if answer is not None)
        broker.state = "keeps"
        await until(lambda: not publisher.spooling)
        assert numbers(broker) == kept


async def test_a_later_process_drains_what_an_earlier_one_left(tmp_path: Path) -> None:
    async with spooled(MemoryPublisher("refuses"), tmp_path) as publisher:
        await send(publisher, 1, 2, 3)
    broker = MemoryPublisher()
    async with spooled(broker, tmp_path) as publisher:
        await send(publisher, 4)  # goes behind the old ones
        await until(lambda: not publisher.spooling)
    assert numbers(broker) == [1, 2, 3, 4]


async def test_a_record_no_topic_takes_is_refused_and_does_not_block_the_spool(tmp_path: Path) -> None:
    broker = MemoryPublisher("refuses")
    async with spooled(broker, tmp_path) as publisher:
        with pytest.raises(NotKept, match=f"at most {LARGEST_RECORD} bytes"):
            await publisher.publish("t", "k", b"x" * (LARGEST_RECORD + 1))
        assert publisher.spool.bytes == 0


async def test_headers_and_bytes_pass_the_spool_untouched(tmp_path: Path) -> None:
    broker = MemoryPublisher("refuses")
    sent = Record("dead-letters", "键", bytes(range(256)), (("原因", b"\xff\x00"),))
    async with spooled(broker, tmp_path) as publisher:
        await publisher.publish(sent.topic, sent.key, sent.value, sent.headers)
        broker.state = "keeps"
        await until(lambda: not publisher.spooling)
    assert broker.records == [sent]


async def test_the_spools_size_is_told(tmp_path: Path) -> None:
    told: list[int] = []
    broker = MemoryPublisher("refuses")
    async with spooled(broker, tmp_path, on_spool=told.append) as publisher:
        await send(publisher, 1)
        broker.state = "keeps"
        await until(lambda: not publisher.spooling)
    assert max(told) > 0 and told[-1] == 0


async def test_stopping_in_an_outage_answers_those_who_wait(tmp_path: Path) -> None:
    broker = MemoryPublisher("silent")
    async with spooled(broker, tmp_path, patience_s=60) as publisher:
        waiting = asyncio.ensure_future(publisher.publish("t", "k", b"1"))
        await until(lambda: broker.calls == 1)
        await publisher.stop()
        with pytest.raises(NotKept, match="has stopped"):
            await waiting


STATES = st.sampled_from(["keeps", "refuses", "silent"])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(STATES, st.integers(1, 5)), min_size=1, max_size=8))
async def test_through_any_outages_nothing_is_lost_and_each_key_keeps_its_order(
    tmp_path_factory: pytest.TempPathFactory, story: list[tuple[State, int]]
) -> None:
    broker = MemoryPublisher()
    sent = 0
    async with spooled(broker, tmp_path_factory.mktemp("spool"), patience_s=0.01) as publisher:
        for state, count in story:
            broker.state = state
            assert await send(publisher, *range(sent, sent + count)) == [None] * count
            sent += count
        broker.state = "keeps"
        await until(lambda: not publisher.spooling)
    by_key: dict[str, list[int]] = defaultdict(list)
    for record in broker.records:
        by_key[record.key].append(int(record.value))
    for key, values in by_key.items():
        assert first_times(values) == [value for value in range(sent) if f"k{value % 3}" == key]
