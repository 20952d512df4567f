"""What a pack says of its units of major hazard sources: ``[facts.hazard]``.

``critical.<UN>`` give Q and beta, ``units.<name>.about`` site, people exposed and bounds, ``units.<name>.tanks`` the
tanks with substance, design maximum and permit, ``units.<name>.groups`` instruments that vote.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from detectors.rules.hazard.inventory import Tank
from detectors.rules.hazard.suppression import Rule, State
from detectors.rules.hazard_source import Critical
from topics.domain import Domain
from topics.errors import ConfigurationError


class Group(msgspec.Struct, frozen=True):
    """Up to three instruments of one quantity that vote on ``bound``; ``side`` says which way is bad.

    They may lie ``apart`` (same unit) for ``hold_s``, and rise by ``rise_per_h`` over ``window_s`` (0 = no rule).
    """

    name: str
    quantity: str
    devices: tuple[str, ...]
    bound: float
    source: str
    confirmed: bool
    side: Literal["high", "low"] = "high"
    severity: str = "red"
    apart: float = 0.0
    hold_s: float = 60.0
    rise_per_h: float = 0.0
    window_s: float = 600.0


class About(msgspec.Struct, frozen=True):
    """``people`` within 500 m outside the boundary; ``longest_start_up_s`` is how long a start-up suppresses.

    ``instruments`` are devices of the unit beside those of its tanks and groups; ``suppresses`` by state the rules that
    the unit suppresses then, in place of the usual ones.
    """

    site: str
    people: int
    source: str
    confirmed: bool
    longest_start_up_s: float = 7200.0
    silent_s: float = 180.0
    instruments: tuple[str, ...] = ()
    suppresses: dict[State, frozenset[Rule]] = msgspec.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of a major hazard source: its tanks, and the groups of instruments that vote on its state."""

    name: str
    about: About
    tanks: tuple[Tank, ...]
    groups: tuple[Group, ...]

    @property
    def devices(self) -> frozenset[str]:
        """Those whose readings its own rules look at."""
        named = {device for group in self.groups for device in group.devices}
        return frozenset(named | {tank.device for tank in self.tanks})

    def points(self, domain: Domain) -> tuple[str, ...]:
        """``<device>/<quantity>`` of its instruments of the process: limits of gas and interlocks mean people, and no
        state of a unit makes them meaningless.
        """
        process = [
            name
            for name, quantity in domain.quantities.items()
            if quantity.limits and not quantity.sensor_class.startswith(("gas-", "interlock-"))
        ]
        return tuple(
            f"{device}/{name}" for device in sorted({*self.devices, *self.about.instruments}) for name in process
        )


@dataclass(frozen=True, slots=True)
class HazardFacts:
    """What a pack says of hazards: ``critical`` amounts by substance (GB 18218), and its units."""

    critical: Mapping[str, Critical]
    units: tuple[Unit, ...]


def hazard_facts(domain: Domain) -> HazardFacts | None:
    """The facts of a pack, ``None`` where it has none. Raises ``ConfigurationError`` with key, required and got."""
    table = domain.facts.get("hazard")
    if table is None:
        return None
    try:
        critical = {un: msgspec.convert(row, Critical) for un, row in table.get("critical", {}).items()}
        units = tuple(_unit(name, row) for name, row in sorted(table.get("units", {}).items()))
    except (msgspec.ValidationError, KeyError) as error:
        raise ConfigurationError(f"{domain.name}: facts.hazard: {error}") from error
    return HazardFacts(critical, units)


def _unit(name: str, row: Mapping[str, Any]) -> Unit:
    tanks = tuple(
        Tank(each["device"], each["un"], float(each["design_t"]), float(each["permit_t"]))
        for each in row.get("tanks", ())
    )
    groups = tuple(msgspec.convert(each, Group) for each in row.get("groups", ()))
    return Unit(name, msgspec.convert(row["about"], About), tanks, groups)
