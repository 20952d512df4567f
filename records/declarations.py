"""Declarations of dangerous goods: what a shipper said a container holds, and when it was said.

Rebuilt from the ``declared`` events of an events topic; a declaration said again under the same number
amends it. Commonly asked by the desk for consignor and emergency contact, "as of" any past minute.
"""

from bisect import bisect_right, insort

from topics.events import Declared


class Declarations:
    """All declarations of one site, by number and by container. Idempotent by event id, order does not matter."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._by_number: dict[str, list[Declared]] = {}
        self._by_container: dict[str, list[Declared]] = {}

    def apply(self, event: Declared) -> bool:
        """Take one event; False if its id was seen before (nothing changes then)."""
        if event.id in self._seen:
            return False
        self._seen.add(event.id)
        insort(self._by_number.setdefault(event.declaration, []), event, key=_order)
        insort(self._by_container.setdefault(event.container, []), event, key=_order)
        return True

    def get(self, declaration: str, at_ms: int | None = None) -> Declared | None:
        """A declaration as it stood at this event time (None = as it stands now)."""
        return _last(self._by_number.get(declaration, []), at_ms)

    def of_container(self, container: str, at_ms: int | None = None) -> Declared | None:
        """The newest declaration of a container at this event time (None = now)."""
        return _last(self._by_container.get(container, []), at_ms)

    def __len__(self) -> int:
        return len(self._by_number)


def _order(event: Declared) -> tuple[int, str]:
    return event.time, event.id


def _last(events: list[Declared], at_ms: int | None) -> Declared | None:
    if at_ms is not None:
        events = events[: bisect_right(events, at_ms, key=lambda event: event.time)]
    return events[-1] if events else None
