"""Records wait by partition in the order they came; a topic nobody knows yet is waited for; what is refused is told."""

import asyncio

import pytest

from streams.sources.base import Record
from streams.sources.publisher_lanes import Group, Lanes, refuse
from topics.codec import partition_of
from topics.errors import NotKept

KEYS = ("a", "b", "c", "d")


def records(topic: str, *values: str) -> list[Record]:
    return [Record(topic, key, value.encode(), ()) for value in values for key in KEYS]


def group(records: list[Record]) -> Group:
    return Group(len(records), asyncio.get_running_loop().create_future())


async def test_what_waits_for_its_partitions_keeps_its_order_by_key() -> None:
    lanes, first, then = Lanes(), records("t", "1"), records("t", "2")
    lanes.put(first, group(first))
    assert lanes.unknown() == ["t"] and lanes.waiting() and not list(lanes.ready())
    lanes.known("t", 3)
    lanes.put(then, group(then))
    assert lanes.unknown() == []
    for lane in lanes.ready():
        here = [key for key in KEYS if partition_of(key, 3) == lane.partition]
        assert [(each.key, each.value) for each, _ in lane.queue] == [
            (key, value) for value in (b"1", b"2") for key in here
        ]
    assert sum(len(lane.queue) for lane in lanes.ready()) == 8


async def test_a_lane_with_a_batch_under_way_is_not_ready_and_another_topic_may_become_known_meanwhile() -> None:
    lanes, some = Lanes(), records("t", "1")
    lanes.put(some, group(some))
    lanes.known("t", 1)
    ready = lanes.ready()
    lane = next(ready)
    lane.under_way = True
    lanes.known("u", 1)
    assert list(ready) == [] and list(lanes.ready()) == []


async def test_who_waits_is_told_once_all_is_kept_or_as_soon_as_one_is_refused() -> None:
    kept = Group(2, asyncio.get_running_loop().create_future())
    kept.one_kept()
    assert not kept.kept.done()
    kept.one_kept()
    assert kept.kept.done() and kept.kept.exception() is None
    lanes, some, others = Lanes(), records("t", "1"), records("u", "1")
    here, there = group(some), group(others)
    lanes.put(some, here)
    lanes.put(others, there)
    lanes.refuse_unknown("u", "no such topic")
    with pytest.raises(NotKept, match=r"^u: no such topic$"):
        await there.kept
    lanes.known("t", 2)
    lanes.refuse_all("over")
    with pytest.raises(NotKept, match=r"^t: over$"):
        await here.kept
    assert not lanes.waiting()
    for lane in lanes.ready():
        refuse(lane.queue, lane.topic, "nothing is left to refuse")
