"""Which point and moment a card is asked for: by coordinates, a site, a block, a container, or an alarm."""

import re
import sys
from collections.abc import Callable

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.city import City
from alerts.responder.city_yards import CityYards
from alerts.responder.reference import NO_REFERENCE, Reference, degrees
from alerts.store import Store
from records.stock import Question, Wanted
from topics.finding import Text


class Asked(msgspec.Struct, frozen=True):
    """What somebody asks: ``lat`` and ``lon`` (WGS-84), or a ``site`` with perhaps a ``block`` of it, or a
    ``container``, or an ``alarm``. ``at`` is event time, ms UTC; ``None`` = now. ``rules_as_of``: whose
    rules judge (``rules_day``).
    """

    lat: float | None = None
    lon: float | None = None
    site: str = ""
    block: str = ""
    container: str = ""
    alarm: str = ""
    at: int | None = None
    rules_as_of: str = ""


class Spot(msgspec.Struct, frozen=True):
    """The point found. ``exact`` is false where only the site's own point is known; ``site`` is "" for coordinates."""

    lat: float
    lon: float
    title: Text
    at: int | None
    exact: bool = True
    site: str = ""


class NotFound(LookupError):
    """What was asked for is not there; ``text`` says so to people."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class Finder:
    """Finds spots. ``reference`` gives the reference data of a site's pack, ``None`` where it keeps no yards."""

    def __init__(
        self, store: Store, city: City, yards: CityYards, reference: Callable[[str], Reference | None]
    ) -> None:
        self.store = store
        self.city = city
        self.yards = yards
        self.reference = reference

    def find(self, asked: Asked) -> Spot:
        """Raises ``NotFound``, or ``ValueError`` where nothing to look for was named."""
        if asked.alarm:
            return self._of_alarm(asked)
        if asked.container:
            return self._of_container(asked.container, asked.at)
        if asked.site:
            return self._of_site(asked.site, asked.block, asked.at)
        if asked.lat is None or asked.lon is None:
            raise ValueError("expected lat and lon, or site, container or alarm, got none of them")
        name = f"{asked.lat:.5f}, {asked.lon:.5f}"
        return Spot(asked.lat, asked.lon, Text(name, name), asked.at)

    def _of_container(self, container: str, at: int | None) -> Spot:
        found = self.yards.stands(container, at)
        if found is None:
            raise NotFound(Text(f"当时任何堆场都没有箱 {container}", f"no yard held container {container} then"))
        site, box = found
        spot = self._of_site(site, "", at)
        middle = self._reference(site).middle(site, box.place) if box.place is not None else None
        title = Text(f"{spot.title.zh} {container}", f"{spot.title.en} {container}")
        if middle is None:
            return msgspec.structs.replace(spot, title=title, exact=False)
        lat, lon = degrees((spot.lat, spot.lon), *middle)
        return Spot(lat, lon, title, at, site=site)

    def _of_site(self, name: str, block: str, at: int | None) -> Spot:
        site = self.city.registry.site(name)
        if site is None:
            raise NotFound(Text(f"登记册中没有站点 {name}", f"no site {name} in the registry"))
        if not block:
            return Spot(site.lat, site.lon, site.title, at, site=name)
        title = Text(f"{site.title.zh} {block} 区", f"{site.title.en}, block {block}")
        middle = self._middle_of(name, block, at)
        if middle is None:
            return Spot(site.lat, site.lon, title, at, exact=False, site=name)
        lat, lon = degrees((site.lat, site.lon), *middle)
        return Spot(lat, lon, title, at, site=name)

    def _middle_of(self, site: str, block: str, at: int | None) -> tuple[float, float] | None:
        """The middle of what stands in a block, else its corner; ``None`` where it is on no plan."""
        reference = self._reference(site)
        corner = reference.corners.get(site, {}).get(block)
        there = self.yards.ask(site, Question(at, Wanted(block=block), limit=sys.maxsize)).standing
        found = [
            middle
            for box in there
            if box.place is not None and (middle := reference.middle(site, box.place)) is not None
        ]
        if not found:
            return corner
        return sum(x for x, _ in found) / len(found), sum(y for _, y in found) / len(found)

    def _of_alarm(self, asked: Asked) -> Spot:
        table, told = schema.alarm.c, schema.finding.c
        with self.store.read() as connection:
            alarm = connection.execute(
                sa.select(table.site, table.opened, table.closed, table.quantity).where(table.id == asked.alarm)
            ).first()
            subjects = connection.execute(
                sa.select(told.subject).where(told.alarm_id == asked.alarm).order_by(told.time, told.id, told.seq)
            ).scalars()
            named = list(dict.fromkeys(subjects)) if alarm is not None else []
        if alarm is None:
            raise NotFound(Text(f"没有报警 {asked.alarm}", f"no alarm {asked.alarm}"))
        at = asked.at if asked.at is not None else (alarm.opened if alarm.closed is not None else None)
        for subject in [*named, alarm.quantity]:  # what a box's sensor tells bears the box's number
            for word in re.split(r"[/+#]", subject.removeprefix(f"{alarm.site}/")):
                found = self.yards.stands(word, at)
                if found is not None and found[0] == alarm.site:
                    return self._of_container(word, at)
                if word in self._reference(alarm.site).corners.get(alarm.site, {}):
                    return self._of_site(alarm.site, word, at)
        if alarm.quantity in self._reference(alarm.site).corners.get(alarm.site, {}):
            return self._of_site(alarm.site, alarm.quantity, at)
        return msgspec.structs.replace(self._of_site(alarm.site, "", at), exact=False)

    def _reference(self, site: str) -> Reference:
        return self.reference(site) or NO_REFERENCE
