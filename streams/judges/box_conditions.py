"""The judge of boxes and tanks by their sensors: readings, yard events and city time in, findings out. Pure.

What is in a box follows from the yard's events, which sensor watches it from ``sensor_fitted`` (else a device that
bears the box's own number), what its goods endure from declaration and goods list. All is judged in the order in which
it happened (``box_inbox``), so neither the order of arrival nor a restart changes what is said.
"""

import heapq
import math
from collections.abc import Mapping

from records.box_terms import BoxTerms
from streams.judges.box_areas import BoxAreas
from streams.judges.box_inbox import EVENT, READING, Inbox
from streams.judges.box_memory import Kept, Remembered, Sensor
from streams.judges.box_places import BoxPlace
from streams.judges.box_rules import OPEN_FROM, BoxRules
from streams.judges.episodes import Episodes
from topics.domain import Domain
from topics.events import Cargo, Event, OpeningOrdered
from topics.finding import Finding, Text
from topics.goods import GoodsEntry
from topics.pack_goods import goods_of
from topics.reading import Reading

READINGS, EVENTS = "readings", "events"
#: A message further ahead of city time than this (ms) has a wrong clock; the worker refuses it.
AHEAD_MS = 600_000
#: HJ 212's flag of a lost link: whoever sent it has not heard the sensor.
LOST_LINK = "B"


