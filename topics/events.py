"""Events that are not single measurements: declarations, gate and yard moves, custody of goods.

They travel on ``events.<domain>`` topics, keyed by the site whose state they change.
"""

from typing import Annotated, Any

import msgspec

from topics.reading import SCHEMA_VERSION, TimeMs

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Tonnes = Annotated[float, msgspec.Meta(ge=0, le=100_000)]


class Goods(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a dangerous goods declaration, in the order of IMDG 5.4: UN number, name, class, (sub), PG."""

    un: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}$", description="UN number, four digits")]
    name: Name
    hazard_class: Annotated[str, msgspec.Meta(pattern=r"^[1-9](\.[1-6])?[A-S]?$", description="class or division")]
    mass_t: Annotated[float, msgspec.Meta(gt=0, le=100_000, description="tonnes, net")]
    subsidiary: tuple[str, ...] = ()
    packing_group: Annotated[str, msgspec.Meta(pattern=r"^(|I|II|III)$")] = ""


class Declared(msgspec.Struct, frozen=True, tag="declared", tag_field="event", omit_defaults=True):
    """A shipper declares what a container will hold, before it comes."""

    id: Name
    site: Name
    time: TimeMs
    declaration: Name
    container: Name
    goods: Annotated[tuple[Goods, ...], msgspec.Meta(min_length=1)]
    consignor: str = ""
    emergency_contact: str = ""
    schema: int = SCHEMA_VERSION


class GateIn(msgspec.Struct, frozen=True, tag="gate_in", tag_field="event", omit_defaults=True):
    """A container came through the gate; ``goods`` is what the gate saw, empty where it only read the number."""

    id: Name
    site: Name
    time: TimeMs
    container: Name
    declaration: str = ""
    goods: tuple[Goods, ...] = ()
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


class GateOut(msgspec.Struct, frozen=True, tag="gate_out", tag_field="event", omit_defaults=True):
    """A container left, by road or aboard ship."""

    id: Name
    site: Name
    time: TimeMs
    container: Name
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
    """An EPCIS 2.0 event as captured, kept whole; its sensor reports travel as readings besides."""

    id: Annotated[str, msgspec.Meta(description="the EPCIS eventID or its CBV 2.0 hash")]
    site: Name
    time: TimeMs
    epcis: dict[str, Any]
    schema: int = SCHEMA_VERSION


Event = Declared | GateIn | Stacked | GateOut | Observed | Custody
