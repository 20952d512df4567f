"""The firms of a domain by risk, the worst first: read from the store, judged by records/firm_risk.py.

Whoever sees a part of the city only is shown a firm by its sites there, judged by what lies there.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.city import City
from alerts.firm_risk.weights import weights_of
from alerts.safety import tables as safety
from alerts.safety_figures.points import MEASURED
from alerts.safety_figures.read import FactsReader
from alerts.safety_figures.report import DOMAIN, UNGRADED
from alerts.views import text_view
from records.firm_risk import Firm, Reason, Risk, Static, risk
from records.firm_risk_terms import BEST, Weights
from records.safety.forms import StaticGrade
from records.safety_figures import DAY_MS, Facts, figures
from topics.finding import Finding
from topics.sources import source_text

#: The live grade of a hazard is a term of its own, and silence is the online rate's: neither counts twice.
ALARMS = MEASURED - {"hazard-grade", "quality"}

#: A wall asks every few seconds; a firm's risk is made of days.
LATELY_MS = 60_000


@dataclass(slots=True)
class Known:
    """What the store says of one firm, gathered over its sites."""

    sites: list[str] = field(default_factory=list)
    districts: set[str] = field(default_factory=set)
    statics: list[Static] = field(default_factory=list)
    hazards: list[int] = field(default_factory=list)
    alarms: Counter[str] = field(default_factory=Counter)

    def static(self) -> Static | None:
        """The worst of its sites' grades, with every condition of direct red."""
        if not self.statics:
            return None
        worst = min(self.statics, key=lambda each: each.score)
        red = tuple(sorted({name for each in self.statics for name in each.direct_red}))
        return Static(worst.score, red, any(each.expired for each in self.statics))


class FirmRisks:
    """Reads the store each time it is asked."""

    def __init__(self, reader: FactsReader) -> None:
        self.reader = reader
        self.city: City = reader.city
        self._counted: tuple[int, dict[str, dict[str, int]]] = (-LATELY_MS, {})

    def listed(
        self, within: Jurisdiction = WHOLE_CITY, *, domain: str = DOMAIN, district: str = "", colour: str = ""
    ) -> list[dict[str, Any]]:
        """A row for each firm, the worst first: direct red, then the fewest points."""
        known, judged = self._judged(domain, within, district)
        titles = self.reader.firm_titles()
        rows = [self._row(name, titles.get(name, name), known[name], found, domain) for name, found in judged.items()]
        ordered = sorted(rows, key=lambda row: (not row["direct"], row["points"], row["firm"]))
        return [row for row in ordered if not colour or row["colour"] == colour]

    def counts(self, domain: str = DOMAIN) -> dict[str, int]:
        """How many firms are of each colour, all colours named."""
        weights = weights_of(self.city, domain)
        colours = [*(band.colour for band in weights.colours.bands), weights.colours.best]
        _, judged = self._judged(domain, WHOLE_CITY)
        return {colour: sum(found.colour == colour for found in judged.values()) for colour in colours}

    def counts_lately(self, wall_ms: int) -> dict[str, dict[str, int]]:
        """The same by each domain of safety work, for whoever asks often: at most ``LATELY_MS`` of wall time old."""
        at, found = self._counted
        if not 0 <= wall_ms - at < LATELY_MS:
            domains = sorted(name for name, pack in self.city.domains.items() if "safety_work" in pack.facts)
            found = {domain: self.counts(domain) for domain in domains}
            self._counted = (wall_ms, found)
        return found

    def site_weights(self, sites: Sequence[str]) -> dict[str, float]:
        """How much each site weighs when visits are drawn: 1, and the points its firm lacks, a tenth of each."""
        domains = {about.domain for site in sites if (about := self.city.registry.site(site)) is not None}
        found: dict[str, float] = dict.fromkeys(sites, 1.0)
        for domain in sorted(domains):
            known, judged = self._judged(domain, WHOLE_CITY)
            for name, each in known.items():
                lacks = BEST if judged[name].direct else BEST - judged[name].points
                found |= {site: 1.0 + lacks / 10 for site in each.sites if site in found}
        return found

    def _judged(
        self, domain: str, within: Jurisdiction, district: str = ""
    ) -> tuple[dict[str, Known], dict[str, Risk]]:
        weights, now = weights_of(self.city, domain), self.city.time
        known = self._known(domain, within, district)
        if not now:
            return known, {name: risk(Firm(each.static()), weights) for name, each in known.items()}
        days = max(weights.commitment_days, weights.online_days)
        facts = self.reader.read(domain, within, now - days * DAY_MS, now + 1)
        by_firm = facts.of(lambda place: not district or place.district == district).by(lambda place: place.firm)
        for name in by_firm:  # an accident may be of a firm that has no registered site
            known.setdefault(name, Known())
        nothing = Facts()
        firms = {name: _firm(each, by_firm.get(name, nothing), weights, now) for name, each in known.items()}
        return known, {name: risk(firm, weights) for name, firm in firms.items()}

    def _known(self, domain: str, within: Jurisdiction, district: str) -> dict[str, Known]:
        places = self.reader.places(domain, within)
        mine = {site: place for site, place in places.items() if not district or place.district == district}
        found: dict[str, Known] = defaultdict(Known)
        for site, place in mine.items():
            registered = self.city.registry.site(site)
            if registered is not None and not registered.retired:
                found[place.firm].sites.append(site)
                found[place.firm].districts.add(place.district)
        with self.reader.store.read() as connection:
            for site, static in _statics(connection, self.city.time):
                if site in mine:
                    found[mine[site].firm].statics.append(static)
            for site, severity in _open_alarms(connection, domain):
                if site in mine:
                    found[mine[site].firm].alarms[severity] += 1
            for site, grade in _hazards(connection, domain):
                if site in mine:
                    found[mine[site].firm].hazards.append(grade)
        return dict(found)

    def _row(self, name: str, title: str, known: Known, found: Risk, domain: str) -> dict[str, Any]:
        level = self.city.level(domain, found.colour)
        return {
            "firm": name,
            "title": title,
            "sites": known.sites,
            "districts": sorted(known.districts),
            "points": found.points,
            "colour": found.colour,
            "colour_title": text_view(level.title) if level is not None else {"zh": found.colour, "en": found.colour},
            "direct": found.direct,
            "reasons": [_reason(each) for each in found.reasons],
        }


