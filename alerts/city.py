"""What the desk knows of the city: its packs, its registry and its time. It never refuses to answer.

A missing or broken entry gives a name made of its id and a sentence in ``problems``: an alarm is
stored and shown even where nobody has described the site it came from.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

from alerts.flood.patience import FirstTry, at_once
from alerts.unit_states import UnitStates
from records.overdue import FAMILY, GUIDANCE, title_of
from records.registry import Registry
from records.safety.titles import SUBJECT_TITLES
from topics.domain import Domain, Guidance, Quantity, Route
from topics.errors import ConfigurationError
from topics.finding import Text
from topics.handling import Handling
from topics.scheme import Level, Scheme, load_scheme

FALLBACK_SCHEME = "four-colours"

Facts = TypeVar("Facts")

#: The people who answer by name for alarms of a domain, site and family: rule and route of each.
Answerable = Callable[[str, str, str], Sequence[tuple[str, Route]]]


def nobody(domain: str, site: str, family: str) -> Sequence[tuple[str, Route]]:
    """Where nobody is named."""
    return ()


class City:
    """Packs by name, the registry, and the last tick of city time seen (ms UTC, 0 = none yet).

    ``simulated`` says that what is watched is played, not measured; every page and warning says so too.
    ``first_try`` says when a warning released now goes out (flood/patience.py), ``answerable`` who answers for an
    alarm by name (safety/guarantors.py), ``units`` what the units of plants are.
    """

    def __init__(self, domains: Iterable[Domain] = (), registry: Registry | None = None, *, simulated: bool = False):
        self.domains: dict[str, Domain] = {domain.name: domain for domain in domains}
        self.registry = registry or Registry()
        self.simulated = simulated
        self.time = 0
        self.first_try: FirstTry = at_once
        self.answerable: Answerable = nobody
        self.units = UnitStates()
        self._schemes: dict[str, Scheme] = {}

    def put(self, domain: Domain) -> None:
        """Take a pack, the first or a newer one."""
        self.domains[domain.name] = domain

    def facts(self, read: Callable[[Domain], Facts | None]) -> Iterator[tuple[str, Facts]]:
        """What ``read`` finds in the facts of the packs, by name; one that is broken is left out, as its own check
        (streams/packs.py) tells it.
        """
        for name, pack in sorted(self.domains.items()):
            with suppress(ConfigurationError):
                if (found := read(pack)) is not None:
                    yield name, found

    def tick(self, time_ms: int) -> None:
        """City time has reached this; it never goes back."""
        self.time = max(self.time, time_ms)

    def scheme(self, domain: str) -> Scheme:
        """The domain's scheme, the four colours where there is no such domain or scheme."""
        pack = self.domains.get(domain)
        name = pack.scheme if pack is not None else FALLBACK_SCHEME
        if name not in self._schemes:
            try:
                self._schemes[name] = load_scheme(name)
            except (OSError, ValueError):
                self._schemes[name] = load_scheme(FALLBACK_SCHEME)
        return self._schemes[name]

    def level(self, domain: str, code: str) -> Level | None:
        """The level of this code, ``None`` where the scheme has none."""
        return next((level for level in self.scheme(domain).levels if level.code == code), None)

    def colour(self, code: str) -> Text:
        """What a level is called where its domain is not at hand."""
        levels = (level for name in ["", *self.domains] for level in self.scheme(name).levels)
        return next((level.title for level in levels if level.code == code), Text(code, code))

    def rank(self, domain: str, code: str) -> int:
        """How bad the code is, higher = worse; an unknown code ranks as the worst, so that nothing is played down."""
        level = self.level(domain, code)
        return level.rank if level is not None else max(each.rank for each in self.scheme(domain).levels)

    def domain_title(self, domain: str) -> Text:
        """What a domain is called; its name where no pack of it is in force."""
        pack = self.domains.get(domain)
        return pack.title if pack is not None else Text(domain, domain)

    def site_title(self, site: str) -> Text:
        """What a site is called; its id where it is not registered."""
        known = self.registry.site(site)
        return known.title if known is not None else Text(site, site)

    def district(self, site: str) -> str:
        """GB/T 2260 code, empty where the site is unknown."""
        known = self.registry.site(site)
        return known.district if known is not None else ""

    def group(self, site: str) -> str:
        """The group of sites that are judged together, the site alone where it is in none."""
        known = self.registry.site(site)
        return known.group or site if known is not None else site

    def quantity(self, domain: str, quantity: str) -> Quantity | None:
        """What the domain's pack says of a quantity, ``None`` where it says nothing."""
        pack = self.domains.get(domain)
        return pack.quantities.get(quantity) if pack is not None else None

    def quantity_title(self, domain: str, quantity: str) -> Text:
        """What the pack calls a quantity, a group of channels or a sequence of events: alarms are about any of them."""
        pack = self.domains.get(domain)
        tables = () if pack is None else (pack.quantities, pack.groups, pack.sequences)
        known = next((table[quantity] for table in tables if quantity in table), None)
        if known is not None:
            return known.title
        return SUBJECT_TITLES.get(quantity) or title_of(quantity) or Text(quantity, quantity)

    def guidance(self, domain: str, quantity: str, family: str) -> Guidance | None:
        """What the responder must know: by quantity, then by family, then the domain's default."""
        pack = self.domains.get(domain)
        if pack is None:
            return None
        if family == FAMILY:  # the default of a pack speaks of what is measured
            return pack.guidance.get(family, GUIDANCE)
        return next((pack.guidance[name] for name in (quantity, family, "default") if name in pack.guidance), None)

    def handling(self, domain: str, quantity: str, family: str) -> Handling:
        """How an alarm that opens now is handled: by quantity, by family, by the domain's default, else plainly."""
        pack = self.domains.get(domain)
        if pack is None:
            return Handling()
        return next(
            (pack.handling[name] for name in (quantity, family, "default") if name in pack.handling), Handling()
        )

    def problems(self, domain: str, site: str, severity: str) -> list[Text]:
        """What is missing in packs or registry for an alarm of this domain, site and severity, in plain words."""
        found = []
        if domain not in self.domains:
            found.append(
                Text(
                    f"没有领域包“{domain}”：不知道应通知哪个部门，也没有处置指引",
                    f'no pack for domain "{domain}": no authority is known to be told, and there is no guidance',
                )
            )
        if self.registry.site(site) is None:
            found.append(
                Text(
                    f"登记册中没有站点“{site}”：预警中没有位置",
                    f'site "{site}" is not in the registry: warnings carry no position',
                )
            )
        if self.level(domain, severity) is None:
            codes = ", ".join(level.code for level in self.scheme(domain).levels)
            found.append(
                Text(
                    f"级别“{severity}”不在方案中（应为 {codes}），按最高级处理",
                    f'severity "{severity}" is not in the scheme (expected one of {codes}); treated as the worst',
                )
            )
        return found
