"""How a pack handles its alarms: what comes with the product holds, and what is wrong is said by its key."""

from typing import Any

import msgspec
import pytest

from topics.domain import Domain
from topics.domain_file import load_domains
from topics.domain_rules import problems
from topics.handling import EscalationStep, Handling, Inhibition, Matcher
from topics.published_pack import from_published, publish_form

SAFETY = next(domain for domain in load_domains() if domain.name == "safety")
STEP = {"leader": EscalationStep(SAFETY.title)}


def changed(**parts: Any) -> Domain:
    return msgspec.structs.replace(SAFETY, **parts)


@pytest.mark.parametrize("pack", load_domains(), ids=lambda pack: pack.name)
def test_every_pack_of_ours_says_who_is_asked_when_nobody_answers(pack: Domain) -> None:
    handling = pack.handling["default"]
    assert handling.acknowledge_within_s["red"] < handling.acknowledge_within_s["orange"]
    assert handling.escalate_to and set(handling.escalate_to) <= pack.escalation.keys()
    assert any("instruments" in rule.cause.quantity for rule in pack.inhibition)


def test_handling_travels_with_its_pack() -> None:
    assert from_published(publish_form(SAFETY, 1_700_000_000_000)) == SAFETY


def test_a_pack_without_handling_is_as_it_was() -> None:
    bare = changed(handling={}, escalation={}, inhibition=())
    assert problems(bare) == []
    assert {"handling", "escalation", "inhibition", "grouping"}.isdisjoint(msgspec.to_builtins(bare))


RULE = Inhibition("a", Matcher(quantity=("h2s",)), Matcher(family=("anomaly",)))

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "of what there is not": (
        {"handling": {"smell": Handling()}},
        "handling.smell: expected a quantity, a group, a family or \"default\", got 'smell'",
    ),
    "a severity the scheme has not": (
        {"handling": {"limit": Handling(acknowledge_within_s={"amber": 5.0})}},
        "handling.limit.acknowledge_within_s: expected some of ['red', 'orange', 'yellow', 'blue'], got 'amber'",
    ),
    "a step nobody describes": (
        {
            "handling": {"limit": Handling(acknowledge_within_s={"red": 5.0}, escalate_to=("mayor",))},
            "escalation": STEP,
        },
        "handling.limit.escalate_to: expected names from [escalation] ['leader'], got 'mayor'",
    ),
    "steps without a deadline": (
        {"handling": {"limit": Handling(escalate_to=("leader",))}, "escalation": STEP},
        "handling.limit.acknowledge_within_s: expected seconds by severity beside escalate_to, got nothing",
    ),
    "a label that is none": (
        {"grouping": ("domain", "colour")},
        "grouping: expected some of ['domain', 'site', 'district', 'group', 'quantity', 'family', 'severity'], "
        "got 'colour'",
    ),
    "a rule for everything": (
        {"inhibition": (Inhibition("a", Matcher(), RULE.consequence),)},
        "inhibition[0].cause: expected at least one label to match by, got none",
    ),
    "two rules of one name": (
        {"inhibition": (RULE, RULE)},
        "inhibition[0].name: expected a name of its own, got 'a' again",
    ),
    "a least severity that is none": (
        {"inhibition": (Inhibition("a", Matcher(min_severity="amber"), RULE.consequence),)},
        "inhibition[0].cause.min_severity: expected one of ['red', 'orange', 'yellow', 'blue'], got 'amber'",
    ),
}


@pytest.mark.parametrize("title", WRONG)
def test_what_is_wrong_is_said_by_its_key(title: str) -> None:
    parts, said = WRONG[title]
    assert said in problems(changed(**parts))
