"""What a pack's facts say about formal judgement: limits, validity, reference oxygen, marks, grades."""

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec

from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.finding import Text
from topics.mark import Scope

LEVELS = ("permit", "local", "national")

#: What a mark does to the minutes it covers.
Effect = Literal["exempt", "invalid", "valid"]

Averaging = Literal["hour", "day", "furnace"]
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]


class Condition(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """When a limit holds: in these months of the city's calendar, or at a mean water temperature of at most this."""

    months: tuple[Annotated[int, msgspec.Meta(ge=1, le=12)], ...] = ()
    water_at_most: float | None = None

    def __str__(self) -> str:
        parts = [f"months {','.join(map(str, self.months))}"] if self.months else []
        if self.water_at_most is not None:
            parts.append(f"water <= {self.water_at_most:g} °C")
        return "; ".join(parts)

    def text(self) -> Text:
        """The condition in words."""
        zh = [f"{'、'.join(map(str, self.months))} 月"] if self.months else []
        if self.water_at_most is not None:
            zh.append(f"水温不高于 {self.water_at_most:g} °C")
        return Text("；".join(zh), str(self))


class FormalLimit(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One limit of one edition. ``source_types`` and ``sites`` narrow it, empty = all; a permit names its sites.

    ``times`` is how often a furnace mean may lie below ``value`` in a day (``averaging`` furnace only).
    ``valid_to`` is the first day on which it no longer holds.
    """

    value: float
    level: Literal["permit", "local", "national"]
    averaging: Averaging
    standard: str
    edition: str
    source: str
    confirmed: bool
    valid_from: dt.date
    valid_to: dt.date | None = None
    side: Literal["high", "low"] = "high"
    clause: str = ""
    source_types: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    condition: Condition | None = None
    times: int = 0


class Validity(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """When a mean counts. Shares are of an hour's minutes and of a day's operating hours.

    ``highest_oxygen`` (%): above it the conversion to the reference oxygen says nothing.
    ``hour_settle_s`` and ``day_settle_s``: how long after its end a period is first judged.
    """

    source: str
    confirmed: bool
    hour_share: Share = 0.75
    day_share: Share = 0.75
    highest_oxygen: float = 19.0
    hour_settle_s: int = 600
    day_settle_s: int = 3600
    keep_days: int = 12


class ReferenceOxygen(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The oxygen content (%) to which a source type's concentrations of ``quantities`` are converted."""

    percent: float
    source_types: tuple[str, ...]
    quantities: tuple[str, ...]
    source: str
    confirmed: bool


class MarkState(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a state in a mark means. ``proof`` says that it needs an uploaded document to stand."""

    scope: Scope
    state: str
    effect: Effect
    title: Text
    source: str
    confirmed: bool
    proof: bool = False


class Grade(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A day exceedance by at least ``over`` (0.63 = 1.63 times the limit), or the ``days``-th in 30, is so severe."""

    over: float
    days: int
    severity: str
    source: str
    confirmed: bool


class JudgementRules(msgspec.Struct, frozen=True, omit_defaults=True):
    """All of it for one domain. ``decimals`` and ``units`` are the pack's own, by quantity."""

    limits: dict[str, tuple[FormalLimit, ...]]
    validity: Validity
    oxygen: tuple[ReferenceOxygen, ...] = ()
    states: tuple[MarkState, ...] = ()
    grades: tuple[Grade, ...] = ()
    decimals: dict[str, int] = msgspec.field(default_factory=dict)
    units: dict[str, str] = msgspec.field(default_factory=dict)
    titles: dict[str, Text] = msgspec.field(default_factory=dict)

    def effect(self, scope: str, state: str) -> Effect:
        """What such a mark does; a state that no row names changes nothing, so that nobody invents an exemption."""
        return next((each.effect for each in self.states if (each.scope, each.state) == (scope, state)), "valid")

    def oxygen_of(self, source_type: str, quantity: str) -> float | None:
        """The reference oxygen in %, ``None`` where nothing is converted."""
        rows = (row for row in self.oxygen if source_type in row.source_types and quantity in row.quantities)
        return next((row.percent for row in rows), None)


def has_rules(domain: Domain) -> bool:
    """Whether the pack says anything about formal judgement."""
    return "formal_limits" in domain.facts


def rules_of(domain: Domain) -> JudgementRules:
    """The rules in a pack's facts. Raises ``ConfigurationError`` saying which fact was expected and what came."""
    facts: dict[str, Any] = domain.facts
    try:
        found = JudgementRules(
            limits=msgspec.convert(facts["formal_limits"], dict[str, tuple[FormalLimit, ...]]),
            validity=msgspec.convert(facts["validity"], Validity),
            oxygen=msgspec.convert(facts.get("reference_oxygen", []), tuple[ReferenceOxygen, ...]),
            states=msgspec.convert(facts.get("mark_states", []), tuple[MarkState, ...]),
            grades=msgspec.convert(facts.get("grades", []), tuple[Grade, ...]),
            decimals={code: quantity.decimals for code, quantity in domain.quantities.items()},
            units={code: quantity.unit for code, quantity in domain.quantities.items()},
            titles={code: quantity.title for code, quantity in domain.quantities.items()},
        )
    except KeyError as error:
        raise ConfigurationError(f"{domain.name}: facts.{error.args[0]}: expected a table, got nothing") from error
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{domain.name}: facts: {error}") from error
    if unknown := sorted(found.limits.keys() - domain.quantities.keys()):
        raise ConfigurationError(
            f"{domain.name}: facts.formal_limits: expected quantities of the pack, got {', '.join(unknown)}"
        )
    return found
