"""One reader of the store for all who listen: what changes is read, worded and encoded once, and fanned out.

The youngest events lie in a ring. A listener is a place in it: one that falls behind the ring, or comes back
with a number older than the ring, is sent what the store still tells, or ``reset`` (read the lists again).
Every change bears the number of the log line up to which it tells, and numbers only rise; so whoever resumes
after the last number seen misses no change and sees none twice.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import structlog

from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.changes import Changes
from alerts.feed import Feed
from alerts.flood.teller import Change, Counted, Teller
from alerts.flood.urgency import Urgency
from alerts.kpi.follow import DeskFigures
from alerts.stream_events import Event, encoded, opening

log = structlog.get_logger(__name__)

#: Events kept for those who come back or are slow.
RING = 4_096
#: No listener is sent more changed alarms at once; it reads the list again instead.
MOST_CHANGES = 2_000
#: The store is looked at no more often than this, so that a burst is read in few looks.
PACE_S = 0.1
#: The wall goes out this often even where nothing changes: it is the heartbeat of the line.
WALL_EVERY_S = 1.0
#: And no more often than this, however much changes.
WALL_AT_MOST_EVERY_S = 0.5
HEARTBEAT = b": alive\n\n"


class Broadcaster:
    """Fans out changes and the wall to ``listen``; works as long as somebody listens. Lives in one event loop.

    ``show_wall`` gives the wall's object as a jurisdiction sees it and is called in a thread. ``listeners`` says how
    many there are, ``resets`` how often one had to read the lists again.
    """

    def __init__(
        self,
        changes: Changes,
        feed: Feed,
        show_wall: Callable[[Jurisdiction], dict[str, Any]],
        figures: DeskFigures,
        urgency: Urgency,
        *,
        ring: int = RING,
    ) -> None:
        self._changes = changes
        self._feed = feed
        self._show_wall = show_wall
        self._figures = figures
        self._urgency = urgency
        self._teller = Teller()
        self._ring: deque[Event] = deque(maxlen=ring)
        self._put = 0  # events ever put into the ring
        self._seen = 0  # the line up to which the store was read
        self._since = 0  # the ring holds every change after this line
        self._wall: dict[Jurisdiction, bytes] = {}
        self._walls = 0  # walls ever shown
        self._views: Counter[Jurisdiction] = Counter()
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.resets = 0

    @property
    def listeners(self) -> int:
        """How many pages listen now."""
        return self._views.total()

    async def listen(self, after: int | None, within: Jurisdiction = WHOLE_CITY) -> AsyncIterator[bytes]:
        """What one listener of a jurisdiction is sent, from now on or from after the line ``after``, until the
        server ends.
        """
        self._views[within] += 1
        try:
            await self._begin()
            missed: list[bytes] = []
            place, seen, walls = self._put, self._seen, -1
            if after is not None:
                place, seen, missed = await self._resume(after, within)
            yield opening(seen if after is None else after) + b"".join(missed)
            while not self._feed.closed:
                news = self._news
                chunks, place, seen = self._from(place, seen, within)
                if walls != self._walls:
                    walls = self._walls
                    chunks.append(self._wall.get(within, HEARTBEAT))
                if told := b"".join(chunks):
                    yield told
                else:
                    await news.wait()
        finally:
            self._views[within] -= 1
            self._views += Counter()  # forgets jurisdictions that nobody looks from any more
            if self.listeners == 0 and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _begin(self) -> None:
        """Have the reader at work; it starts at the store's end of this moment."""
        if self._task is not None and not self._task.done():
            return
        last = await asyncio.to_thread(self._changes.last)
        if self._task is None or self._task.done():  # nobody else was quicker
            self._seen = self._since = last
            self._ring.clear()
            self._task = asyncio.create_task(self._run())

    async def _resume(self, after: int, within: Jurisdiction) -> tuple[int, int, list[bytes]]:
        """What somebody missed who has seen all up to ``after``, and the place and number to go on from."""
        seen, missed = after, list[bytes]()
        if not self._since <= after <= self._seen:
            changed, seen, whole = await asyncio.to_thread(self._changes.since, after, MOST_CHANGES)
            missed = [encoded("alarm", view, line) for line, view in changed if _covers(within, view)]
            if not whole:
                self.resets += 1
                missed = [encoded("reset", {}, seen)]
        # What was read beyond the ring lies in the ring too, and is passed over by its number.
        missed += [event.for_those_of(within) for event in self._ring if event.line > seen]
        return self._put, max([seen, *(event.line for event in self._ring)]), missed

    def _from(self, place: int, seen: int, within: Jurisdiction) -> tuple[list[bytes], int, int]:
        """What lies in the ring from ``place`` on and tells more than ``seen``."""
        first = self._put - len(self._ring)
        if place < first:
            self.resets += 1
            return [encoded("reset", {}, self._seen)], self._put, self._seen
        chunks = []
        for number in range(place - first, len(self._ring)):
            event = self._ring[number]
            if event.line > seen or event.line == 0:
                chunks.append(event.for_those_of(within))
                seen = max(seen, event.line)
        return chunks, self._put, seen

    async def _run(self) -> None:
        """Read and tell until nobody listens any more."""
        loop = asyncio.get_running_loop()
        walled = loop.time() - WALL_EVERY_S
        news = True
        while not self._feed.closed:
            known = self._feed.wakes
            try:
                news = await self._look(loop.time()) or news
                self._tell()  # an alarm does not wait until the wall is counted
                since_wall = loop.time() - walled
                if since_wall >= WALL_EVERY_S or (news and since_wall >= WALL_AT_MOST_EVERY_S):
                    await self._show()
                    walled, news = loop.time(), False
            except Exception:  # the edge: a store that does not answer for a while must not silence the line for good
                log.exception("stream_waits")
                self._wall, self._walls = {}, self._walls + 1
                walled = loop.time()
            self._tell()
            await asyncio.sleep(PACE_S)
            due = WALL_AT_MOST_EVERY_S if news else WALL_EVERY_S
            await self._feed.wait(max(0.0, walled + due - loop.time()), known)
        self._tell()

    async def _look(self, now_s: float) -> bool:
        """Put what has changed into the ring; whether there was anything."""
        changed, seen, whole = await asyncio.to_thread(self._changes.since, self._seen, MOST_CHANGES)
        if changed or not whole:
            await asyncio.to_thread(self._figures.catch_up)
        flooded = self._figures.flooded()
        if not whole:
            self._append(seen, "reset", {})
        told, counted, again = self._teller.take(
            [self._change(line, view) for line, view in changed], flooded, round(now_s * 1000)
        )
        lines: list[Change | Counted] = [*told, *([] if counted is None else [counted])]
        for each in sorted(lines, key=lambda each: each.line):
            if isinstance(each, Change):
                self._append(each.line, "alarm", each.view, partial(_cut_alarm, each))
            else:
                self._append(each.line, "flood", self._flood(flooded, each, WHOLE_CITY), self._cut_flood(flooded, each))
        if again:
            self._append(0, "reset", {})
        self._seen = seen
        return bool(changed) or not whole

    def _change(self, line: int, view: dict[str, Any]) -> Change:
        urgent = self._urgency.urgent(view["domain"], view["latched_severity"])
        return Change(line, self._figures.desk_of(view["domain"], view["site"]), urgent, view)

    def _cut_flood(self, flooded: dict[str, int], counted: Counted) -> Callable[[Jurisdiction], bytes]:
        return lambda within: encoded("flood", self._flood(flooded, counted, within), counted.line or None)

    def _flood(self, flooded: dict[str, int], counted: Counted, within: Jurisdiction) -> dict[str, Any]:
        """Which desks are in a flood since when, and what changed there without being told one by one."""
        changed: dict[str, Counter[str]] = {}
        for place, counts in counted.counts.items():
            if within.covers(place.domain, place.district):
                changed.setdefault(place.desk, Counter()).update(counts)
        desks = [
            {
                "desk": name,
                "title": self._figures.title(name),
                "since": flooded.get(name),
                "changed": dict(changed.get(name, {})),
            }
            for name in sorted(flooded.keys() | changed.keys())
        ]
        return {"desks": desks, "changed": sum(each.total() for each in changed.values())}

    def _append(
        self, line: int, name: str, data: dict[str, Any], cut: Callable[[Jurisdiction], bytes] | None = None
    ) -> None:
        """An event with line 0 tells no change and moves nobody's number."""
        if len(self._ring) == self._ring.maxlen:
            self._since = max(self._since, self._ring[0].line)
        chunk = encoded(name, data, line or None)
        self._ring.append(Event(line, chunk, cut or (lambda _: chunk)))
        self._put += 1

    async def _show(self) -> None:
        """The wall as each jurisdiction sees it from which somebody looks."""
        self._wall = {
            within: encoded("wall", await asyncio.to_thread(self._show_wall, within), None)
            for within in list(self._views)
        }
        self._walls += 1

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


def _covers(within: Jurisdiction, view: dict[str, Any]) -> bool:
    return within.covers(view["domain"], view["district"])


def _cut_alarm(change: Change, within: Jurisdiction) -> bytes:
    return encoded("alarm", change.view, change.line) if _covers(within, change.view) else b""
