"""The families of alarms that a domain's findings can belong to, and the names of facts that bring them."""

from collections.abc import Collection

from topics.event_sequence import SEQUENCE

#: Those of readings.
FAMILIES = ("limit", "quality", "anomaly", "model")

#: That of a domain whose facts have a table of this name: signs of manipulated data.
INTEGRITY = "integrity"

#: Those of domains whose facts have units of major hazard sources under ``hazard``.
HAZARD_FAMILIES = ("hazard-grade", "over-storage", "hazard")

#: Those of a domain whose facts hold limits for formal judgement (detectors/rules/judgement/).
JUDGEMENT_FAMILIES = ("hour-exceedance", "day-exceedance")

#: Those of a domain whose pack says ``events = true``.
EVENT_FAMILIES = (
    "hazard-grade", "segregation", "over-storage", "undeclared", "observed", "dwell", "declaration", "misdeclared",
)  # fmt: skip

#: Those of domains whose facts speak of ``safety_work``: what firms owe day by day, and inspectors by a date.
SAFETY_FAMILIES = ("commitment", "special-work", "guarantor", "static-grade", "inspection")

#: Those of domains whose facts speak of ``carriage``: where vehicles go, whether they can be seen, what they may.
CARRIAGE = "carriage"
CARRIAGE_FAMILIES = ("route", "tracking", "carriage-permit")

#: Those of domains whose facts speak of ``box_conditions``: what sensors at containers and tanks say of the cargo.
BOX_CONDITIONS = "box_conditions"
BOX_FAMILIES = ("cargo-heat", "cargo-gas", "cargo-handling", "cargo-silence", "cargo-lost")

#: That of domains whose facts have goods of a ``cold_chain``.
COLD_CHAIN = "cold-chain"

#: That of domains whose facts speak of ``coding``: one code from the first station to the sale.
CODING = "coding"

#: Those of domains whose facts speak of ``kitchens`` under cameras.
KITCHENS = "kitchens"
KITCHEN_FAMILIES = ("kitchen", "camera-health")


def families_of(facts: Collection[str], *, events: bool, sequences: bool) -> tuple[str, ...]:
    """The families of a domain by the names of its facts, whether it has ``events``, and whether any sequences."""
    more: list[str] = [INTEGRITY] if INTEGRITY in facts else []
    works = "safety_work" in facts
    more += HAZARD_FAMILIES if "hazard" in facts and (works or not events) else ()
    more += [COLD_CHAIN] if "cold_chain" in facts else []
    more += [CODING] if CODING in facts else []
    more += KITCHEN_FAMILIES if KITCHENS in facts else ()
    more += CARRIAGE_FAMILIES if CARRIAGE in facts else ()
    more += BOX_FAMILIES if BOX_CONDITIONS in facts else ()
    more += JUDGEMENT_FAMILIES if "formal_limits" in facts else ()
    more += SAFETY_FAMILIES if works else EVENT_FAMILIES if events else ()
    more += [SEQUENCE] if sequences else []
    return FAMILIES + tuple(more)
