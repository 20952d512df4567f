"""What a card says, as data."""

import msgspec

from alerts.responder.asked import Spot
from alerts.responder.box_findings import BoxFinding
from alerts.responder.reference import Contact
from alerts.responder.rules import Grade, Rules
from alerts.responder.wind import Unknown, Wind
from records.responder_card import Near
from topics.finding import Text


class NearYard(msgspec.Struct, frozen=True):
    """A yard of whose boxes some may be within the rings; ``away_m`` to its registered point. ``hazard`` is its grade
    by the rules the card is made by, ``None`` where nobody judges it.
    """

    site: str
    title: Text
    firm: str
    district: str
    away_m: float
    boxes: int
    mass_t: float
    undeclared: tuple[str, ...]
    hazard: Grade | None = None


class Neighbour(msgspec.Struct, frozen=True):
    """Another watched site within the widest ring: a plant, a tank farm, a kitchen."""

    site: str
    title: Text
    firm: str
    domain: Text
    away_m: float
    bearing: float
    downwind: bool | None


class People(msgspec.Struct, frozen=True):
    """Where people live or work. ``people`` ``None`` = nobody has said how many."""

    title: Text
    people: int | None
    away_m: float
    bearing: float
    downwind: bool | None
    source: str
    confirmed: bool


class Dot(msgspec.Struct, frozen=True, gc=False):
    """A stack on the sketch: metres east and north of the point; ``water``: it holds what must not be wetted."""

    x_m: float
    y_m: float
    water: bool


class Card(msgspec.Struct, frozen=True):
    """``time`` is the moment it shows (city time, ms UTC), ``past`` whether somebody asked for it by time;
    ``made`` the wall time it was made at. ``behind`` counts events that have not been read yet (``None`` = not
    looked), ``read_to`` is the event time of the newest event that counts. ``part``: some sites lie beyond the reader's
    jurisdiction and are not in it.
    ``later_events`` of the yards nearby are dated later than now and do not count; ``not_yet`` is the moment asked for
    where it has not come (``None`` = it has): the card then shows now.
    ``rules`` are those its yards are graded by. ``dots`` are for the sketch; what is sent leaves them out.
    """

    spot: Spot
    time: int
    past: bool
    made: int
    simulated: bool
    near: Near
    yards: tuple[NearYard, ...]
    neighbours: tuple[Neighbour, ...]
    wind: Wind | None
    wind_unknown: Unknown | None
    people: tuple[People, ...]
    contacts: tuple[Contact, ...]
    dots: tuple[Dot, ...] | msgspec.UnsetType
    behind: int | None
    read_to: int
    part: bool
    problems: tuple[Text, ...]
    rules: Rules
    sensors: tuple[BoxFinding, ...] = ()
    later_events: int = 0
    not_yet: int | None = None
