"""What a pack says of kitchens under cameras: ``[facts.kitchens]``. Classes, points and dates are data."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from topics.errors import ConfigurationError
from topics.finding import Text

Seconds = Annotated[int, msgspec.Meta(gt=0)]
Days = Annotated[float, msgspec.Meta(gt=0, le=3650)]
Points = Annotated[float, msgspec.Meta(ge=0, le=100)]
#: 1 is told at once, 2 is an order with a date, 3 stands on the list of the week.
Class = Literal[1, 2, 3]


class Sighting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that a camera may see. What is seen with less than ``least_confidence`` counts for nothing."""

    title: Text
    kind: Class
    least_confidence: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0


class Level(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Kitchens with a score below ``below``, and not below the level before, are visited every ``visit_days``."""

    below: Annotated[float, msgspec.Meta(gt=0, le=101)]
    colour: str
    visit_days: Days


class KitchenTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``again_s``: what is seen again within it is the same matter. A camera that says nothing, or does not see, for
    ``unseeing_s`` is a finding. A score is 100 less the points of each matter of the last ``score_days`` and of each
    camera that does not see now. ``levels`` go from the worst to the best; a kitchen with a camera that does not see is
    never of the best. After a matter of class 1 a visit is due within ``urgent_visit_days``.
    """

    sights: dict[str, Sighting]
    levels: tuple[Level, ...]
    source: str
    confirmed: bool
    source_types: tuple[str, ...] = ("kitchen",)
    again_s: Seconds = 3600
    unseeing_s: Seconds = 600
    fix_s: Seconds = 259_200
    score_days: Days = 30.0
    points: dict[str, Points] = msgspec.field(default_factory=lambda: {"1": 20.0, "2": 5.0, "3": 1.0})
    camera_points: Points = 10.0
    urgent_visit_days: Days = 1.0
    severities: dict[str, str] = {}

    def severity(self, rule: str) -> str:
        """The severity of what this rule finds, the pack's own or the usual one."""
        return self.severities.get(rule, SEVERITIES[rule])

    def sighting(self, what: str) -> Sighting:
        """What a code stands for; one that nobody has explained is of class 2: somebody must look at it."""
        return self.sights.get(what) or Sighting(Text(what, what), 2)

    def counts(self, what: str, confidence: float | None) -> bool:
        """Whether the analysis is sure enough of this."""
        return confidence is None or confidence >= self.sighting(what).least_confidence


#: Rule → its severity where the terms say nothing.
SEVERITIES = {
    "kitchen-warning": "red",
    "kitchen-order": "yellow",
    "camera-silent": "yellow",
    "camera-unseeing": "yellow",
    "kitchen-visit": "blue",
}


def kitchen_terms(name: str, facts: Mapping[str, Any]) -> KitchenTerms | None:
    """The terms of the domain ``name``, ``None`` where it has none. Raises ``ConfigurationError`` with key, required
    and got.
    """
    table = facts.get("kitchens")
    if table is None:
        return None
    where = f"{name}: facts.kitchens"
    try:
        terms = msgspec.convert(table, KitchenTerms)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{where}: {error}") from error
    bounds = [level.below for level in terms.levels]
    if not bounds or bounds != sorted(set(bounds)) or bounds[-1] <= 100:
        raise ConfigurationError(
            f"{where}.levels: expected below to rise from level to level to above 100, got {bounds}"
        )
    for rule in terms.severities:
        if rule not in SEVERITIES:
            raise ConfigurationError(f"{where}.severities: expected some of {', '.join(SEVERITIES)}, got {rule!r}")
    return terms
