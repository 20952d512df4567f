"""The fake publisher beside the real one: keeps records in a list, with outages on demand."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from streams.sources.base import Headers, Record
from topics.errors import NotKept

#: ``keeps``, ``refuses`` (NotKept at once), or ``silent``: no answer until the state changes, then as that says.
State: TypeAlias = Literal["keeps", "refuses", "silent"]


class OneByOne(ABC):
    """``publish_all`` for publishers that only know how to keep one record: the calls are begun in order."""

    @abstractmethod
    async def publish(self, topic: str, key: str, value: bytes, headers: Headers = ()) -> None:
        """Keep one record, or raise ``NotKept``."""

    def publish_all(self, records: Sequence[Record]) -> "asyncio.Future[None]":
        begun = [
            asyncio.ensure_future(self.publish(each.topic, each.key, each.value, each.headers)) for each in records
        ]
        return asyncio.ensure_future(_settled(begun))


class MemoryPublisher(OneByOne):
    """The fake: keeps records in a list. ``state`` says what it does now; ``script`` (call number from 0 →
    state) goes before it, so that outages are items of a list.
    """

    def __init__(self, state: State = "keeps", script: Mapping[int, State] | None = None) -> None:
        self.records: list[Record] = []
        self.calls = 0
        self.script = dict(script or {})
        self._state = state
        self._changed = asyncio.Event()

    @property
    def state(self) -> State:
        """Whether what is published is kept; tests set it."""
        return self._state

    @state.setter
    def state(self, state: State) -> None:
        self._state = state
        self._changed.set()
        self._changed = asyncio.Event()

    async def publish(self, topic: str, key: str, value: bytes, headers: Headers = ()) -> None:
        state = self.script.get(self.calls, self._state)
        self.calls += 1
        while state == "silent":
            await self._changed.wait()
            state = self._state
        if state == "refuses":
            raise NotKept(f"{topic}: refused, as the test asked")
        self.records.append(Record(topic, key, value, tuple(headers)))

    def of(self, topic: str) -> list[Record]:
        """What was kept of one topic, in order."""
        return [record for record in self.records if record.topic == topic]

    def values(self, topic: str) -> Sequence[bytes]:
        """The values of one topic, in order."""
        return [record.value for record in self.of(topic)]


async def _settled(begun: "Sequence[asyncio.Future[None]]") -> None:
    """Wait for all, then raise the first fault there was."""
    for answer in await asyncio.gather(*begun, return_exceptions=True):
        if answer is not None:
            raise answer