def _firm(known: Known, facts: Facts, weights: Weights, now: int) -> Firm:
    online = figures(facts, now - weights.online_days * DAY_MS, now)["online_percent"]
    since = now - weights.accident_days * DAY_MS
    late = [each for each in facts.dangers if any(start <= now < (end or now + 1) for start, end in each.overdue)]
    return Firm(
        static=known.static(),
        hazards=tuple(known.hazards),
        alarms=dict(known.alarms),
        dangers=dict(Counter("major" if each.major else "general" for each in late)),
        commitments=sum(each.time > now - weights.commitment_days * DAY_MS for each in facts.missed),
        accidents=dict(Counter(each.grade or UNGRADED for each in facts.accidents if since < each.time <= now)),
        online_percent=online,
    )


def _statics(connection: sa.Connection, now: int) -> list[tuple[str, Static]]:
    record = safety.safety_record.c
    asked = sa.select(record.site, record.body).where(record.kind == "grade", record.newest)
    found = []
    for row in connection.execute(asked):
        form = msgspec.json.decode(row.body, type=StaticGrade)
        found.append((row.site, Static(form.score, form.direct_red, bool(now) and now >= form.expires)))
    return found


def _open_alarms(connection: sa.Connection, domain: str) -> list[tuple[str, str]]:
    table = schema.alarm.c
    asked = sa.select(table.site, table.severity).where(
        table.domain == domain, table.closed.is_(None), table.returned.is_(None), table.family.in_(ALARMS)
    )
    return [(row.site, row.severity) for row in connection.execute(asked)]


def _hazards(connection: sa.Connection, domain: str) -> list[tuple[str, int]]:
    """The live grade of every unit, as its open finding last said."""
    alarm, finding = schema.alarm.c, schema.finding.c
    asked = (
        sa.select(alarm.site, finding.body)
        .join(schema.finding, alarm.id == finding.alarm_id)
        .where(alarm.domain == domain, alarm.closed.is_(None), alarm.family == "hazard-grade")
        .order_by(finding.id, finding.seq)
    )
    newest: dict[str, tuple[str, Finding]] = {}
    for row in connection.execute(asked):
        said = msgspec.json.decode(row.body, type=Finding)
        newest[said.id] = (row.site, said)
    graded: list[tuple[str, Any]] = [
        (site, said.facts.get("grade")) for site, said in newest.values() if said.phase != "close"
    ]
    return [(site, grade) for site, grade in graded if isinstance(grade, int)]


def _reason(each: Reason) -> Mapping[str, Any]:
    return {
        "term": each.term,
        "points": round(each.points, 2),
        "text": text_view(each.text),
        "direct": each.direct,
        "source": each.source,
        "source_text": text_view(source_text(each.source)),
        "confirmed": each.confirmed,
    }
