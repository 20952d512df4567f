"""Ranges of several partitions, asked for in any order, are what lies there; none waits for another partition's."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError
from hypothesis import given
from hypothesis import strategies as st

from streams.flink.log_ranges import LogRanges
from tests.patience import until
from topics.connection import KafkaConnection
from topics.errors import NotKept


@dataclass(frozen=True)
class Written:
    offset: int


class Log:
    """A client over logs in memory that gives, of each partition asked for, ``fetch`` records at most at a time.

    ``logs`` has the offsets of each partition's records, ``ends`` where each ends, ``cut`` where each begins. While
    it does not ``speaks`` nothing is answered.
    """

    def __init__(self, logs: Sequence[Sequence[int]], fetch: int, cut: int = 0) -> None:
        self.places = [TopicPartition("t", number) for number in range(len(logs))]
        self.logs = {place: list(offsets) for place, offsets in zip(self.places, logs, strict=True)}
        self.ends = {place: (offsets[-1] + 2 if offsets else 0) for place, offsets in self.logs.items()}
        self.fetch, self.cut = fetch, cut
        self.at: dict[TopicPartition, int] = {}
        self.asked = list[set[TopicPartition]]()
        self.speaks = asyncio.Event()
        self.speaks.set()

    def assign(self, places: Sequence[TopicPartition]) -> None:
        self.at = dict.fromkeys(places, -1)

    def seek(self, place: TopicPartition, offset: int) -> None:
        self.at[place] = max(offset, self.cut)

    async def position(self, place: TopicPartition) -> int:
        return self.at[place]

    async def beginning_offsets(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, self.cut)

    async def getmany(self, *places: TopicPartition, timeout_ms: int) -> dict[TopicPartition, list[Written]]:
        assert timeout_ms > 0 and places
        await asyncio.sleep(0)
        await self.speaks.wait()
        self.asked.append(set(places))
        given = {}
        for place in places:
            ahead = [Written(offset) for offset in self.logs[place] if offset >= self.at[place]]
            if some := ahead[: self.fetch]:
                given[place] = some
            # Behind the last record lies the end of a transaction, which no client shows.
            self.at[place] = some[-1].offset + 1 if len(ahead) > self.fetch else self.ends[place]
        return given


def ranges_over(log: Log, most: int) -> LogRanges:
    ranges = LogRanges(KafkaConnection("nowhere:1"), most)
    client: Any = log
    ranges._consumer = client
    return ranges


async def read(ranges: LogRanges, partition: int, first: int, last: int, *, beyond: bool = False) -> list[list[int]]:
    return [[each.offset for each in batch] async for batch in ranges.read("t", partition, first, last, beyond=beyond)]


offsets = st.lists(st.integers(1, 3), min_size=1, max_size=30).map(
    lambda steps: [sum(steps[: number + 1]) - 1 for number in range(len(steps))]
)


@given(
    logs=st.lists(offsets, min_size=1, max_size=3),
    fetch=st.integers(1, 9),
    most=st.integers(1, 9),
    asked=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 12), st.booleans(), st.booleans()), max_size=12),
)
def test_a_range_is_what_lies_there_whatever_was_read_before(
    logs: list[list[int]], fetch: int, most: int, asked: list[tuple[int, int, bool, bool]]
) -> None:
    asyncio.run(ask(ranges_over(Log(logs, fetch), most), logs, asked))


async def ask(ranges: LogRanges, logs: list[list[int]], asked: list[tuple[int, int, bool, bool]]) -> None:
    """Partition, length, whether what lies beyond is wanted, and whether from the log's beginning again."""
    at = defaultdict[int, int](int)
    for number, length, beyond, again in asked:
        partition = number % len(logs)
        first = 0 if again else at[partition]
        last = min(first + length, logs[partition][-1])
        batches = await read(ranges, partition, first, last, beyond=beyond)
        got = [offset for batch in batches for offset in batch]
        end = max(got[-1], last) if beyond and got else last
        assert got == [offset for offset in logs[partition] if first <= offset <= end]
        assert all(0 < len(batch) <= ranges.most_records for batch in batches)
        assert all(batch[-1] < last for batch in batches[:-1])
        at[partition] = max(end + 1, first)


async def test_what_comes_for_others_meanwhile_is_not_asked_for_again() -> None:
    log = Log([range(8), range(8)], fetch=8)
    ranges = ranges_over(log, most=100)
    await read(ranges, 1, 0, 0)
    assert await read(ranges, 0, 0, 7) == [[*range(8)]]
    log.speaks.clear()
    assert await read(ranges, 1, 1, 4) == [[1, 2, 3, 4]]
    assert await read(ranges, 1, 5, 5, beyond=True) == [[5, 6, 7]]
    await ranges._halt()


async def test_no_more_than_so_many_lie_ready_and_what_is_waited_for_comes_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("streams.flink.log_ranges.MOST_READY", 30)
    log = Log([range(100), range(100)], fetch=10)
    ranges = ranges_over(log, most=10)
    await read(ranges, 1, 0, 0)
    assert [each.offset for each in (await anext(ranges.read("t", 0, 0, 99)))] == [*range(10)]
    await until(lambda: sum(map(len, ranges._left.values())) >= 30)
    asked = len(log.asked)
    await asyncio.sleep(0.01)  # it would go on at once
    assert len(log.asked) == asked and sum(map(len, ranges._left.values())) < 50
    assert [*chain(*await read(ranges, 0, 10, 99))] == [*range(10, 100)]
    assert log.asked[asked:] and all(each == {log.places[0]} for each in log.asked[asked:])
    assert [*chain(*await read(ranges, 1, 1, 99))] == [*range(1, 100)]
    await ranges._halt()


async def test_what_the_client_raises_whoever_reads_is_told() -> None:
    log = Log([range(8)], fetch=4)
    ranges = ranges_over(log, most=100)

    async def broken(*_places: TopicPartition, timeout_ms: int) -> dict[TopicPartition, list[Written]]:
        raise KafkaConnectionError(f"gone for {timeout_ms} ms")

    log.getmany = broken  # type: ignore[method-assign]
    with pytest.raises(KafkaConnectionError, match="gone"):
        await read(ranges, 0, 0, 7)


async def test_a_log_that_was_cut_off_behind_what_is_asked_for_is_told() -> None:
    ranges = ranges_over(Log([range(20)], fetch=4, cut=10), most=100)
    with pytest.raises(NotKept, match="t:0: expected the log from offset 6, got 10: it is not kept for so long"):
        await read(ranges, 0, 6, 12)
