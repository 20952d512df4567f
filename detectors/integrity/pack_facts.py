"""What a pack says for the integrity rules: ``[facts.integrity]``. A domain without that table is not looked at.

``quantities.<code>`` give role and detection limit, ``rules.<name>`` settings, ``links`` which outlet lies below
which, ``look`` how many days tell what is usual and how long after midnight the day is judged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from detectors.integrity.base import Rule
from detectors.integrity.outlet import Role
from detectors.integrity.table import rules_of
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.families import INTEGRITY


@dataclass(frozen=True, slots=True)
class QuantityFacts:
    """``source`` and ``confirmed`` are of the detection limit."""

    role: Role
    detection_limit: float | None = None
    source: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class IntegrityFacts:
    """``links``: device of an outlet → device of the outlet below it. ``grace_h``: hours of city time after the end of
    a day until it is judged, so that hour records and what was sent late are in; ``hour_grace_min``: minutes after the
    end of an hour until the prompt rules look at the day so far."""

    quantities: Mapping[str, QuantityFacts]
    rules: tuple[Rule, ...]
    links: Mapping[str, str]
    days_before: int = 8
    grace_h: float = 2.0
    hour_grace_min: float = 10.0


def integrity_facts(domain: Domain) -> IntegrityFacts | None:
    """The facts of a pack, ``None`` where it has none.

    Raises ``ConfigurationError`` with key, what was required and what came.
    """
    table = domain.facts.get(INTEGRITY)
    if table is None:
        return None
    look = table.get("look", {})
    return IntegrityFacts(
        {code: _quantity(domain, code, row) for code, row in table.get("quantities", {}).items()},
        rules_of(table.get("rules")),
        {row["device"]: row["below"] for row in table.get("links", [])},
        int(look.get("days_before", 8)),
        float(look.get("grace_h", 2.0)),
        float(look.get("hour_grace_min", 10.0)),
    )


def _quantity(domain: Domain, code: str, row: Mapping[str, Any]) -> QuantityFacts:
    where = f"{domain.name}: facts.integrity.quantities.{code}"
    if code not in domain.quantities:
        raise ConfigurationError(f"{where}: expected a quantity of the pack, got {code!r}")
    if row.get("role") not in get_args(Role):
        raise ConfigurationError(f"{where}.role: expected one of {get_args(Role)}, got {row.get('role')!r}")
    limit = row.get("detection_limit")
    return QuantityFacts(row["role"], None if limit is None else float(limit), row["source"], row["confirmed"])
