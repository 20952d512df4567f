"""How a domain's alarms are handled: the parts of a pack that the life of an alarm depends on.

An alarm keeps the handling it opened with (it stands in its log), so a pack that changes rewrites no history.
All durations are seconds of event (city) time; 0 = never, unless said otherwise.
"""

from typing import Annotated, Literal

import msgspec

from topics.finding import Text

NonNegative = Annotated[float, msgspec.Meta(ge=0)]
Positive = Annotated[float, msgspec.Meta(gt=0)]

#: What an alarm may be grouped by and matched by.
LABELS = ("domain", "site", "district", "group", "quantity", "family", "severity")


class Handling(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The life-cycle settings of one quantity or family (ISA-18.2, OPC UA Part 9).

    ``on_delay_s``: the condition must last this long before the alarm sounds. ``off_delay_s``: it must be gone this
    long before the alarm returns. ``deadband`` (the quantity's unit): a value that has come back by less than this is
    not believed to be back; it counts as back after ``deadband_hold_s`` without a new episode.
    ``latching``: after return and acknowledgement somebody must reset it. ``confirm``: after return a second stage,
    given by ``anyone`` or by ``another`` person than who acknowledged. ``shelve_max_s``: the longest shelving.
    ``realarm_unacknowledged_s`` and ``realarm_acknowledged_s``: sound again when unanswered, or acknowledged and still
    there, for so long. ``acknowledge_within_s`` by severity; unmet, the alarm climbs to the next of ``escalate_to``,
    and a step that names no channels of its own is told over ``escalate_over``.
    """

    on_delay_s: NonNegative = 0.0
    off_delay_s: NonNegative = 0.0
    deadband: NonNegative = 0.0
    deadband_hold_s: Positive = 300.0
    latching: bool = False
    confirm: Literal["none", "anyone", "another"] = "none"
    shelve_max_s: Positive = 8 * 3600.0
    realarm_unacknowledged_s: NonNegative = 0.0
    realarm_acknowledged_s: NonNegative = 0.0
    acknowledge_within_s: dict[str, Positive] = msgspec.field(default_factory=dict)
    escalate_to: tuple[str, ...] = ()
    escalate_over: tuple[str, ...] = ()


class EscalationStep(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Who is told when an alarm climbs: as a warning over ``channels``, or at the desk alone where there are none."""

    title: Text
    channels: tuple[str, ...] = ()


class Matcher(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Alarms whose labels have one of the values given, and at least ``min_severity``; what is left out fits all,
    but for ``domain``: there the pack's own is meant.
    """

    domain: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    quantity: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    min_severity: str = ""


class Inhibition(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """While an alarm that fits ``cause`` is there, those that fit ``consequence`` and agree in ``equal`` are hidden.

    They must have opened within ``window_s`` before or after the cause, 0 = at any time. Hidden alarms sound
    nowhere and release nothing, but are logged, and appear again when their cause is over.
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{1,60}$")]
    cause: Matcher
    consequence: Matcher
    equal: tuple[str, ...] = ("site",)
    window_s: NonNegative = 0.0
