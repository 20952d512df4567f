"""A sequence of events, as a pack declares it: steps in this order within a time, and what must then stay away."""

from typing import Annotated, Literal

import msgspec

from topics.finding import Text

#: The alarm family of findings of sequences.
SEQUENCE = "sequence"

#: What a partial match belongs to. ``quantity`` is for findings that say there whom they are about (a carrier).
By = Literal["site", "device", "quantity"]

NotNegative = Annotated[float, msgspec.Meta(ge=0, le=30 * 86_400)]


class StepPattern(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What one step is: exactly one of ``reading``, ``finding`` and ``alarm`` is given.

    ``reading`` is a quantity of the pack whose usable value is at least ``above`` and at most ``below`` (the
    quantity's unit); with ``turns`` only one whose reading before was not. ``finding`` is a detector's name, ``*`` for
    any, in this ``phase``; ``alarm`` what people or time did to an alarm (``acknowledged``, docs/life-cycle.md).
    ``family`` and ``quantity`` narrow findings and alarms; ``facts`` must be there and not empty in a finding.
    """

    title: Text
    reading: str = ""
    above: float | None = None
    below: float | None = None
    statistic: str = "Rtd"
    turns: bool = False
    finding: str = ""
    phase: Literal["open", "update", "close"] = "open"
    facts: tuple[str, ...] = ()
    alarm: str = ""
    family: str = ""
    quantity: str = ""


class EventSequence(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """``steps`` in order, the last at most ``within_s`` after the first, all of one site (device, quantity: ``by``).

    None of ``absent`` may come from the first step on until ``absent_s`` after the last; then it is a finding. It
    ends when one of ``absent`` comes, or after ``lasts_s`` (0 = only then). All seconds are event time. What comes
    within ``late_s`` of city time out of its order is put in order. ``version`` is part of findings' ids.
    """

    title: Text
    severity: str
    steps: Annotated[tuple[StepPattern, ...], msgspec.Meta(min_length=1, max_length=8)]
    by: By = "site"
    within_s: NotNegative = 0.0
    absent: tuple[StepPattern, ...] = ()
    absent_s: NotNegative = 0.0
    lasts_s: NotNegative = 0.0
    late_s: Annotated[float, msgspec.Meta(ge=1, le=86_400)] = 60.0
    version: Annotated[int, msgspec.Meta(ge=1)] = 1
    source: str = ""
    confirmed: bool = False

    @property
    def horizon_ms(self) -> int:
        """How far back in event time a happening can still matter to what has not been said yet."""
        return round(1000 * (self.within_s + self.absent_s + 2 * self.late_s))
