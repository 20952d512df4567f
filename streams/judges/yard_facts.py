"""What the cargo pack's facts say to the yard's judge: a missing table means "not judged", never a guess."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from alerts.rules_said import day_put_under
from detectors.rules.hazard_source import STANDARD, Critical
from detectors.rules.over_storage import Permit
from streams.judges.dwelling import HOUR_MS, DwellTerms
from streams.judges.free_slot import Slots
from streams.judges.segregation_editions import SegregationEdition, midnight_ms, segregation_editions
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.finding import Text
from topics.segregation_table import load_segregation

Row = TypeVar("Row")


#: Where the pack gives no people within 500 m: the middle of the standard's table 5.
ALPHA = 1.0

#: A box may be declared this long (s, city time) after it came in before anybody is told: papers cross.
UNDECLARED_GRACE_S = 300.0


@dataclass(frozen=True, slots=True)
class Sight:
    """What an observed code means: its severity and title; ``clears`` ends what was seen of the same subject."""

    severity: str
    title: Text
    clears: bool = False


SIGHTS: dict[str, Sight] = {
    "fire": Sight("red", Text("明火", "Fire")),
    "smoke": Sight("red", Text("冒烟", "Smoke")),
    "explosion": Sight("red", Text("爆炸", "Explosion")),
    "leak": Sight("orange", Text("泄漏", "Leak")),
    "clear": Sight("blue", Text("现场恢复正常", "All clear"), clears=True),
}

#: A code nobody has explained is told all the same.
UNKNOWN_SEVERITY = "orange"


@dataclass(frozen=True, slots=True)
class CriticalEdition:
    """The critical quantities of one edition; ``until_ms`` is the first moment it no longer holds (``None`` = now)."""

    standard: str
    rows: Mapping[str, Critical]
    until_ms: int | None = None


@dataclass(frozen=True)
class YardFacts:
    """The tables of one pack. ``permits`` has a site only if its permits are known at all; ``slots`` are those that
    may be proposed: ``[facts.slots.SITE.BLOCK]`` with ``bays`` and ``rows`` (first and last) and ``tiers``.
    """

    critical: tuple[CriticalEdition, ...]
    alpha: Callable[[str], float]
    permits: Mapping[str, Mapping[str, Permit]]
    blocks: Mapping[str, Mapping[str, tuple[float, float]]]
    slots: Mapping[str, Mapping[str, Slots]]
    sights: Mapping[str, Sight]
    undeclared_grace_ms: int
    segregations: tuple[SegregationEdition, ...]
    severities: Mapping[int, str]
    dwell: DwellTerms | None
    bay_m: float
    row_m: float

    def critical_at(self, time_ms: int) -> CriticalEdition:
        """The critical quantities that hold for an event of this time (ms UTC)."""
        return next(each for each in self.critical if each.until_ms is None or time_ms < each.until_ms)

    def segregation_at(self, time_ms: int) -> SegregationEdition:
        """The segregation that holds for an event of this time (ms UTC)."""
        return next(each for each in self.segregations if each.until_ms is None or time_ms < each.until_ms)


def yard_facts(domain: Domain) -> YardFacts:
    """Read the pack's facts. Raises ``ConfigurationError`` naming the row that cannot be used."""
    facts = domain.facts
    name = domain.name
    table = load_segregation(yard=_table(facts, "segregation", name) or None)
    alpha = _table(facts, "alpha", name)
    sights = dict(SIGHTS)
    sights |= _rows(_table(facts, "observations", name), _sight, f"{name}: facts.observations")
    return YardFacts(
        critical=_editions(facts, name),
        alpha=lambda site: _alpha(alpha, site),
        permits={
            site: _rows(rows, _permit, f"{name}: facts.permits.{site}")
            for site, rows in _table(facts, "permits", name).items()
        },
        blocks={
            site: _rows(rows, _origin, f"{name}: facts.blocks.{site}")
            for site, rows in _table(facts, "blocks", name).items()
        },
        slots={
            site: _rows(rows, _slots, f"{name}: facts.slots.{site}")
            for site, rows in _table(facts, "slots", name).items()
        },
        sights=sights,
        undeclared_grace_ms=int(1000 * _table(facts, "undeclared", name).get("grace_s", UNDECLARED_GRACE_S)),
        segregations=tuple(segregation_editions(table, facts, day_put_under([domain]))),
        severities={int(code): severity for code, severity in table.yard.severities.items()},
        dwell=_dwell(_table(facts, "dwell", name), name),
        bay_m=table.yard.bay_m,
        row_m=table.yard.row_m,
    )


