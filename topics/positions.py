"""Where carriers are and what they carry: positions, waybills, hands that goods pass through; permits apart.

Positions, waybills and handovers travel on ``positions``, keyed by the carrier (a vehicle's plate, a ship), so that
all that is told of one is one ordered log with the city time it is judged in. Permits are a register of their own.
"""

import contextlib
from typing import Annotated, Literal

import msgspec

from topics.events import Goods
from topics.reading import SCHEMA_VERSION, Control, TimeMs

TOPIC = "positions"
PERMITS = "permits"

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Carrier = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=80, pattern=r"^[^~/\s\x00-\x1f][^/\x00-\x1f]*$", description="plate or ship"),
]
Short = Annotated[str, msgspec.Meta(max_length=120)]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90, description="WGS-84, degrees north; never GCJ-02")]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180, description="WGS-84, degrees east; never GCJ-02")]
Kind = Literal["road", "ship"]
Role = Literal["driver", "escort", "vehicle", "trailer", "firm"]
Names = Annotated[tuple[Name, ...], msgspec.Meta(max_length=500)]


class Position(msgspec.Struct, frozen=True, gc=False, tag="position", tag_field="event", omit_defaults=True):
    """Where a carrier was at one moment. The fields are those of JT/T 808's position report (0x0200) in plain units.

    ``site`` is the registered site of its firm and ``domain`` that site's; the gateway fills in what is empty.
    ``located`` is false where the receiver had no fix (status bit 1), ``resent`` for what the terminal kept while it
    had no network (0x0704). ``speed_kmh`` and ``heading_deg`` (clockwise from north) are ``None`` where not told.
    """

    carrier: Carrier
    time: TimeMs
    lat: Latitude
    lon: Longitude
    site: Short = ""
    domain: Short = ""
    kind: Kind = "road"
    speed_kmh: Annotated[float, msgspec.Meta(ge=0, le=400)] | None = None
    heading_deg: Annotated[float, msgspec.Meta(ge=0, le=360)] | None = None
    trip: Annotated[str, msgspec.Meta(max_length=120, description="number of the waybill it travels under")] = ""
    containers: Names = ()
    lots: Names = ()
    located: bool = True
    resent: bool = False
    terminal: Annotated[str, msgspec.Meta(max_length=40, description="the terminal's own number")] = ""
    source: Annotated[str, msgspec.Meta(max_length=80)] = ""
    schema: int = SCHEMA_VERSION


class RoutePoint(msgspec.Struct, frozen=True, array_like=True):
    """One corner of a declared route: latitude, longitude."""

    lat: Latitude
    lon: Longitude


class Waybill(msgspec.Struct, frozen=True, tag="waybill", tag_field="event", omit_defaults=True):
    """One journey of goods as declared; the same number again amends it (``time``: when it was said).

    ``driver``, ``escort``, ``trailer`` and ``firm`` are the names under which permits are registered. ``route`` is
    what was declared, empty = none was. ``departs`` and ``arrives`` are planned; ``ended`` is when it was over.
    """

    id: Name
    carrier: Carrier
    site: Name
    time: TimeMs
    departs: TimeMs
    arrives: TimeMs
    domain: Short = ""
    kind: Kind = "road"
    firm: Short = ""
    driver: Short = ""
    escort: Short = ""
    trailer: Short = ""
    goods: Annotated[tuple[Goods, ...], msgspec.Meta(max_length=100)] = ()
    containers: Names = ()
    lots: Names = ()
    origin: Short = ""
    destination: Short = ""
    route: Annotated[tuple[RoutePoint, ...], msgspec.Meta(max_length=2_000)] = ()
    ended: TimeMs | None = None
    cancelled: bool = False
    schema: int = SCHEMA_VERSION

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes and divisions of its goods, subsidiary hazards too, in order."""
        return tuple(sorted({each for line in self.goods for each in (line.hazard_class, *line.subsidiary)}))


class Party(msgspec.Struct, frozen=True):
    """Who holds goods: a firm or ship by name; a yard by its site."""

    kind: Literal["shipper", "carrier", "yard", "ship", "consignee"]
    name: Name


class Handover(msgspec.Struct, frozen=True, tag="handover", tag_field="event", omit_defaults=True):
    """Goods pass from one hand into another; ``by`` is who signed for them."""

    id: Name
    carrier: Carrier
    site: Name
    time: TimeMs
    giver: Party
    taker: Party
    domain: Short = ""
    containers: Names = ()
    lots: Names = ()
    waybill: Short = ""
    place: Short = ""
    lat: Latitude | None = None
    lon: Longitude | None = None
    by: Short = ""
    schema: int = SCHEMA_VERSION


class Permit(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an authority allows a driver, escort, vehicle, trailer or firm, valid in [``valid_from``, ``valid_to``).

    ``kind`` is a code of the pack's ``facts.carriage.permits``; ``classes`` are classes of goods it is for, empty =
    all; ``suspended`` takes its force for as long as it stands so.
    """

    role: Role
    holder: Name
    kind: Name
    number: Name
    valid_from: TimeMs
    valid_to: TimeMs
    classes: tuple[str, ...] = ()
    suspended: bool = False
    source: Short = ""
    schema: int = SCHEMA_VERSION

    @property
    def key(self) -> str:
        """Its key on the topic: a renewal bears the same number, a new permit another."""
        return f"{self.role}/{self.holder}/{self.kind}/{self.number}"


#: What is told of carriers.
Told = Position | Waybill | Handover
_MESSAGE = msgspec.json.Decoder(Told)
_CONTROL = msgspec.json.Decoder(Control)


def read_told(value: bytes) -> "Told | Control":
    """The message of a record. Raises ``msgspec.MsgspecError`` or ``UnicodeDecodeError`` for anything else."""
    if b'"~' in value:
        with contextlib.suppress(msgspec.ValidationError):  # it may be a message that only speaks of ticks
            control: Control = _CONTROL.decode(value)
            return control
    told: Told = _MESSAGE.decode(value)
    return told
