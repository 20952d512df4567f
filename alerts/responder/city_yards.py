"""The yards by city time: what is dated later was announced and has not happened: told of, never counted."""

import sys
from collections.abc import Collection, Iterable

import msgspec

from alerts.city import City
from alerts.responder.yards import Yards
from records.goods_lines import Lines
from records.stays import Box
from records.stock import Answer, Question


class CityYards:
    """Answers as ``yards`` does, ``None`` being now: city time, and all events where city time has not begun.

    A worker refuses for good what is dated more than ten minutes ahead (``streams.judges.yard.AHEAD_MS``). Whoever
    reads the log anew cannot know how late it was when an event came, so here it waits until its time has come.
    """

    def __init__(self, yards: Yards, city: City) -> None:
        self.yards = yards
        self._city = city

    @property
    def behind(self) -> int | None:
        """Events that have not been read, ``None`` before the reader has looked."""
        return self.yards.behind

    @property
    def newest(self) -> int:
        """Event time of the newest event that counts now (ms UTC, 0 = none)."""
        return self.yards.newest(self._reached(None))

    def later(self, sites: Iterable[str]) -> int:
        """How many events of these yards are dated later than now."""
        return self.yards.later(sites, self._reached(None))

    def is_ahead(self, time_ms: int | None) -> bool:
        """Whether a moment has not come yet: what will stand then nobody knows."""
        return time_ms is not None and bool(self._city.time) and time_ms > self._city.time

    def known(self, time_ms: int | None) -> int | None:
        """The moment to show for one that is asked for: now for one that has not come yet."""
        return None if self.is_ahead(time_ms) else time_ms

    def sites(self) -> list[str]:
        """Sites that events told of."""
        return self.yards.sites()

    def lines(self, sites: Collection[str], time_ms: int | None) -> list[Lines]:
        """All that stood there, line of goods by line."""
        return self.yards.lines(sites, self._reached(time_ms))

    def ask(self, site: str, asked: Question) -> Answer:
        """How much, where and whose; the answer's time is ``None`` for now."""
        found = self.yards.ask(site, msgspec.structs.replace(asked, time=self._reached(asked.time)))
        return msgspec.structs.replace(found, time=self.known(asked.time))

    def stands(self, container: str, time_ms: int | None) -> tuple[str, Box] | None:
        """The site at which a container stood, and how; ``None`` where it was in no yard then."""
        return self.yards.stands(container, self._reached(time_ms))

    def _reached(self, time_ms: int | None) -> int | None:
        """Up to when events count."""
        if not self._city.time:
            return time_ms
        return min(self._city.time, time_ms if time_ms is not None else sys.maxsize)
