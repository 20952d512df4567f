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
            return None
        edition = facts.critical[-1]
        found = hazard_source(masses_t, edition.rows, facts.alpha(site))
        return Grade(
            round(found.s, 3), round(found.r, 3), found.grade, edition.standard, tuple(un for un, _ in found.unlisted)
        )

    def _facts(self, domain: Domain, day: dt.date) -> YardFacts | None:
        """The pack's tables, read once; ``None`` where they are broken."""
        known = self._read.get((domain.name, day))
        if known is None or known[0] is not domain:
            facts = None
            try:
                facts = yard_facts(rules_as_of(domain, day))
            except ConfigurationError as error:  # the yard is shown without a grade
                log.error("yard_facts_refused", error=str(error))
            if len(self._read) >= MOST_DAYS:
                self._read.clear()
            known = self._read[domain.name, day] = (domain, facts)
        return known[1]
