"""One look: a domain's day, read from the history and held against all rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from detectors.integrity.base import Evidence
from detectors.integrity.judge import evidence_of
from detectors.integrity.outlet import DAY_MS, Outlet
from detectors.integrity.pack_facts import IntegrityFacts
from detectors.integrity.rarity import healthy_scores
from records.registry import Registry
from streams.history_folder import ZONE_MS
from streams.integrity.day_rows import DayRows, SeriesRows
from streams.integrity.findings import findings_of
from streams.integrity.outlets import linked, outlets_of
from topics.domain import Domain
from topics.finding import Finding


@dataclass(frozen=True, slots=True)
class Told:
    """What one look found of one outlet."""

    evidence: Evidence
    findings: list[Finding]


def day_start(time_ms: int) -> int:
    """The beginning of the city's day in which this moment lies, ms UTC."""
    return (time_ms + ZONE_MS) // DAY_MS * DAY_MS - ZONE_MS


def look(root: Path, domain: Domain, facts: IntegrityFacts, registry: Registry, day_ms: int) -> Iterator[Told]:
    """Judge the day that begins at ``day_ms`` (ms UTC, a beginning of a day of the city), site by site; outlets that a
    link joins are judged with the one below them. Raises ``PartMissing`` where there is no history of the domain.
    """
    back, end = day_ms - facts.days_before * DAY_MS, day_ms + DAY_MS
    with DayRows(root, domain.name) as history:
        waiting = {}
        for site in history.sites(day_ms, end):
            rows = list(history.of_site(site, back, end))
            outlets = outlets_of(site, rows, domain, facts, registry, (back, day_ms, end))
            at = {each.series: each for each in rows if each.period_ms == 0} | {
                each.series: each for each in rows if each.period_ms
            }
            if facts.links:  # outlets of several sites may be joined, so all are kept until each has been read
                waiting.update({each.device: (each, at) for each in outlets})
                continue
            for outlet in outlets:
                yield from _told(domain, facts, outlet, day_ms, at)
        for outlet in linked([each for each, _ in waiting.values()], facts.links):
            yield from _told(domain, facts, outlet, day_ms, waiting[outlet.device][1])


def _told(
    domain: Domain, facts: IntegrityFacts, outlet: Outlet, day_ms: int, at: dict[str, SeriesRows]
) -> Iterator[Told]:
    for each in evidence_of(outlet, facts.rules, healthy_scores()):
        yield Told(each, findings_of(domain, each, day_ms, at))
