"""Judges of events. To add one: write a class like ``CargoJudge``, and name the domain it serves here."""

from collections.abc import Callable

from streams.judges.base import EventJudge
from streams.judges.cargo import CargoJudge
from topics.domain import Domain

#: Domain name → what makes the judge of one of its partitions. A domain without one keeps its events unjudged.
EVENT_JUDGES: dict[str, Callable[[Domain, int], EventJudge]] = {
    "cargo": CargoJudge,
}
