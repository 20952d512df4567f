"""When a plant was seen at work, by the readings of its signs in the history; each reading is looked at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from alerts.city import City
from records.history import History, Point
from records.safety.standing import Run
from records.safety.terms import Sign


@dataclass(slots=True)
class _Look:
    """How far a series has been looked at, the stretch above the bound that lasts, and what was found."""

    reached: int
    since: int | None = None
    found: list[Run] = field(default_factory=list)


class SeenRuns:
    """Looks at the series of a site whose quantity is one of ``signs``."""

    def __init__(self, history: History, city: City, signs: Sequence[Sign]) -> None:
        self.history = history
        self.city = city
        self.signs = {each.quantity: each for each in signs}
        self._looks: dict[tuple[str, int], _Look] = {}

    def __call__(self, site: str, start: int, end: int) -> Sequence[Run]:
        """The runs of a site in ``[start, end)``, the earliest first."""
        found: list[Run] = []
        for device in self.city.registry.devices(site):
            for quantity, sign in self.signs.items():
                if quantity in device.quantities:
                    found += self._series(f"{site}/{device.id}/{quantity}/Rtd", sign, start, end)
        return sorted(found, key=lambda run: (run.since, run.series))

    def _series(self, series: str, sign: Sign, start: int, end: int) -> Sequence[Run]:
        look = self._looks.setdefault((series, start), _Look(start))
        if len(self._looks) > 10_000:
            self._looks.pop(next(iter(self._looks)))
        # Only as far as readings have come: the history is some seconds behind the city.
        points = self.history.range(series, look.reached, end)
        for point in points:
            look.reached = point.time + 1
            self._point(series, sign, look, point)
        return look.found

    def _point(self, series: str, sign: Sign, look: _Look, point: Point) -> None:
        if point.value is None or point.flag != "N":
            return
        if point.value <= sign.above:
            look.since = None
            return
        if look.since is None:
            look.since = point.time
        if point.time - look.since < sign.hold_s * 1000:
            return
        run = Run(series, look.since, point.time, point.value, self._unit(series, sign.quantity))
        if look.found and look.found[-1].since == run.since:
            look.found[-1] = run
        else:
            look.found.append(run)

    def _unit(self, series: str, quantity: str) -> str:
        known = self.city.registry.knows(series)
        if isinstance(known, str):
            return ""
        about = self.city.quantity(known.site.domain, quantity)
        return known.meta.unit or (about.unit if about is not None else "")
