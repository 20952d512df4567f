"""One look: a domain's day, whole or as it is so far, read from the history and held against all rules."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from detectors.integrity.base import Rule
from detectors.integrity.judge import evidence_of, prompt
from detectors.integrity.outlet import DAY_MS, Outlet
from detectors.integrity.pack_facts import IntegrityFacts
from detectors.integrity.rarity import healthy_scores
from records.registry import Registry
from streams.integrity.day_rows import DayRows, SeriesRows
from streams.integrity.findings import Told
from streams.integrity.outlets import linked, outlets_of
from topics.domain import Domain


def look(
    root: Path, domain: Domain, facts: IntegrityFacts, registry: Registry, day_ms: int, until_ms: int | None = None
) -> Iterator[Told]:
    """Judge the day that begins at ``day_ms`` (ms UTC, a beginning of a day of the city), site by site; outlets that a
    link joins are judged with the one below them. Before its end, up to the whole hour ``until_ms``, by the prompt
    rules. Raises ``PartMissing`` where there is no history of the domain.
    """
    rules = facts.rules if until_ms is None else prompt(facts.rules)
    back, end = day_ms - facts.days_before * DAY_MS, until_ms or day_ms + DAY_MS
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
                yield from _told(domain, rules, outlet, day_ms, at)
        for outlet in linked([each for each, _ in waiting.values()], facts.links):
            yield from _told(domain, rules, outlet, day_ms, waiting[outlet.device][1])


def _told(
    domain: Domain, rules: Sequence[Rule], outlet: Outlet, day_ms: int, at: dict[str, SeriesRows]
) -> Iterator[Told]:
    return (Told(domain, each, day_ms, at) for each in evidence_of(outlet, rules, healthy_scores()))
