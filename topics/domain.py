"""A domain pack: one TOML file that declares a domain, and the form in which it travels.

The structure below *is* the format: ``topics/domain_file.py`` converts the file into it and says file,
key, what was required and what came. Names of detectors and sinks are checked by streams/,
which alone knows them (``streams/packs.py``).
"""

import datetime as dt
import hashlib
from typing import Annotated, Any, Literal

import msgspec

from topics.channel_group import ChannelGroup
from topics.event_sequence import EventSequence
from topics.families import families_of
from topics.finding import Text
from topics.handling import EscalationStep, Handling, Inhibition
from topics.reading import SCHEMA_VERSION, TimeMs

Positive = Annotated[float, msgspec.Meta(gt=0)]


class Limit(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One legal or engineering limit in one edition; chosen by the date of the event it judges.

    ``side`` high alarms above ``value``, low below it. ``hold_s`` is how long (event time) the
    value must stay beyond; ``deadband`` is how far back (same unit) it must come to clear.
    ``valid_from`` is the first day it holds, ``valid_to`` the first day it no longer does.
    ``sensor_class`` narrows it to series of that class (a stack's and a street's SO2 share one code), empty = all;
    ``confirmed`` is false for numbers whose source has not been checked; users see that.
    """

    level: Annotated[str, msgspec.Meta(description="L, LL, H, HH or a name of the standard's own")]
    value: float
    severity: str
    standard: str
    source: str
    valid_from: dt.date
    valid_to: dt.date | None = None
    side: Literal["high", "low"] = "high"
    statistic: str = "Rtd"
    sensor_class: str = ""
    edition: str = ""
    clause: str = ""
    condition: str = ""
    hold_s: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    deadband: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    confirmed: bool = False

    def in_force(self, day: dt.date) -> bool:
        """Whether it holds for an event of this day (of the city's zone)."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class Quantity(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is measured: unit, how often it must come, what is possible, what is allowed.

    ``sensor_class`` pools the calibration of like sensors; ``span`` is the instrument's range,
    readings outside it are refused by quality rules; ``resolution`` its smallest step.
    ``detectors`` names the members of the default chain to run on it, empty = the domain's own. ``class_units``: the
    unit in which instruments of another class are judged and shown, where that is not ``unit``.
    """

    title: Text
    unit: str
    sensor_class: str
    interval_s: Positive
    span: tuple[float, float]
    resolution: Positive
    decimals: Annotated[int, msgspec.Meta(ge=0, le=6)] = 2
    limits: tuple[Limit, ...] = ()
    detectors: tuple[str, ...] = ()
    class_units: dict[str, str] = {}


class Route(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Who must be told: alarms of these families and at least this severity go to this authority as warnings."""

    authority: str
    title: Text
    min_severity: str
    families: tuple[str, ...] = ()
    channels: tuple[str, ...] = ("cap",)


class Guidance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a responder must know (ISA-18.2 rationalisation): consequence, action, time to respond, owner."""

    consequence: Text
    action: Text
    respond_within_s: Positive
    owner: Text


class Tile(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One field of the domain's wall: the quantities it draws."""

    title: Text
    quantities: tuple[str, ...]


class Domain(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A whole pack. ``detectors`` maps a detector's registered name to its settings (empty = defaults).

    ``guidance`` and ``handling`` are looked up by quantity (or group), then by family, then by ``default``.
    ``escalation`` names the steps that ``handling.*.escalate_to`` climbs, ``grouping`` the labels by which open
    alarms are one group. ``false_alerts_per_sensor_day`` is the knob of all statistical detectors together
    (docs/detectors.md); without it the worker's own holds. ``groups`` are channels judged together,
    ``sequences`` events whose order or absence is a finding (docs/event-sequences.md).
    ``facts`` holds tables that domain code reads (critical quantities, permits), each row with its source.
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
    title: Text
    order: int
    cap_category: Literal[
        "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"
    ]
    quantities: dict[str, Quantity]
    detectors: dict[str, dict[str, Any]]
    routes: tuple[Route, ...]
    guidance: dict[str, Guidance]
    wall: tuple[Tile, ...] = ()
    scheme: str = "four-colours"
    events: bool = False
    partitions: Annotated[int, msgspec.Meta(ge=1, le=512)] = 4
    facts: dict[str, Any] = msgspec.field(default_factory=dict)
    handling: dict[str, Handling] = msgspec.field(default_factory=dict)
    escalation: dict[str, EscalationStep] = msgspec.field(default_factory=dict)
    inhibition: tuple[Inhibition, ...] = ()
    grouping: tuple[str, ...] = ("domain", "site")
    false_alerts_per_sensor_day: Annotated[float, msgspec.Meta(gt=0, le=24)] | None = None
    groups: dict[str, ChannelGroup] = msgspec.field(default_factory=dict)
    sequences: dict[str, EventSequence] = msgspec.field(default_factory=dict)

    @property
    def topic(self) -> str:
        """The topic of the domain's readings."""
        return f"readings.{self.name}"

    @property
    def events_topic(self) -> str:
        """The topic of the domain's events, where ``events`` is true."""
        return f"events.{self.name}"

    @property
    def key(self) -> str:
        """The pack's key on the ``config`` topic."""
        return f"domain/{self.name}"

    @property
    def families(self) -> tuple[str, ...]:
        """The alarm families its findings can belong to."""
        return families_of(self.facts, events=self.events, sequences=bool(self.sequences))


class PublishedPack(msgspec.Struct, frozen=True, omit_defaults=True):
    """A pack as it travels on ``config``: its content, that content's hash and when it takes effect.

    ``domain`` is the pack as JSON, not yet a ``Domain``: a worker older than the pack reads it too.
    """

    name: str
    hash: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$", description="SHA-256 of the content")]
    effective: TimeMs
    domain: dict[str, Any]
    schema: Annotated[int, msgspec.Meta(ge=1)] = SCHEMA_VERSION

    @property
    def ref(self) -> str:
        """What a ``~config`` control message calls it."""
        return f"domain/{self.name}@{self.hash}"


def content_hash(domain: Domain | dict[str, Any]) -> str:
    """SHA-256 (hex) of a pack's content: independent of the order of keys, comments and layout of its file, of what
    its file says though it is the default, and of the process that a ``Domain`` was handed to."""
    content = _said(domain) if isinstance(domain, Domain) else domain
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


def publish_form(domain: Domain, effective_ms: int) -> PublishedPack:
    """The pack as a message that takes effect at ``effective_ms`` of city time."""
    content = msgspec.json.decode(msgspec.json.encode(_said(domain)))  # as a reader will find it
    return PublishedPack(domain.name, content_hash(content), effective_ms, content)


def from_published(pack: PublishedPack) -> Domain:
    """The domain of a message; keys that this version does not know are left out (D14).

    Raises ``ValueError`` if the content does not match its hash or does not fit.
    """
    found = content_hash(pack.domain)
    if found != pack.hash:
        raise ValueError(f"config domain/{pack.name}: hash: expected {pack.hash}, got {found}")
    return msgspec.convert(_known(pack.domain, Domain), Domain)


def _said(value: Any) -> Any:
    """``value`` with each struct as a dict of what differs from its default.

    ``omit_defaults`` does not do it: it leaves out what *is* the default object, and in another process none is.
    """
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.fields(value)
        return {
            field.encode_name: _said(each) for field in fields if (each := getattr(value, field.name)) != _usual(field)
        }
    if isinstance(value, dict):
        return {key: _said(each) for key, each in value.items()}
    return [_said(each) for each in value] if isinstance(value, (list, tuple)) else value


def _usual(field: msgspec.structs.FieldInfo) -> Any:
    """The default of a field; a thing that equals nothing where it has none."""
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def _known(value: Any, kind: Any) -> Any:
    """``value`` without the keys that the structs of ``kind`` do not have."""
    if isinstance(value, (list, tuple)):
        item = getattr(kind, "__args__", (Any,))[0]
        return [_known(each, item) for each in value]
    if not isinstance(value, dict):
        return value
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        types = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
        return {key: _known(each, types[key]) for key, each in value.items() if key in types}
    item = getattr(kind, "__args__", (Any, Any))[-1]
    return {key: _known(each, item) for key, each in value.items()}
