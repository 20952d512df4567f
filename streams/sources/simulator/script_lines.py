"""The lines of a scenario: what happens to which series when, what people see, what devices get wrong.

Times in them are local (Asia/Shanghai). Each line says its source, whether that is published or assumed, and which
alarms it is meant to raise.
"""

import datetime as dt
from typing import Literal

import msgspec

from streams.sources.simulator.city import Basis
from streams.sources.simulator.driving import Drive, Place
from topics.finding import Text
from topics.kitchen_events import Sight

ZONE = dt.timezone(dt.timedelta(hours=8), "Asia/Shanghai")

Moment = dt.datetime


class Expect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An alarm the line is meant to raise, by its key's parts and the worst severity it reaches."""

    site: str
    quantity: str
    family: str
    severity: str


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", kw_only=True):
    """What every line says of itself."""

    id: str
    title: Text
    source: str
    basis: Basis
    expect: tuple[Expect, ...] = ()


class Ramp(Line, frozen=True, tag="ramp"):
    """A quantity goes to ``to`` between ``start`` and ``reach``, and back between ``fall`` and ``end``
    (both absent = it stays). ``by`` instead of ``to`` multiplies. All its statistics move alike.
    """

    sites: tuple[str, ...]
    quantity: str
    start: Moment
    reach: Moment
    device: str = ""
    to: float | None = None
    by: float | None = None
    fall: Moment | None = None
    end: Moment | None = None


class Stuck(Line, frozen=True, tag="stuck"):
    """The instrument repeats the value it had at ``start``."""

    site: str
    quantity: str
    start: Moment
    end: Moment
    device: str = ""


class Silence(Line, frozen=True, tag="silence"):
    """Nothing is sent; without ``end`` for good. ``device`` empty = all of the sites' devices."""

    sites: tuple[str, ...]
    start: Moment
    device: str = ""
    end: Moment | None = None


class Backfill(Line, frozen=True, tag="backfill"):
    """At ``at`` a device sends what it had kept from ``start`` to ``end``, marked as back-filled."""

    site: str
    start: Moment
    end: Moment
    at: Moment


class Seen(Line, frozen=True, tag="seen"):
    """Something a person or camera saw. ``event``: the day's report holds the site's warnings against this moment."""

    site: str
    at: Moment
    what: str
    by: str
    subject: str = ""
    event: bool = False


FaultKind = Literal[
    "bad_crc", "modbus_crc", "unknown_mn", "resend", "malformed", "absurd_time", "ahead_of_time", "unknown_site"
]


class Fault(Line, frozen=True, tag="fault"):
    """Something wrong on a wire. ``site`` is whose device gets it wrong."""

    site: str
    at: Moment
    what: FaultKind


class Stock(Line, frozen=True, tag="stock"):
    """Boxes of one substance that come into a yard from ``first`` to ``last``, ``mass_t`` in ``boxes`` equal parts.

    They stand in ``block`` from ``bay`` on, ``rows`` wide from ``row`` and ``tiers`` high. ``stay_h`` is how long
    each stays (None = beyond the play). Without ``declared`` nobody says what is in them until ``papers``.
    ``control_c`` and ``emergency_c`` are declared with the goods; of ``sensors`` the first watches the first box.
    """

    site: str
    un: str
    mass_t: float
    boxes: int
    block: str
    bay: int
    first: Moment
    last: Moment
    consignor: str = ""
    row: int = 0
    rows: int = 5
    tiers: int = 2
    stay_h: float | None = None
    declared: bool = True
    papers: Moment | None = None
    control_c: float | None = None
    emergency_c: float | None = None
    sensors: tuple[str, ...] = ()


class Move(Line, frozen=True, tag="move"):
    """A box of a stock line (counted from 0) is put somewhere else."""

    stock: str
    box: int
    at: Moment
    block: str
    bay: int
    row: int
    tier: int = 1


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From one moment to another."""

    start: Moment
    end: Moment


class Unclear(Window, frozen=True):
    """A camera that does not see meanwhile."""

    state: Sight = "blurred"


class Sighted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that a camera's analysis saw."""

    at: Moment
    what: str
    confidence: float | None = None


class Trip(Line, frozen=True, tag="trip"):
    """A vehicle that reports its position every ``every_s`` while it ``drives``, over ``wire``; what it kept while it
    was ``offline`` comes when that ends. Its waybill is a firm's to declare.
    """

    site: str
    carrier: str
    waybill: str
    start: Moment
    begins: Place
    drives: tuple[Drive, ...]
    every_s: int = 20
    containers: tuple[str, ...] = ()
    offline: tuple[Window, ...] = ()
    wire: Literal["http", "jt808"] = "http"


class Cameraman(Line, frozen=True, tag="camera"):
    """A kitchen's camera, which says every ``every_s`` how well it sees, and what it saw."""

    site: str
    camera: str
    start: Moment
    end: Moment
    every_s: int = 240
    silent: tuple[Window, ...] = ()
    unclear: tuple[Unclear, ...] = ()
    sights: tuple[Sighted, ...] = ()


class HourRecords(Line, frozen=True, tag="hour-records"):
    """A logger that sends an hour record (minimum, mean, maximum) of a quantity a minute after each hour from ``start``
    to ``end``. The mean of the hours that begin at ``tampered`` is ``mean_by`` times the true one: whoever does that
    forgets the bounds.
    """

    site: str
    quantity: str
    start: Moment
    end: Moment
    tampered: tuple[Moment, ...] = ()
    mean_by: float = 1.0


ScriptLine = Ramp | Stuck | Silence | Backfill | Seen | Fault | Stock | Move | Trip | Cameraman | HourRecords


def ms(moment: Moment) -> int:
    """A local moment of a scenario in ms UTC."""
    return round(moment.replace(tzinfo=ZONE).timestamp() * 1000)
