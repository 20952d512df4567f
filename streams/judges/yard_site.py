"""What the yard's judge remembers of one site."""

from detectors.rules.segregation import Conflict
from records.yard import Yard
from streams.judges.dwelling import Dwelling
from streams.judges.ground import Ground


class YardSite:
    """One site. ``conflicts``: container → pair (as a subject) → conflict, both ways.
    ``waiting``: boxes whose declaration is awaited within the grace, and since when (ms UTC). ``ordinary``: those that
    a waybill calls ordinary, of which none is awaited unless the gate saw dangerous goods.
    """

    def __init__(self, name: str, ground: Ground, dwelling: Dwelling | None) -> None:
        self.yard = Yard(name)
        self.ground = ground
        self.dwelling = dwelling
        self.conflicts: dict[str, dict[str, Conflict]] = {}
        self.waiting: dict[str, int] = {}
        self.ordinary: set[str] = set()
        self.observed: set[str] = set()
        self.clock = 0

    def remember(self, subject: str, conflict: Conflict) -> None:
        """A conflict stands between two boxes."""
        for container in {conflict.first, conflict.second}:
            self.conflicts.setdefault(container, {})[subject] = conflict

    def forget(self, subject: str, conflict: Conflict) -> None:
        """It stands no longer; what was never remembered is no error."""
        for container in {conflict.first, conflict.second}:
            of_box = self.conflicts.get(container, {})
            of_box.pop(subject, None)
            if not of_box:
                self.conflicts.pop(container, None)
