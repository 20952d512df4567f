"""What a pack says of its cold chain: ``[facts.cold_chain.KIND]`` and ``[facts.cold_chain_carriers]``."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from detectors.rules.cold_chain import Budget
from topics.domain import Domain
from topics.errors import ConfigurationError


class Goods(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goods of one kind endure (``Budget`` has the meaning of the numbers), on which quantities they are watched,
    and which quantities of the same device excuse a short excursion (a value of 0.5 or more: open, defrosting).

    The budget holds for what is beyond within ``within_s``. An excursion is over after ``clear_s`` within the limits.
    While it lasts a value must be recorded every ``record_s`` (0 = no rule).
    """

    quantities: tuple[str, ...]
    low: float
    high: float
    allowed_s: float
    source: str
    confirmed: bool
    dose: float = float("inf")
    grace_s: float = 0.0
    longest_s: float = 1800.0
    within_s: float = 86_400.0
    clear_s: float = 900.0
    record_s: float = 0.0
    excused_by: tuple[str, ...] = ()
    severity: str = "orange"

    @property
    def budget(self) -> Budget:
        """The goods' bounds in degrees Celsius and what they may be out of them, as the rule takes it."""
        return Budget(
            self.low, self.high, self.allowed_s, self.source, self.confirmed, self.dose, self.grace_s, self.longest_s
        )


@dataclass(frozen=True, slots=True)
class ColdChain:
    """``goods`` by quantity, by device the name its vehicle or room bears in EPCIS events, and what may excuse."""

    goods: Mapping[str, Goods]
    carriers: Mapping[str, str]
    excusing: frozenset[str]


def cold_chain(domain: Domain) -> ColdChain | None:
    """The facts of a pack, ``None`` where it has none. Raises ``ConfigurationError`` with key, required and got."""
    table = domain.facts.get("cold_chain")
    if not table:
        return None
    by_quantity: dict[str, Goods] = {}
    for kind, row in sorted(table.items()):
        where = f"{domain.name}.toml: facts.cold_chain.{kind}"
        try:
            goods = msgspec.convert(row, Goods)
        except msgspec.ValidationError as error:
            raise ConfigurationError(f"{where}: {error}") from error
        if not goods.low < goods.high:
            raise ConfigurationError(f"{where}.low: expected less than high = {goods.high}, got {goods.low}")
        for quantity in goods.quantities:
            if quantity not in domain.quantities:
                known = ", ".join(sorted(domain.quantities))
                raise ConfigurationError(
                    f"{where}.quantities: expected quantities of the pack ({known}), got {quantity!r}"
                )
            if quantity in by_quantity:
                raise ConfigurationError(f"{where}.quantities: expected each quantity once, got {quantity!r} again")
            by_quantity[quantity] = goods
    try:
        carriers = msgspec.convert(domain.facts.get("cold_chain_carriers", {}), dict[str, str])
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{domain.name}.toml: facts.cold_chain_carriers: {error}") from error
    excusing = frozenset(name for goods in by_quantity.values() for name in goods.excused_by)
    return ColdChain(by_quantity, carriers, excusing)
