"""One reader for all listeners, on a real store: nobody misses a change, nobody sees one twice."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from alerts.accounts.jurisdiction import Jurisdiction
from alerts.changes import Changes
from alerts.feed import Feed
from alerts.flood.urgency import Urgency
from alerts.kpi.desks import DutyDesks
from alerts.kpi.follow import DeskFigures
from alerts.stream import Broadcaster
from tests.alerts.city_parts import MINUTE, T0, House, finding
from tests.patience import WITHIN_S


class Listener:
    """Reads a stream as a page does and remembers what it was told last."""

    def __init__(self, broadcaster: Broadcaster, after: int | None = None, within: Jurisdiction | None = None) -> None:
        self.events: list[tuple[str, dict[str, Any], int]] = []
        self.last = after
        self._opened, self._heard = asyncio.Event(), asyncio.Event()
        self._within = within or Jurisdiction()
        self._broadcaster = broadcaster
        self._task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        chunks: AsyncIterator[bytes] = self._broadcaster.listen(self.last, self._within)
        async for chunk in chunks:
            for block in chunk.decode().split("\n\n"):
                fields = dict(line.split(": ", 1) for line in block.split("\n") if line and not line.startswith(":"))
                if "id" in fields:
                    self.last = int(fields["id"])
                if "event" in fields and fields["event"] != "wall":
                    self.events.append((fields["event"], json.loads(fields["data"]), int(fields.get("id", 0))))
            self._opened.set()
            self._heard.set()

    async def listening(self) -> None:
        """Until it has been sent the opening, with whatever it had missed."""
        await asyncio.wait_for(self._opened.wait(), WITHIN_S)

    async def until(self, count: int, name: str = "alarm") -> list[tuple[str, dict[str, Any], int]]:
        async with asyncio.timeout(WITHIN_S):
            while len(found := [each for each in self.events if each[0] == name]) < count:
                self._heard.clear()
                await self._heard.wait()
        return found

    async def leave(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


class Room:
    """A broadcaster over a house, and what the server does when something has changed."""

    def __init__(self, house: House, **more: Any) -> None:
        self.house = house
        self.feed = Feed()
        figures = DeskFigures(house.store, house.city, DutyDesks(), house.clock)
        self.broadcaster = Broadcaster(
            Changes(house.store, house.city), self.feed, lambda _: {"wall": 1}, figures, Urgency(house.city), **more
        )

    async def take(self, *numbers: int, severity: str = "yellow", phase: str = "open") -> None:
        findings = [finding(phase, quantity=f"q{n}", subject=f"s{n}", severity=severity) for n in numbers]
        await asyncio.to_thread(self.house.take, *findings)
        self.feed.wake()


@pytest.fixture
async def room(house: House) -> AsyncIterator[Room]:
    made = Room(house)
    yield made
    made.feed.close()


async def test_all_listeners_are_told_the_same_with_numbers_that_rise(room: Room) -> None:
    listeners = [Listener(room.broadcaster) for _ in range(20)]
    await asyncio.gather(*(each.listening() for each in listeners))
    for number in range(10):
        await room.take(number)
    told = [await each.until(10) for each in listeners]
    assert all(each == told[0] for each in told)
    assert [event[1]["quantity"] for event in told[0]] == [f"q{n}" for n in range(10)]
    numbers = [event[2] for event in told[0]]
    assert numbers == sorted(set(numbers))
    for each in listeners:
        await each.leave()
    assert room.broadcaster.listeners == 0


async def test_who_comes_back_sees_what_it_missed_once_and_nothing_twice(room: Room) -> None:
    steady, leaver = Listener(room.broadcaster), Listener(room.broadcaster)
    await asyncio.gather(steady.listening(), leaver.listening())
    await room.take(0, 1, 2)
    before = await leaver.until(3)
    await leaver.leave()
    await room.take(3, 4)
    await steady.until(5)
    again = Listener(room.broadcaster, leaver.last)
    await room.take(5)
    after = await again.until(3)
    assert before + after == await steady.until(6)
    await again.leave()
    await steady.leave()


async def test_who_comes_back_to_a_server_started_anew_is_told_from_the_store(house: House) -> None:
    house.take(*(finding(quantity=f"q{n}", subject=f"s{n}") for n in range(3)))
    room = Room(house)
    listener = Listener(room.broadcaster, 0)
    await room.take(3)
    told = await listener.until(4)
    assert [event[1]["quantity"] for event in told] == ["q0", "q1", "q2", "q3"]
    await listener.leave()


async def test_who_was_told_part_of_a_batch_is_told_the_rest(room: Room) -> None:
    """Every event bears its own number, so the line may break between any two."""
    await room.take(*range(6))
    whole = Listener(room.broadcaster, 0)
    told = await whole.until(6)
    for place in range(6):
        rest = Listener(room.broadcaster, told[place][2])
        if place < 5:
            await rest.until(5 - place)
        assert rest.events == told[place + 1 :]
        await rest.leave()
    await whole.leave()


async def test_a_number_nobody_gave_out_and_a_place_beyond_the_ring_call_for_the_lists(house: House) -> None:
    room = Room(house, ring=4)
    await room.take(0)
    lost = Listener(room.broadcaster, 10_000)
    assert (await lost.until(1, "reset"))[0][2] == lost.last
    stream = room.broadcaster.listen(None)
    await anext(stream)  # a slow one: it has been opened and reads no further
    for number in range(1, 9):
        await room.take(number)
        await lost.until(number)
    slow = (await anext(stream)).decode()
    assert slow.startswith("event: reset\n")
    await stream.aclose()  # type: ignore[attr-defined]
    await lost.leave()


async def test_a_flood_is_counted_for_the_lesser_ones_and_told_for_the_worst(room: Room) -> None:
    room.house.city.tick(T0 + MINUTE)
    listener = Listener(room.broadcaster)
    await listener.listening()
    await room.take(*range(100))
    await room.take(200, severity="red")
    ((_, red, _),) = await listener.until(1)
    assert red["severity"] == "red"
    flood = (await listener.until(1, "flood"))[0][1]
    assert flood["desks"][0] | {"since": 0} == {
        "desk": "safety",
        "title": {"zh": "安全生产", "en": "safety production"},
        "since": 0,
        "changed": {"yellow": 100},
    }
    room.house.city.tick(T0 + 30 * MINUTE)  # the flood is over: whoever only knows the counts reads the lists
    room.feed.wake()
    assert (await listener.until(1, "reset"))[0][2] == 0
    assert (await listener.until(2, "flood"))[-1][1] == {"desks": [], "changed": 0}
    await listener.leave()


async def test_a_listener_is_told_of_its_part_of_the_city_only(room: Room) -> None:
    within = [Jurisdiction(frozenset(["safety"])), Jurisdiction(frozenset(["port"])), Jurisdiction()]
    mine, other, whole = (Listener(room.broadcaster, None, each) for each in within)
    await asyncio.gather(mine.listening(), other.listening(), whole.listening())
    await room.take(0)
    assert await mine.until(1) == await whole.until(1)
    assert other.events == []
    again = Listener(room.broadcaster, 0, within[1])
    await again.listening()
    assert again.events == []
    for each in (mine, other, whole, again):
        await each.leave()


async def test_a_store_that_does_not_answer_for_a_while_silences_nobody(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener(room.broadcaster)
    await listener.listening()

    asked = threading.Event()

    def broken(*_: object) -> Any:
        asked.set()
        raise OSError("disk")

    with monkeypatch.context() as patch:
        patch.setattr(Changes, "since", broken)
        await room.take(0)
        assert await asyncio.to_thread(asked.wait, WITHIN_S)
    room.feed.wake()
    await listener.until(1)
    await listener.leave()
