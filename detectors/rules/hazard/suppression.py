"""Suppression by design (ISA-18.2): what a unit's own state makes meaningless is counted and not sounded."""

from typing import Literal

State = Literal["running", "out-of-service", "start-up"]

#: What the pack's quantity ``unit_state`` says by number; anything else is running.
STATES: dict[int, State] = {0: "out-of-service", 1: "running", 2: "start-up"}

#: By state, the rules that say nothing then. What endangers people (high trips, gas, grade) is never suppressed.
SUPPRESSED: dict[State, frozenset[str]] = {
    "running": frozenset(),
    "out-of-service": frozenset({"low-trip", "discrepancy", "rate-of-rise", "bypass"}),
    "start-up": frozenset({"low-trip", "rate-of-rise"}),
}


def suppressed(rule: str, state: State, since_ms: int, now_ms: int, longest_start_up_ms: int) -> bool:
    """Whether the rule says nothing now; a start-up that lasts too long suppresses nothing any more.

    >>> suppressed("rate-of-rise", "start-up", 0, 60_000, 3_600_000)
    True
    >>> suppressed("rate-of-rise", "start-up", 0, 3_600_001, 3_600_000)
    False
    """
    if state == "start-up" and now_ms - since_ms > longest_start_up_ms:
        return False
    return rule in SUPPRESSED[state]
