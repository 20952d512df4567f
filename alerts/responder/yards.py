"""The yards as the server knows them: rebuilt from the events topics, asked for any past minute by several threads."""

import threading
from array import array
from bisect import bisect_right, insort
from collections.abc import Iterable

from records.goods_lines import Lines, vocabulary
from records.stays import Box, YardEvent
from records.stock import Answer, Question, Stock
from records.yard import Inventory, Yard


class Yards:
    """One yard for each site that events told of. ``behind``: events that lie on the topic and have not been read,
    ``None`` before the reader has looked.
    """

    def __init__(self) -> None:
        self.behind: int | None = None
        self._yards: dict[str, Yard] = {}
        self._stocks: dict[str, Stock] = {}
        self._times: dict[str, array[int]] = {}  # of all events of a site, ascending
        self._words = vocabulary()  # of all yards, so that their lines can be put together
        self._lock = threading.Lock()

    def take(self, events: Iterable[YardEvent]) -> None:
        """Take events, in any order and as often as they come."""
        with self._lock:
            touched: dict[tuple[str, str], None] = {}
            for event in events:
                yard = self._yards.get(event.site)
                if yard is None:
                    yard = self._yards[event.site] = Yard(event.site)
                    self._stocks[event.site] = Stock(self._words)
                    self._times[event.site] = array("q")
                if yard.apply(event) is not None:
                    touched[event.site, event.container] = None
                    insort(self._times[event.site], event.time)
            for site, container in touched:
                self._stocks[site].put(container, self._yards[site].story(container))

    def forget(self) -> None:
        """The log is another one: begin from nothing."""
        with self._lock:
            self._yards.clear()
            self._stocks.clear()
            self._words = vocabulary()
            self._times.clear()
            self.behind = None

    def sites(self) -> list[str]:
        """Sites that events told of."""
        with self._lock:
            return sorted(self._yards)

    def newest(self, time_ms: int | None) -> int:
        """Event time of the newest event up to this one (ms UTC, ``None`` = of all; 0 = none)."""
        with self._lock:
            return max(
                (times[past - 1] for times in self._times.values() if (past := _up_to(times, time_ms))), default=0
            )

    def later(self, sites: Iterable[str], time_ms: int | None) -> int:
        """How many events of these sites are dated later than this (``None`` = than all: none)."""
        with self._lock:
            told = [self._times[site] for site in sites if site in self._times]
            return sum(len(times) - _up_to(times, time_ms) for times in told)

    def at(self, site: str, time_ms: int | None) -> Inventory:
        """What was in a yard at this event time (``None`` = after all events), by all events known today."""
        with self._lock:
            stock = self._stocks.get(site)
            return stock.at(time_ms) if stock is not None else Inventory(time_ms, ())

    def lines(self, sites: Iterable[str], time_ms: int | None) -> list[Lines]:
        """The same as columns, line of goods by line; all of one moment, their words the same."""
        with self._lock:
            empty = Stock(self._words)
            return [self._stocks.get(site, empty).lines(time_ms) for site in sites]

    def ask(self, site: str, asked: Question) -> Answer:
        """How much, where and whose in a yard."""
        with self._lock:
            return self._stocks.get(site, Stock()).ask(asked)

    def stands(self, container: str, time_ms: int | None) -> tuple[str, Box] | None:
        """The site at which a container stood, and how; ``None`` where it was in no yard then."""
        with self._lock:
            for site in sorted(self._yards):
                box = self._yards[site].box_at(container, time_ms)
                if box is not None:
                    return site, box
        return None

    def told(self, container: str) -> tuple[YardEvent, ...]:
        """All that was told of a container, in any yard."""
        with self._lock:
            return tuple(event for site in sorted(self._yards) for event in self._yards[site].told(container))


def _up_to(times: "array[int]", time_ms: int | None) -> int:
    return len(times) if time_ms is None else bisect_right(times, time_ms)
