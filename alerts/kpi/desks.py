"""How the city's alarms are split among duty desks: by domain, or by a file that says so."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from alerts.kpi.rates import Rates
from alerts.kpi.record import CITY
from topics.errors import ConfigurationError
from topics.finding import Text

WHOLE_CITY = Text("全市", "whole city")


class DutyDesk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One desk. An alarm is its own that is of one of these domains, districts (GB/T 2260) and sites;
    an empty list asks nothing.
    """

    name: str
    title: Text
    domains: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()

    def takes(self, domain: str, site: str, district: str) -> bool:
        """Whether an alarm of this domain, site and district is answered here."""
        asked = ((self.domains, domain), (self.districts, district), (self.sites, site))
        return all(not wanted or each in wanted for wanted, each in asked)


class DutyDesks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The split: the first desk that takes an alarm has it; what no desk takes goes to a desk of its domain's name."""

    desk: tuple[DutyDesk, ...] = ()
    rates: Rates = msgspec.field(default_factory=Rates)

    def of(self, domain: str, site: str, district: str) -> str:
        """The name of the desk that answers."""
        return next((each.name for each in self.desk if each.takes(domain, site, district)), domain)

    def title(self, name: str, domains: Mapping[str, Text]) -> Text:
        """What a desk is called; a desk of a domain bears the domain's title."""
        if name == CITY:
            return WHOLE_CITY
        named = {each.name: each.title for each in self.desk}
        return named.get(name) or domains.get(name) or Text(name, name)


def read_desks(path: Path | None) -> DutyDesks:
    """The split and rates of a TOML file, by domain where there is none.

    Raises ``ConfigurationError`` with file, key, what was required and what came.
    """
    if path is None:
        return DutyDesks()
    try:
        desks = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), DutyDesks)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"duty desks {path}: {error}") from error
    names = [each.name for each in desks.desk]
    if CITY in names or len(set(names)) < len(names):
        raise ConfigurationError(f"duty desks {path}: expected names that differ, none of them {CITY!r}, got {names}")
    return desks