class BoxJudge:
    """Judges one partition of a domain: the readings of its sensors and the events of its yards."""

    def __init__(
        self, domain: Domain, terms: BoxTerms, partition: int, goods: Mapping[str, GoodsEntry] | None = None
    ) -> None:
        self.terms = terms
        self.goods = goods_of(domain.facts) if goods is None else goods
        self.episodes = Episodes(domain.name, domain.topic, partition)
        self.rules = BoxRules(terms, domain.quantities, self.episodes)
        self.inbox = Inbox((READINGS, EVENTS) if domain.events else (READINGS,), int(terms.settle_s * 1000))
        self.released = 0
        #: Devices that say something and watch no box that is known.
        self.unassigned: set[str] = set()
        self._silent_ms = int(terms.silent_s * 1000)
        self._wanted: dict[str, tuple[str, str, str] | None] = {}
        self._places: dict[str, BoxPlace] = {}
        self._sensors: dict[str, Sensor] = {}
        self.areas = BoxAreas(terms.lost, self.episodes)
        self._due: list[tuple[int, str]] = []
        self._known_to = 0  # up to here the sensors have taken all events in: they were remembered

    def reading(self, reading: Reading, offset: int, stamp: int) -> None:
        """Take a reading; those of other quantities pass by."""
        clock = self.inbox.clocks[READINGS]
        if self._parts(reading.series) is None or (clock and reading.time > clock + AHEAD_MS):
            return
        value = reading.value if reading.value is not None else -math.inf
        self.inbox.put(READINGS, (reading.time, READING, reading.series, value, Kept(reading, offset, stamp)))

    def event(self, event: Event) -> str:
        """Take an event; why it cannot be taken, "" where it was."""
        clock = self.inbox.clocks[EVENTS]
        if not isinstance(event, Cargo) or (clock and event.time > clock + AHEAD_MS):
            return ""
        if isinstance(event, OpeningOrdered) and event.until <= event.time:
            return f"opening_ordered {event.id}: expected until after {event.time}, got {event.until}"
        self.inbox.put(EVENTS, (event.time, EVENT, event.id, 0.0, event))
        return ""

    def tick(self, source: str, time_ms: int) -> None:
        """City time has reached ``time_ms`` in one of the logs."""
        self.inbox.tick(source, time_ms)

    def advance(self) -> list[tuple[int, Finding]]:
        """Judge what has settled: each finding with the city time at which it follows."""
        found: list[tuple[int, Finding]] = []
        until = self.inbox.settled
        while True:
            item = self.inbox.next_time()
            due = self._due[0][0] if self._due else None
            if item is not None and item <= until and (due is None or item <= due):
                time, message = self.inbox.pop()
                said = self._reading(message) if isinstance(message, Kept) else self._event(message, time)
                found += [(time, each) for each in said]
            elif due is not None and due <= until:
                _, key = heapq.heappop(self._due)
                found += [(due, each) for each in self._silence(key, due)]
            else:
                self.released = max(self.released, until)
                return found

    def memory(self, next_offset: int) -> Remembered:
        """All that must be kept to go on at this offset of the readings; events are read anew from their beginning."""
        return Remembered(
            next_offset=next_offset,
            clock=self.inbox.clocks[READINGS],
            released=self.released,
            waiting=[item[4] for item in self.inbox.waiting(READING)],
            sensors=[self._sensors[key] for key in sorted(self._sensors)],
            lost=dict(self.areas.lost),
            episodes=self.episodes.memory(),
        )

    def recall(self, kept: Remembered) -> None:
        """Go on from what was kept; to be called before anything is taken."""
        for each in kept.waiting:
            self.reading(each.reading, each.offset, each.stamp)
        self.inbox.tick(READINGS, kept.clock)
        self.released = self._known_to = kept.released
        for sensor in kept.sensors:
            self._sensors[sensor.key] = sensor
            self.areas.put(sensor, sensor.area)
            if not sensor.silent:
                heapq.heappush(self._due, (max(sensor.heard + self._silent_ms, kept.released + 1), sensor.key))
        self.areas.lost = dict(kept.lost)
        if kept.episodes is not None:
            self.episodes.recall(kept.episodes)

    @property
    def watched(self) -> int:
        """Devices that watch a box now."""
        return len({(each.site, each.device) for each in self._sensors.values()})

    def _parts(self, series: str) -> tuple[str, str, str] | None:
        """Site, device and quantity of a series that concerns us."""
        try:
            return self._wanted[series]
        except KeyError:
            parts = series.split("/")
            wanted = len(parts) == 4 and parts[3] == "Rtd" and parts[2] in self.terms.quantities
            known = self._wanted[series] = (parts[0], parts[1], parts[2]) if wanted else None
            return known

    def _place(self, site: str) -> BoxPlace:
        if site not in self._places:
            self._places[site] = BoxPlace(site, self.terms, self.goods)
        return self._places[site]

    def _event(self, event: Cargo, time_ms: int) -> list[Finding]:
        devices = self._place(event.site).take(event)
        return self._review(event.site, devices, time_ms) if time_ms > self._known_to else []

    def _review(self, site: str, devices: list[str], time_ms: int) -> list[Finding]:
        """What these sensors watch may have changed."""
        found: list[Finding] = []
        for device in devices:
            for quantity in sorted(self.terms.quantities):
                sensor = self._sensors.get(f"{site}/{device}/{quantity}")
                if sensor is None:
                    continue
                watched = self._place(site).watched(device)
                if watched is None or (watched.box.container, watched.box.since) != (sensor.container, sensor.since):
                    found += self._leave(sensor, time_ms)
                    continue
                self.areas.put(sensor, watched.area)
                if sensor.quantity in self.terms.doors and (sensor.value or 0.0) >= OPEN_FROM:
                    found += self.rules.door(sensor, watched, self._place(site).orders, max(time_ms, sensor.at))
        return found

    def _reading(self, kept: Kept) -> list[Finding]:
        reading = kept.reading
        parts = self._parts(reading.series)
        if parts is None or reading.flag == LOST_LINK:
            return []
        site, device, quantity = parts
        key, time = f"{site}/{device}/{quantity}", reading.time
        sensor, watched, found = self._sensors.get(key), self._place(site).watched(device), []
        if watched is None:
            self.unassigned.add(f"{site}/{device}")
            return self._leave(sensor, time) if sensor is not None else []
        box = watched.box
        if sensor is not None and (sensor.container, sensor.since) != (box.container, box.since):
            found += self._leave(sensor, time)
            sensor = None
        if sensor is None:
            self.unassigned.discard(f"{site}/{device}")
            sensor = self._sensors[key] = Sensor(site, device, quantity, box.container, box.since, 0)
            heapq.heappush(self._due, (time + self._silent_ms, key))
        if time <= sensor.heard:
            return found
        self.areas.put(sensor, watched.area)
        sensor.heard = time
        if sensor.silent:
            sensor.silent = False
            heapq.heappush(self._due, (time + self._silent_ms, key))
            found += self.rules.heard(sensor, time, kept.offset, kept.stamp)
            found += self.areas.regained(sensor, time)
        if reading.flag != "N" or reading.value is None:
            return found
        sensor.at, sensor.value, sensor.offset, sensor.stamp = time, reading.value, kept.offset, kept.stamp
        known = sensor
        orders = self._place(site).orders
        return found + self.rules.value(known, watched, orders, lambda: self.areas.shared_drift(known))

    def _leave(self, sensor: Sensor, time_ms: int) -> list[Finding]:
        del self._sensors[sensor.key]
        self.areas.take(sensor)
        return [*self.rules.over(sensor, time_ms), *self.areas.regained(sensor, time_ms)]

    def _silence(self, key: str, time_ms: int) -> list[Finding]:
        """It is time to look whether a sensor is silent."""
        sensor = self._sensors.get(key)
        if sensor is None or sensor.silent:
            return []
        due = sensor.heard + self._silent_ms
        if due > time_ms:
            heapq.heappush(self._due, (due, key))
            return []
        watched = self._place(sensor.site).watched(sensor.device)
        if watched is None:
            return []
        sensor.silent = True
        self.areas.put(sensor, watched.area)
        found = self.rules.silent(sensor, watched, time_ms)
        return found + self.areas.losing(sensor, time_ms, lambda device: self._called(sensor.site, device))

    def _called(self, site: str, device: str) -> Text | None:
        watched = self._place(site).watched(device)
        return watched.what if watched is not None else None
