"""What the handling of alarms in a pack must hold beyond the types of its keys."""

from collections.abc import Iterator

from topics.domain import Domain
from topics.handling import LABELS, Inhibition, Matcher
from topics.scheme import Scheme


def handling_problems(domain: Domain, scheme: Scheme) -> Iterator[str]:
    """Everything that is wrong, each as ``key.path: expected what, got what``."""
    codes = [level.code for level in scheme.levels]
    known = {*domain.quantities, *domain.groups, *domain.families, "default"}
    for key, handling in domain.handling.items():
        if key not in known:
            yield f'handling.{key}: expected a quantity, a group, a family or "default", got {key!r}'
        for code in handling.acknowledge_within_s:
            if code not in codes:
                yield f"handling.{key}.acknowledge_within_s: expected some of {codes}, got {code!r}"
        for step in handling.escalate_to:
            if step not in domain.escalation:
                yield (
                    f"handling.{key}.escalate_to: expected names from [escalation] {sorted(domain.escalation)}, "
                    f"got {step!r}"
                )
        if handling.escalate_to and not handling.acknowledge_within_s:
            yield f"handling.{key}.acknowledge_within_s: expected seconds by severity beside escalate_to, got nothing"
    yield from _labels("grouping", domain.grouping)
    names = [rule.name for rule in domain.inhibition]
    for place, rule in enumerate(domain.inhibition):
        path = f"inhibition[{place}]"
        if names.count(rule.name) > 1:
            yield f"{path}.name: expected a name of its own, got {rule.name!r} again"
        yield from _inhibition(rule, path, codes)


def _inhibition(rule: Inhibition, path: str, codes: list[str]) -> Iterator[str]:
    yield from _labels(f"{path}.equal", rule.equal)
    for part, matcher in (("cause", rule.cause), ("consequence", rule.consequence)):
        if matcher == Matcher():
            yield f"{path}.{part}: expected at least one label to match by, got none"
        if matcher.min_severity and matcher.min_severity not in codes:
            yield f"{path}.{part}.min_severity: expected one of {codes}, got {matcher.min_severity!r}"


def _labels(path: str, labels: tuple[str, ...]) -> Iterator[str]:
    for label in labels:
        if label not in LABELS:
            yield f"{path}: expected some of {list(LABELS)}, got {label!r}"
