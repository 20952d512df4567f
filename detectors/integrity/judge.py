"""One outlet's day held against all rules: the evidence, or the scores alone."""

from collections.abc import Mapping, Sequence

from detectors.integrity.base import Evidence, Measure, Rule
from detectors.integrity.outlet import Outlet
from detectors.integrity.rarity import HealthyScores


def measures(outlet: Outlet, rules: Sequence[Rule]) -> list[tuple[Rule, Measure]]:
    """All measures that overlap the judged time, in the order of the rules."""
    return [(rule, each) for rule in rules for each in rule.measure(outlet) if each.end_ms > outlet.start_ms]


def prompt(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Those that speak of a day that is not over yet."""
    return tuple(rule for rule in rules if rule.prompt)


def evidence_of(outlet: Outlet, rules: Sequence[Rule], healthy: Mapping[str, HealthyScores]) -> list[Evidence]:
    """What must be told of the judged time, in the order of the rules and quantities."""
    return [
        Evidence(
            rule.name,
            rule.version,
            rule.severity,
            measure,
            rule.threshold,
            healthy[rule.name].rarity(measure.score) if rule.name in healthy else 1.0,
            rule.tell(measure, outlet.known[measure.quantity]),
            outlet.site,
            outlet.device,
        )
        for rule, measure in measures(outlet, rules)
        if measure.score >= rule.threshold
    ]
