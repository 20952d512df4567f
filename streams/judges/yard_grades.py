"""The hazard grade of a yard by the rules of any day, for whoever looks at the yard."""

import datetime as dt
from collections.abc import Mapping

import structlog

from alerts.responder.rules import Grade
from detectors.rules.hazard_source import hazard_source
from streams.judges.yard_facts import YardFacts, yard_facts
from streams.replays.rules_as_of import rules_as_of
from topics.domain import Domain
from topics.errors import ConfigurationError

log = structlog.get_logger(__name__)

#: Days whose rules are kept read.
MOST_DAYS = 50


class YardGrades:
    """``alerts.responder.rules.Grading`` by GB 18218 in the edition of the day, as the worker's judge does it."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, dt.date], tuple[Domain, YardFacts | None]] = {}

    def __call__(self, domain: Domain, day: dt.date, site: str, masses_t: Mapping[str, float]) -> Grade | None:
        facts = self._facts(domain, day)
        if facts is None or not facts.critical[-1].rows:
            return None  # broken, without a table, or of a day before the first edition known
        edition = facts.critical[-1]
        found = hazard_source(masses_t, edition.rows, facts.alpha(site))
        return Grade(
            round(found.s, 3), round(found.r, 3), found.grade, edition.standard, tuple(un for un, _ in found.unlisted)
        )

    def _facts(self, domain: Domain, day: dt.date) -> YardFacts | None:
        """The pack's tables, read once; ``None`` where they are broken or none is known to have held."""
        known = self._read.get((domain.name, day))
        if known is None or known[0] is not domain:
            facts = None
            try:
                if day >= _first_day(domain, day):
                    facts = yard_facts(rules_as_of(domain, day))
            except ConfigurationError as error:  # the yard is shown without a grade
                log.error("yard_facts_refused", error=str(error))
            if len(self._read) >= MOST_DAYS:
                self._read.clear()
            known = self._read[domain.name, day] = (domain, facts)
        return known[1]


def _first_day(domain: Domain, day: dt.date) -> dt.date:
    """When the edition of a day came into force (``valid_from`` of an older one); any day where that is not said."""
    older = domain.facts.get("critical_quantities_until", {})
    of_day: dict[str, object] = next((older[until] for until in sorted(older) if day.isoformat() < until), {})
    said = str(of_day.get("valid_from", dt.date.min))
    try:
        return dt.date.fromisoformat(said)
    except ValueError as error:
        where = f"{domain.name}: facts.critical_quantities_until"
        raise ConfigurationError(f"{where}: expected valid_from as a day such as 2009-12-01, got {said!r}") from error
