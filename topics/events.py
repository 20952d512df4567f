"""Events that are not single measurements: declarations, gate and yard moves, custody of goods, safety work, kitchens.

They travel on ``events.<domain>`` topics, keyed by the site whose state they change.
"""

from typing import Annotated, Any

import msgspec

from topics.kitchen_events import CameraState, KitchenSight
from topics.reading import SCHEMA_VERSION, TimeMs
from topics.safety_events import Commitment, WorkPermit

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
BoxTemperature = Annotated[float, msgspec.Meta(ge=-100, le=100)]
Tonnes = Annotated[float, msgspec.Meta(ge=0, le=100_000)]


class Goods(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a dangerous goods declaration, in the order of IMDG 5.4: UN number, name, class, (sub), PG.

    ``packages`` ``None`` = in bulk or not said; ``flash_point_c`` closed cup; ``control_c`` and ``emergency_c`` are the
    temperatures that IMDG 7.3.7 gives self-reactive goods and peroxides; ``ems`` as ``F-A, S-Q``.
    """

    un: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}$", description="UN number, four digits")]
    name: Name
    hazard_class: Annotated[str, msgspec.Meta(pattern=r"^[1-9](\.[1-6])?[A-S]?$", description="class or division")]
    mass_t: Annotated[float, msgspec.Meta(gt=0, le=100_000, description="tonnes, net")]
    subsidiary: tuple[str, ...] = ()
    packing_group: Annotated[str, msgspec.Meta(pattern=r"^(|I|II|III)$")] = ""
    technical_name: Annotated[str, msgspec.Meta(max_length=120)] = ""
    packages: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    package_kind: Annotated[str, msgspec.Meta(max_length=60)] = ""
    flash_point_c: Annotated[float, msgspec.Meta(ge=-200, le=400)] | None = None
    control_c: BoxTemperature | None = None
    emergency_c: BoxTemperature | None = None
    ems: Annotated[str, msgspec.Meta(pattern=r"^(|F-[A-J], ?S-[A-Z])$", description="fire and spillage schedule")] = ""
    marine_pollutant: bool = False
    limited_quantity: bool = False


class Declared(msgspec.Struct, frozen=True, tag="declared", tag_field="event", omit_defaults=True):
    """A shipper declares what a container will hold, before it comes. ``gross_t`` is the verified gross mass (tonnes,
    box included), ``operation`` when the box is to be handled (ms UTC).
    """

    id: Name
    site: Name
    time: TimeMs
    declaration: Name
    container: Name
    goods: Annotated[tuple[Goods, ...], msgspec.Meta(min_length=1)]
    consignor: str = ""
    emergency_contact: str = ""
    gross_t: Tonnes | None = None
    operation: TimeMs | None = None
    voyage: str = ""
    schema: int = SCHEMA_VERSION


class DeclarationWithdrawn(msgspec.Struct, frozen=True, tag="declaration_withdrawn", tag_field="event"):
    """A declaration that has been said holds no longer: cancelled before its box came."""

    id: Name
    site: Name
    time: TimeMs
    declaration: Name
    container: Name
    schema: int = SCHEMA_VERSION


class Manifested(msgspec.Struct, frozen=True, tag="manifested", tag_field="event", omit_defaults=True):
    """The waybill of a container that nobody declares as dangerous: its goods in the words of the trade."""

    id: Name
    site: Name
    time: TimeMs
    container: Name
    goods: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)]
    consignor: str = ""
    gross_t: Tonnes | None = None
    schema: int = SCHEMA_VERSION


class GateIn(msgspec.Struct, frozen=True, tag="gate_in", tag_field="event", omit_defaults=True):
    """A container came through the gate; ``goods`` is what the gate saw, empty where it only read the number.
    ``gross_t`` is what the weighbridge read, the box included (tonnes).
    """

    id: Name
    site: Name
    time: TimeMs
    container: Name
    declaration: str = ""
    goods: tuple[Goods, ...] = ()
    gross_t: Tonnes | None = None
    schema: int = SCHEMA_VERSION


class Stacked(msgspec.Struct, frozen=True, tag="stacked", tag_field="event", omit_defaults=True):
    """A container stands at bay, row, tier of a block; also said of every later move."""

    id: Name
    site: Name
    time: TimeMs
    container: Name
    block: Name
    bay: Annotated[int, msgspec.Meta(ge=0, le=999)]
    row: Annotated[int, msgspec.Meta(ge=0, le=999)]
    tier: Annotated[int, msgspec.Meta(ge=0, le=20)]
    schema: int = SCHEMA_VERSION


class Inspected(msgspec.Struct, frozen=True, tag="inspected", tag_field="event", omit_defaults=True):
    """A container was looked at: ``opened`` or weighed again or sampled; ``goods`` is what was found in it, empty
    where that was not looked for or nothing dangerous was found.
    """

    id: Name
    site: Name
    time: TimeMs
    container: Name
    opened: bool = False
    goods: tuple[Goods, ...] = ()
    gross_t: Tonnes | None = None
    by: str = ""
    schema: int = SCHEMA_VERSION


class Held(msgspec.Struct, frozen=True, tag="held", tag_field="event", omit_defaults=True):
    """An authority (``by``, "customs") forbids that a container leaves; ``ended``: it lets it go."""

    id: Name
    site: Name
    time: TimeMs
    container: Name
    by: Name
    ended: bool = False
    schema: int = SCHEMA_VERSION


class GateOut(msgspec.Struct, frozen=True, tag="gate_out", tag_field="event", omit_defaults=True):
    """A container left: by road, or aboard the ship that ``aboard`` names."""

    id: Name
    site: Name
    time: TimeMs
    container: Name
    aboard: str = ""
    schema: int = SCHEMA_VERSION


class SensorFitted(msgspec.Struct, frozen=True, tag="sensor_fitted", tag_field="event", omit_defaults=True):
    """A device of the registry watches this container from now on; ``removed``: it does so no longer."""

    id: Name
    site: Name
    time: TimeMs
    container: Name
    device: Name
    removed: bool = False
    schema: int = SCHEMA_VERSION


class OpeningOrdered(msgspec.Struct, frozen=True, tag="opening_ordered", tag_field="event", omit_defaults=True):
    """A container may be opened from ``time`` until ``until`` (ms UTC), by whose order."""

    id: Name
    site: Name
    time: TimeMs
    container: Name
    until: TimeMs
    by: Name
    schema: int = SCHEMA_VERSION


class Observed(msgspec.Struct, frozen=True, tag="observed", tag_field="event", omit_defaults=True):
    """Something a person or camera saw (smoke, fire, a leak); ``what`` is a code of the domain pack."""

    id: Name
    site: Name
    time: TimeMs
    what: Name
    by: str = ""
    subject: str = ""
    schema: int = SCHEMA_VERSION


class Custody(msgspec.Struct, frozen=True, tag="custody", tag_field="event", omit_defaults=True):
    """An EPCIS 2.0 event as captured, kept whole; its sensor reports travel as readings besides.

    ``content`` is its CBV 2.0 hash whatever it is called, empty where nobody made it: by it a declaration of error
    without an eventID finds what it declares wrong.
    """

    id: Annotated[str, msgspec.Meta(description="the EPCIS eventID or its CBV 2.0 hash")]
    site: Name
    time: TimeMs
    epcis: dict[str, Any]
    content: str = ""
    schema: int = SCHEMA_VERSION


#: What is told of a yard.
Cargo = (
    Declared
    | DeclarationWithdrawn
    | Manifested
    | GateIn
    | Stacked
    | Inspected
    | Held
    | GateOut
    | SensorFitted
    | OpeningOrdered
    | Observed
)
Event = Cargo | Custody | Commitment | WorkPermit | KitchenSight | CameraState
