"""When a desk looks again at what stands: as city time passes, and at once where something new has come."""

from alerts.city import City


class Looks:
    """``every_ms``: how often, in city time, is looked where nothing new has come."""

    def __init__(self, city: City, every_ms: int) -> None:
        self._city = city
        self._every_ms = every_ms
        self._last: tuple[int, int, object] | None = None

    def due(self, domain: str, changes: int) -> bool:
        """Whether to look now, which counts as a look. ``changes`` counts what has come; a pack that was changed is
        news too. Never before city time runs.
        """
        look = (self._city.time // self._every_ms, changes, self._city.domains[domain])
        if not self._city.time or look == self._last:
            return False
        self._last = look
        return True
