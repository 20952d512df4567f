"""Which sensor watches which container, now and at any past minute; and when a container may be opened. Pure.

Events may come twice and in any order: the answers depend on the set of events alone.
"""

from bisect import bisect_right, insort

from topics.events import OpeningOrdered, SensorFitted


class Fittings:
    """The sensors of one site."""

    def __init__(self) -> None:
        self._of_device: dict[str, list[tuple[int, bool, str, str]]] = {}
        self._devices: dict[str, set[str]] = {}

    def apply(self, event: SensorFitted) -> None:
        """Take one event. At one time a sensor is taken off before it is put on."""
        story = self._of_device.setdefault(event.device, [])
        row = event.time, not event.removed, event.id, event.container
        if row not in story:
            insort(story, row)
        self._devices.setdefault(event.container, set()).add(event.device)

    def container(self, device: str, time_ms: int | None = None) -> str | None:
        """What a device watches; ``""`` where it was taken off, ``None`` where nothing was ever told of it by then."""
        story = self._of_device.get(device, [])
        past = len(story) if time_ms is None else bisect_right(story, time_ms, key=lambda row: row[0])
        watched: str | None = None
        for _, fitted, _, container in story[:past]:
            if fitted:
                watched = container
            elif watched in (container, None):
                watched = ""  # taken off; said of another box than it is at, it changes nothing
        return watched

    def devices(self, container: str, time_ms: int | None = None) -> list[str]:
        """The devices that watch a container."""
        known = self._devices.get(container, ())
        return sorted(each for each in known if self.container(each, time_ms) == container)


class Orders:
    """When the containers of one site may be opened."""

    def __init__(self) -> None:
        self._of: dict[str, list[tuple[int, int, str, str]]] = {}

    def apply(self, event: OpeningOrdered) -> None:
        """Take one order. Raises ``ValueError`` for one that ends before it begins."""
        if event.until <= event.time:
            raise ValueError(f"order {event.id}: expected until after {event.time}, got {event.until}")
        self.allow(event.container, event.time, event.until, event.by, event.id)

    def allow(self, container: str, start: int, until: int, by: str, name: str) -> None:
        """It may be open from ``start`` to ``until`` (ms UTC, both included)."""
        spans = self._of.setdefault(container, [])
        row = start, until, by, name
        if row not in spans:
            insort(spans, row)

    def by(self, container: str, time_ms: int) -> str | None:
        """Who ordered that it may be open at this time, ``None`` = nobody."""
        return next((by for start, until, by, _ in self._of.get(container, ()) if start <= time_ms <= until), None)
