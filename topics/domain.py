"""A domain pack: one TOML file that declares a domain. The form in which it travels is ``topics/published_pack.py``.

The structure below *is* the format: ``topics/domain_file.py`` converts the file into it and says file,
key, what was required and what came. Names of detectors and sinks are checked by streams/,
which alone knows them (``streams/packs.py``).
"""

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec

from topics.channel_group import ChannelGroup
from topics.event_sequence import EventSequence
from topics.families import families_of
from topics.finding import Text
from topics.handling import EscalationStep, Handling, Inhibition

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