def _table(facts: Mapping[str, Any], key: str, pack: str) -> dict[str, Any]:
    table = facts.get(key, {})
    if not isinstance(table, dict):
        raise ConfigurationError(f"{pack}: facts.{key}: expected a table, got {table!r}")
    return table


def _rows(rows: Mapping[str, Any], read: Callable[[dict[str, Any]], Row], where: str) -> dict[str, Row]:
    found = {}
    for key, row in rows.items():
        try:
            found[key] = read(row)
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(f'{where}."{key}": {type(error).__name__} {error} in {row!r}') from error
    return found


def _editions(facts: Mapping[str, Any], pack: str) -> tuple[CriticalEdition, ...]:
    """The older editions (``[facts.critical_quantities_until.DAY]`` with ``standard`` and ``rows``), then the one in
    force.
    """
    found = []
    for day, edition in sorted(_table(facts, "critical_quantities_until", pack).items()):
        where = f"{pack}: facts.critical_quantities_until.{day}"
        try:
            until_ms = midnight_ms(dt.date.fromisoformat(day))
            rows, standard = edition["rows"], str(edition["standard"])
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(f"{where}: expected a day, standard and rows, got {edition!r}") from error
        found.append(CriticalEdition(standard, _rows(rows, _critical, where), until_ms))
    now = _rows(_table(facts, "critical_quantities", pack), _critical, f"{pack}: facts.critical_quantities")
    return (*found, CriticalEdition(str(facts.get("critical_standard", STANDARD)), now))


def _critical(row: dict[str, Any]) -> Critical:
    quantity = float(row["q_t"])
    if quantity <= 0:
        raise ValueError("expected q_t above 0")
    return Critical(quantity, float(row.get("beta", 1.0)), row.get("source", ""), row.get("confirmed", False))


def _permit(row: dict[str, Any]) -> Permit:
    design = row.get("design_t")
    return Permit(
        float(row["permit_t"]),
        None if design is None else float(design),
        row.get("source", ""),
        row.get("confirmed", False),
    )


def _origin(row: dict[str, Any]) -> tuple[float, float]:
    return float(row["x_m"]), float(row["y_m"])


def _slots(row: dict[str, Any]) -> Slots:
    (first_bay, last_bay), (first_row, last_row) = row["bays"], row["rows"]
    return Slots((int(first_bay), int(last_bay)), (int(first_row), int(last_row)), int(row["tiers"]))


def _sight(row: dict[str, Any]) -> Sight:
    title = row["title"]
    return Sight(row["severity"], Text(title["zh"], title["en"]), bool(row.get("clears", False)))


def _dwell(table: dict[str, Any], pack: str) -> DwellTerms | None:
    """``[facts.dwell]``: ``limits_h`` by class or division, ``pauses``, ``severity``; ``None`` where there is none."""
    if not table:
        return None
    limits = {str(kind): round(float(hours) * HOUR_MS) for kind, hours in table.get("limits_h", {}).items()}
    if not limits or min(limits.values()) <= 0:
        raise ConfigurationError(f"{pack}: facts.dwell.limits_h: expected hours above 0 by class, got {table!r}")
    return DwellTerms(
        limits,
        str(table.get("severity", "orange")),
        tuple(str(each) for each in table.get("pauses", ("customs",))),
        str(table.get("source", "")),
        bool(table.get("confirmed", False)),
    )


def _alpha(table: Mapping[str, Any], site: str) -> float:
    own = table.get(site)
    return float((own if isinstance(own, dict) else table).get("value", ALPHA))
