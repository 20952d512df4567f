"""Whom of a major hazard's named guarantors an alarm is told: the holder of the post that its family belongs to."""

import hashlib
from collections.abc import Sequence

from alerts.city import City
from alerts.safety.pictures import Pictures
from records.safety.forms import Guarantor
from records.safety.guarantor_missing import holder
from records.safety.terms import GuarantorTerms
from topics.domain import Route
from topics.finding import Text


class NamedGuarantors:
    """Posts as routes, made anew where somebody was named or left; ``mail_of`` is where their e-mail goes."""

    def __init__(self, pictures: Pictures, city: City) -> None:
        self._pictures = pictures
        self._city = city
        self._stamp: tuple[object, ...] = ()
        self._by_site: dict[tuple[str, str], list[tuple[str, str, Route]]] = {}
        self._mail: dict[str, str] = {}

    def routes(self, domain: str, site: str, family: str) -> Sequence[tuple[str, Route]]:
        """Name of the rule and route of each holder of a post at this site whose families hold this one."""
        self._refresh()
        held = self._by_site.get((domain, site), ())
        return [(rule, route) for rule, role_family, route in held if role_family == family]

    def mail_of(self, authority: str) -> tuple[str, ...]:
        """The e-mail address of a guarantor, by the name of their route; empty for anybody else."""
        self._refresh()
        return (self._mail[authority],) if authority in self._mail else ()

    def _refresh(self) -> None:
        packs = tuple(id(self._city.domains[name]) for name in self._pictures.domains())
        stamp = (self._pictures.book.changes, self._city.time // 60_000, packs)
        if stamp == self._stamp:
            return
        by_site: dict[tuple[str, str], list[tuple[str, str, Route]]] = {}
        mail: dict[str, str] = {}
        for domain in self._pictures.domains():
            terms = self._pictures.terms(domain)
            if terms is None or terms.guarantor is None:
                continue
            named = self._pictures.guarantors(domain, terms)
            for hazard, site in self._pictures.hazards(domain).items():
                here = by_site.setdefault((domain, site), [])
                here += self._posts(domain, hazard, terms.guarantor, named, mail)
        self._by_site, self._mail, self._stamp = by_site, mail, stamp

    def _posts(
        self, domain: str, hazard: str, terms: GuarantorTerms, named: Sequence[Guarantor], mail: dict[str, str]
    ) -> list[tuple[str, str, Route]]:
        mine = [each for each in named if each.hazard == hazard]
        # Who has left is still told the rest of what is on its way.
        mail |= {authority_of(each): each.email for each in mine if each.email}
        found = []
        for role, about in terms.roles.items():
            held = holder(mine, role, self._city.time)
            channels = () if held is None else _reachable(held, terms.channels)
            if held is None or not channels:
                continue
            title = Text(f"{held.person}（{hazard} {about.title.zh}）", f"{held.person} ({about.title.en} of {hazard})")
            route = Route(authority_of(held), title, terms.min_severity, about.families, channels)
            found += [(f"{domain}.guarantors.{hazard}.{role}", family, route) for family in about.families]
        return found


def authority_of(held: Guarantor) -> str:
    """What the ledger calls a guarantor: another person is another recipient, with a chain of messages of their own."""
    person = hashlib.sha256(held.person.encode()).hexdigest()[:8]
    return f"guarantor.{held.hazard}.{held.role}.{person}"


def _reachable(held: Guarantor, channels: Sequence[str]) -> tuple[str, ...]:
    """E-mail goes to those who have an address; the page of posts says who has none."""
    return tuple(each for each in channels if each != "email" or held.email)
