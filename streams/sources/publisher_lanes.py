"""What waits to be published, in order, by the partition it goes to; and who waits for it."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from streams.sources.base import Record
from topics.codec import partition_of
from topics.errors import NotKept

#: Keys whose partition is remembered; a key's murmur2 costs as much as the rest of a record's way.
REMEMBERED_KEYS = 50_000


class Group:
    """The records of one call that are not yet kept, and who waits for them."""

    __slots__ = ("kept", "left")

    def __init__(self, left: int, kept: "asyncio.Future[None]") -> None:
        self.left = left
        self.kept = kept

    def one_kept(self) -> None:
        """One more is kept; whoever waits is told with the last of them."""
        self.left -= 1
        if not self.left and not self.kept.done():
            self.kept.set_result(None)

    def refuse(self, why: str) -> None:
        """One of them is not kept: whoever waits gets ``NotKept``."""
        if not self.kept.done():
            self.kept.set_exception(NotKept(why))


Queue: TypeAlias = "deque[tuple[Record, Group]]"


class Lane:
    """One partition: what waits for it, in order, and whether a batch of it is under way."""

    __slots__ = ("partition", "queue", "topic", "under_way")

    def __init__(self, topic: str, partition: int) -> None:
        self.topic = topic
        self.partition = partition
        self.queue: Queue = deque()
        self.under_way = False


class Lanes:
    """All that waits. Records of a topic whose partitions are not known yet wait until ``known`` says how many."""

    def __init__(self) -> None:
        self._lanes: dict[str, list[Lane]] = {}
        self._unknown: dict[str, Queue] = {}
        self._places: dict[tuple[str, str], Lane] = {}

    def put(self, records: Sequence[Record], group: Group) -> None:
        """Queue the records of one call."""
        places = self._places
        for record in records:
            lane = places.get((record.topic, record.key))
            if lane is not None:
                lane.queue.append((record, group))
            else:
                self._place(record, group)

    def waiting(self) -> bool:
        """Whether anything still waits for its batch; what is under way the client itself waits for."""
        return any(self._unknown.values()) or any(lane.queue for lane in self._all())

    def ready(self) -> Iterator[Lane]:
        """Lanes of which a batch can be made now."""
        return (lane for lane in self._all() if lane.queue and not lane.under_way)

    def unknown(self) -> list[str]:
        """Topics whose partitions are to be asked for."""
        return list(self._unknown)

    def known(self, topic: str, partitions: int) -> None:
        """The topic has so many partitions: what waited for it gets its places."""
        self._lanes[topic] = [Lane(topic, number) for number in range(partitions)]
        for record, group in self._unknown.pop(topic, deque()):
            self._place(record, group)

    def refuse_unknown(self, topic: str, why: str) -> None:
        """Refuse what waits for a topic whose partitions nobody could tell."""
        refuse(self._unknown.pop(topic, deque()), topic, why)

    def refuse_all(self, why: str) -> None:
        """Refuse everything that waits."""
        for topic, queue in self._unknown.items():
            refuse(queue, topic, why)
        for lane in self._all():
            refuse(lane.queue, lane.topic, why)

    def _all(self) -> Iterator[Lane]:
        # Of the topics there are now: a batch is awaited between two lanes, and meanwhile another may become known.
        return (lane for lanes in tuple(self._lanes.values()) for lane in lanes)

    def _place(self, record: Record, group: Group) -> None:
        """Queue a record whose place is not remembered."""
        lanes = self._lanes.get(record.topic)
        if lanes is None:
            self._unknown.setdefault(record.topic, deque()).append((record, group))
            return
        lane = lanes[partition_of(record.key, len(lanes))]
        if len(self._places) >= REMEMBERED_KEYS:
            self._places.clear()
        self._places[record.topic, record.key] = lane
        lane.queue.append((record, group))


def refuse(queue: Queue, topic: str, why: str) -> None:
    """Refuse what is in a queue, and empty it."""
    while queue:
        queue.popleft()[1].refuse(f"{topic}: {why}")
