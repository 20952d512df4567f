"""Which part of the city an account sees and acts on: domains and districts, everything where nothing is said."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """``domains`` are names of packs, ``districts`` GB/T 2260 codes; ``None`` = all of them, empty = none at all.

    A code that ends in 00 or 0000 stands for the prefecture or province: 120000 covers 120116.
    """

    domains: frozenset[str] | None = None
    districts: frozenset[str] | None = None

    @property
    def whole(self) -> bool:
        """Whether this is the whole city."""
        return self.domains is None and self.districts is None

    def covers(self, domain: str, district: str) -> bool:
        """Whether something of this domain in this district is within.

        A district that is not known ("") is within only where no districts are named: what belongs to nobody
        in particular is seen by those who see the whole city.
        """
        return self.has_domain(domain) and self.has_district(district)

    def has_domain(self, domain: str) -> bool:
        """Whether it reaches this domain; without ``domains`` it reaches all."""
        return self.domains is None or domain in self.domains

    def has_district(self, district: str) -> bool:
        """Whether this district (GB/T 2260) lies in one of its own; without ``districts`` all do."""
        return self.districts is None or any(_within(district, code) for code in self.districts)

    def within(self, other: "Jurisdiction") -> bool:
        """Whether this is no more than ``other``."""
        domains = other.domains is None or (self.domains is not None and self.domains <= other.domains)
        districts = other.districts is None or (
            self.districts is not None and all(other.has_district(code) for code in self.districts)
        )
        return domains and districts

    def key(self) -> str:
        """The same text for the same jurisdiction."""
        return f"{_listed(self.domains)};{_listed(self.districts)}"


WHOLE_CITY = Jurisdiction()


def _within(district: str, code: str) -> bool:
    if code.endswith("0000"):
        return district[:2] == code[:2]
    if code.endswith("00"):
        return district[:4] == code[:4]
    return district == code


def _listed(names: Iterable[str] | None) -> str:
    return "*" if names is None else ",".join(sorted(names))
