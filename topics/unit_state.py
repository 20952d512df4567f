"""What a unit of a plant says of itself, and which alarms of its instruments that makes meaningless (ISA-18.2)."""

from typing import Annotated

import msgspec

from topics.finding import Finding
from topics.reading import SCHEMA_VERSION, TimeMs

#: The compacted topic of unit states.
TOPIC = "unit-states"

#: Families of findings that a unit's state may suppress; nothing else ever is.
FAMILIES = ("limit", "hazard")


class UnitState(msgspec.Struct, frozen=True, omit_defaults=True):
    """The ``unit`` of a ``site`` is in this ``state`` since ``since``, and ``suppresses`` these rules as of ``time``.

    ``points`` are its instruments as ``<device>/<quantity>``; rules that speak of no instrument name the unit itself.
    A start-up that lasts too long is still one and suppresses nothing.
    """

    domain: Annotated[str, msgspec.Meta(min_length=1)]
    site: Annotated[str, msgspec.Meta(min_length=1)]
    unit: Annotated[str, msgspec.Meta(min_length=1)]
    state: Annotated[str, msgspec.Meta(description="running, out-of-service or start-up")]
    since: TimeMs
    time: TimeMs
    suppresses: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    schema: Annotated[int, msgspec.Meta(ge=1)] = SCHEMA_VERSION

    @property
    def key(self) -> str:
        """``domain/unit``: of each only the last word is kept on the topic."""
        return f"{self.domain}/{self.unit}"

    def makes_meaningless(self, finding: Finding) -> bool:
        """Whether this state suppresses the finding by design."""
        if (finding.domain, finding.site) != (self.domain, self.site) or finding.family not in FAMILIES:
            return False
        if rule_of(finding) not in self.suppresses:
            return False
        if finding.family == "limit":
            return point_of(finding) in self.points
        return finding.facts.get("unit") == self.unit


def rule_of(finding: Finding) -> str:
    """The rule that a finding speaks by, as ``suppresses`` names it; a limit's is ``low-limit`` or ``high-limit``."""
    if finding.family == "limit":
        return f"{finding.facts.get('side', '')}-limit"
    return str(finding.facts.get("rule", ""))


def point_of(finding: Finding) -> str:
    """``<device>/<quantity>`` of a finding about one series."""
    parts = finding.subject.split("/")
    return "/".join(parts[1:3])
