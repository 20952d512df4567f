"""The road to the port, played: a truck's messages made of its scenario, judged, stored, and held against the story."""

import datetime as dt
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from streams.sources.simulator.driving import Drive, Place, driven
from topics.events import GateIn, GateOut, Goods, Stacked
from topics.positions import Permit, Position, Role, RoutePoint, Told, Waybill

FILE = Path(__file__).parent.parent / "scenarios" / "cargo-road.toml"
SECOND = 1_000
YEAR_MS = 366 * 86_400_000


class Paper(msgspec.Struct, forbid_unknown_fields=True):
    """The waybill as the scenario gives it."""

    id: str
    origin: str
    destination: str
    driver: str
    escort: str
    firm: str
    departs_s: int
    arrives_s: int
    ended_s: int
    un: str
    name: str
    hazard_class: str
    mass_t: float
    route: tuple[Place, ...]


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """A permit of the trip and when it runs out."""

    role: Role
    kind: str
    valid_to_s: int


class Silent(msgspec.Struct, forbid_unknown_fields=True):
    """The terminal says nothing in this stretch, seconds from the start."""

    from_s: int
    to_s: int


class Wild(msgspec.Struct, forbid_unknown_fields=True):
    """The terminal says once that it is somewhere else."""

    at_s: int
    place: Place


class YardEvent(msgspec.Struct, forbid_unknown_fields=True):
    """Gate or yard report the container, by the kind of the event."""

    event: str
    at_s: int


class Voyage(msgspec.Struct, forbid_unknown_fields=True):
    """One trip along a track: a position every so many seconds, times in seconds from the start."""

    id: str
    departs_s: int
    arrives_s: int
    track: tuple[Place, ...]
    every_s: int


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A finding that must open between two seconds of the trip, and why."""

    detector: str
    from_s: int
    to_s: int
    why: str
    near: str = ""
    area: str = ""


class Scenario(msgspec.Struct, forbid_unknown_fields=True):
    """The whole file."""

    start: dt.datetime
    every_s: int
    carrier: str
    ship: str
    container: str
    yard: str
    haulier: str
    waybill: Paper
    permits: list[Asked]
    leg: list[Drive]
    silent: Silent
    wild: Wild
    yard_events: list[YardEvent]
    voyage: Voyage
    story: tuple[Wanted, ...]

    @property
    def start_ms(self) -> int:
        """``start`` in ms UTC."""
        return round(self.start.timestamp() * 1000)

    def at(self, second: int) -> int:
        """The moment so many seconds after the start (ms UTC)."""
        return self.start_ms + second * SECOND


def load_scenario() -> Scenario:
    """The scenario as it ships."""
    return msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8")), Scenario)


def permits(scenario: Scenario) -> list[Permit]:
    """The register as it stands on that day."""
    paper, start = scenario.waybill, scenario.start_ms
    holders = {
        "firm": paper.firm, "vehicle": scenario.carrier, "driver": paper.driver, "escort": paper.escort, "trailer": "",
    }  # fmt: skip
    return [
        Permit(
            each.role, holders[each.role], each.kind, f"{each.kind}-1", start - YEAR_MS, scenario.at(each.valid_to_s)
        )
        for each in scenario.permits
    ]


def told(scenario: Scenario) -> list[tuple[int, Told]]:
    """All messages of the carriers with the second in which each comes."""
    return sorted([*_papers(scenario), *_truck(scenario), *_ship(scenario)], key=lambda each: each[0])


def yard_events(scenario: Scenario) -> list[GateIn | Stacked | GateOut]:
    """What gate and quay tell of the box."""
    box, yard, made = scenario.container, scenario.yard, []
    for each in scenario.yard_events:
        name, time = f"{each.event}-{box}", scenario.at(each.at_s)
        event: GateIn | Stacked | GateOut
        if each.event == "gate_in":
            event = GateIn(name, yard, time, box)
        elif each.event == "stacked":
            event = Stacked(name, yard, time, box, "ARR", 4, 2, 1)
        else:
            event = GateOut(name, yard, time, box, aboard=scenario.ship)
        made.append(event)
    return made


def _papers(scenario: Scenario) -> Iterator[tuple[int, Told]]:
    paper, voyage = scenario.waybill, scenario.voyage
    trip = Waybill(
        paper.id, scenario.carrier, scenario.haulier, scenario.at(-3_600), scenario.at(paper.departs_s),
        scenario.at(paper.arrives_s), domain="cargo", firm=paper.firm, driver=paper.driver, escort=paper.escort,
        goods=(Goods(paper.un, paper.name, paper.hazard_class, paper.mass_t),), containers=(scenario.container,),
        origin=paper.origin, destination=paper.destination, route=tuple(RoutePoint(*each) for each in paper.route),
    )  # fmt: skip
    yield 0, trip
    over = scenario.at(paper.ended_s)
    yield paper.ended_s + 10, msgspec.structs.replace(trip, time=over, ended=over)
    yield voyage.departs_s, Waybill(
        voyage.id, scenario.ship, scenario.haulier, scenario.at(voyage.departs_s), scenario.at(voyage.departs_s),
        scenario.at(voyage.arrives_s), domain="cargo", kind="ship", containers=(scenario.container,),
        origin=scenario.yard, destination="Busan",
    )  # fmt: skip


def _truck(scenario: Scenario) -> Iterator[tuple[int, Told]]:
    silent, wild = scenario.silent, scenario.wild
    for second, place, kmh in driven(scenario.waybill.route[0], scenario.leg, scenario.every_s):
        kept = silent.from_s <= second < silent.to_s
        where = wild.place if second == wild.at_s else place
        yield silent.to_s if kept else second + 1, Position(
            scenario.carrier, scenario.at(second), round(where[0], 6), round(where[1], 6), site=scenario.haulier,
            domain="cargo", speed_kmh=kmh, trip=scenario.waybill.id, resent=kept,
        )  # fmt: skip


def _ship(scenario: Scenario) -> Iterator[tuple[int, Told]]:
    voyage = scenario.voyage
    for number, (lat, lon) in enumerate(voyage.track):
        second = voyage.departs_s + number * voyage.every_s
        yield second + 1, Position(
            scenario.ship, scenario.at(second), lat, lon, site=scenario.haulier, domain="cargo", kind="ship",
            speed_kmh=20.0, trip=voyage.id,
        )  # fmt: skip


def as_rows(scenario: Scenario) -> list[dict[str, Any]]:
    """The messages in the order in which they come, as the gateway takes them."""
    rows: list[dict[str, Any]] = [msgspec.to_builtins(message) for _, message in told(scenario)]
    return rows
