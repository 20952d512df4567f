"""A happening: a reading, a finding or what was done to an alarm, as sequences see it; and what patterns say of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from topics.event_sequence import By, StepPattern


@dataclass(frozen=True, slots=True)
class Happening:
    """``name`` tells it from all others of its time, and follows from what it says: a repeat has the same. ``kind``:
    reading, finding or alarm; ``what``: the statistic, the detector, or the action. ``topic``, ``partition`` and
    ``offset`` are its record, ``link`` where a person sees it.
    """

    time: int
    name: str
    kind: str
    what: str
    site: str
    quantity: str
    device: str = ""
    family: str = ""
    phase: str = ""
    value: float | None = None
    unit: str = ""
    facts: Mapping[str, str | float | int | None] = field(default_factory=dict, compare=False)
    topic: str = ""
    partition: int = 0
    offset: int = 0
    stamp: int = 0
    link: str = ""

    def key(self, by: By) -> str:
        """What its partial matches belong to, empty where it says nothing of the kind."""
        if by == "site":
            return self.site
        if by == "device":
            return f"{self.site}/{self.device}" if self.device else ""
        return self.quantity

    @property
    def series(self) -> str:
        """Of a reading: its series; for memory of what it said before."""
        return f"{self.site}/{self.device}/{self.quantity}/{self.what}"


def concerns(pattern: StepPattern, happening: Happening) -> bool:
    """Whether it is of the pattern's kind at all, whatever its value."""
    if happening.kind == "reading":
        return pattern.reading == happening.quantity and pattern.statistic == happening.what
    named = pattern.finding if happening.kind == "finding" else pattern.alarm
    return (
        named in (happening.what, "*")
        and pattern.family in ("", happening.family)
        and pattern.quantity in ("", happening.quantity)
    )


def holds(pattern: StepPattern, happening: Happening) -> bool:
    """Whether one that the pattern ``concerns`` is what it asks for, its turning aside."""
    if happening.kind == "reading":
        value = happening.value
        return (
            value is not None
            and (pattern.above is None or value >= pattern.above)
            and (pattern.below is None or value <= pattern.below)
        )
    if happening.kind == "finding":
        return happening.phase == pattern.phase and all(happening.facts.get(name) for name in pattern.facts)
    return True
