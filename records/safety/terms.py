"""What a domain's pack says of safety work: ``[facts.safety_work]``. Every part names its source.

A part that is missing is a rule that is off.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from topics.errors import ConfigurationError
from topics.finding import Text

Seconds = Annotated[int, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=100)]


class Sign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A quantity that shows a plant at work: values above ``above`` for at least ``hold_s``."""

    quantity: str
    above: float
    hold_s: Seconds = 300


class CommitmentTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sites of these ``source_types`` give it before ``due_by`` (the city's clock). What was on its way for
    ``settle_s`` is still in time; whoever applies for a permit later has ``amend_within_s`` to amend the day's word.
    """

    source_types: tuple[str, ...]
    due_by: Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    source: str
    confirmed: bool
    settle_s: Seconds = 3
    amend_within_s: Seconds = 3600
    severity: str = "yellow"
    contradiction_severity: str = "orange"
    signs: tuple[Sign, ...] = ()


class Crossing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two kinds of work that may not go on at one time within ``within_m`` of each other."""

    works: tuple[str, str]
    within_m: float


class PermitTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rules of special work. Keys are a kind of work, or kind and level (``hot-work/special``), which goes before.

    ``approvals`` are the roles that sign, in order, the last before the start; ``longest_s`` bounds the time a
    permit is good for, ``gas_test_within_s`` how old the analysis may be at the start. ``follow_s`` is for how long
    after its end a permit is looked at.
    """

    approvals: dict[str, tuple[str, ...]]
    longest_s: dict[str, Seconds]
    gas_test_within_s: dict[str, Seconds]
    crossing: tuple[Crossing, ...]
    source: str
    confirmed: bool
    completion_within_s: Seconds = 3600
    follow_s: Seconds = 604_800
    severity: str = "yellow"
    grave: tuple[str, ...] = ("approval-missing", "approved-late", "crossing")
    grave_severity: str = "orange"

    def of(self, table: Mapping[str, Any], work: str, level: str) -> Any:
        """The row of a kind and level, of the kind alone, ``None`` where neither is there."""
        return table.get(f"{work}/{level}", table.get(work))


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A post of a major hazard, and the families of alarms that its holder is told."""

    title: Text
    families: tuple[str, ...] = ()


class GuarantorTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The posts that each hazard must fill with people of their own; over ``channels`` they are told of alarms of at
    least ``min_severity``. ``named`` are holders that stand in the pack itself.
    """

    roles: dict[str, Role]
    source: str
    confirmed: bool
    severity: str = "orange"
    min_severity: str = "orange"
    channels: tuple[str, ...] = ("email",)
    named: tuple[dict[str, str], ...] = ()


class GradeTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``below``: points below which a colour holds, worst first; whoever reaches the last is ``best``.
    ``direct_red`` are conditions that make a firm ``worst`` whatever its points.
    """

    below: tuple[tuple[str, Share], ...]
    best: str
    worst: str
    direct_red: dict[str, Text]
    source: str
    confirmed: bool
    valid_years: int = 3
    warn_days: int = 60
    severity: str = "blue"
    expired_severity: str = "yellow"


class Climb(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is overdue for more than ``after_days`` is of this severity."""

    after_days: Annotated[float, msgspec.Meta(ge=0)]
    severity: str


class VisitTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many firms of each stratum a plan proposes, and how a visit that is not done climbs."""

    sizes: dict[str, int]
    climbs: tuple[Climb, ...]
    checks: dict[str, Text]
    source: str
    confirmed: bool
    due_days: int = 7


class DangerTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days to put a danger of each level right, and how one that is overdue climbs, by level."""

    days: dict[str, int]
    climbs: dict[str, tuple[Climb, ...]]
    source: str
    confirmed: bool


class SafetyTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it."""

    commitment: CommitmentTerms | None = None
    permit: PermitTerms | None = None
    guarantor: GuarantorTerms | None = None
    grade: GradeTerms | None = None
    visit: VisitTerms | None = None
    danger: DangerTerms | None = None


def safety_terms(name: str, facts: Mapping[str, Any]) -> SafetyTerms | None:
    """The terms of the domain ``name``, ``None`` where it has none. Raises ``ConfigurationError`` with key,
    required and got.
    """
    table = facts.get("safety_work")
    if table is None:
        return None
    try:
        return msgspec.convert(table, SafetyTerms)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{name}: facts.safety_work: {error}") from error


def severity_of(climbs: tuple[Climb, ...], late_ms: int) -> str:
    """The severity of what has been overdue for so long; the first step's where none is reached yet."""
    reached = [each for each in climbs if late_ms >= each.after_days * 86_400_000]
    return (reached or climbs[:1])[-1].severity
