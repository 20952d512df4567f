"""What goes about in the played city and what watches its kitchens: positions of vehicles, words of cameras. Pure."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from streams.sources.simulator.driving import driven
from streams.sources.simulator.script_lines import Cameraman, ScriptLine, Trip, ms
from topics.kitchen_events import CameraState, Kitchen, KitchenSight, Sight
from topics.positions import Position


@dataclass(frozen=True, slots=True)
class Report:
    """A position with the moment at which its terminal sends it (ms UTC): later where it had no network."""

    sent: int
    position: Position
    wire: str


class Outdoors:
    """All that vehicles and cameras of a script say, to be asked for by spans of city time."""

    def __init__(self, lines: Sequence[ScriptLine]) -> None:
        trips = [report for line in lines if isinstance(line, Trip) for report in reports(line)]
        self.reports = sorted(trips, key=lambda each: (each.sent, each.position.carrier, each.position.time))
        words = [word for line in lines if isinstance(line, Cameraman) for word in said(line)]
        self.words = sorted(words, key=lambda each: (each.time, each.id))
        self._sent = [each.sent for each in self.reports]
        self._said = [each.time for each in self.words]

    def reports_in(self, start_ms: int, end_ms: int) -> list[Report]:
        """Positions sent in [start, end)."""
        return self.reports[bisect_left(self._sent, start_ms) : bisect_left(self._sent, end_ms)]

    def words_in(self, start_ms: int, end_ms: int) -> list[Kitchen]:
        """What cameras say in [start, end)."""
        return self.words[bisect_left(self._said, start_ms) : bisect_left(self._said, end_ms)]


def reports(trip: Trip) -> Iterator[Report]:
    """The positions of one trip, rounded as a terminal sends them."""
    start = ms(trip.start)
    gaps = [(ms(each.start), ms(each.end)) for each in trip.offline]
    for second, (lat, lon), kmh in driven(trip.begins, trip.drives, trip.every_s):
        time = start + 1000 * second
        kept_until = next((until for since, until in gaps if since <= time < until), None)
        position = Position(
            trip.carrier,
            time,
            round(lat, 6),
            round(lon, 6),
            site=trip.site,
            speed_kmh=kmh,
            trip=trip.waybill,
            containers=trip.containers,
            resent=kept_until is not None,
            source="simulator",
        )
        yield Report(kept_until or time, position, trip.wire)


def said(camera: Cameraman) -> Iterator[Kitchen]:
    """How well it sees, every ``every_s``, and what it saw; nothing while it is silent."""
    silent = [(ms(each.start), ms(each.end)) for each in camera.silent]
    unclear = [(ms(each.start), ms(each.end), each.state) for each in camera.unclear]
    for time in range(ms(camera.start), ms(camera.end), 1000 * camera.every_s):
        if not any(since <= time < until for since, until in silent):
            state: Sight = next((state for since, until, state in unclear if since <= time < until), "ok")
            yield CameraState(f"{camera.camera}-{time}", camera.site, time, camera.camera, state)
    for each in camera.sights:
        name = f"{camera.camera}-{each.what}-{ms(each.at)}"
        yield KitchenSight(name, camera.site, ms(each.at), camera.camera, each.what, each.confidence)
