"""Suppression by design (ISA-18.2): which rules a unit's own state makes meaningless: on record, and silent."""

from collections.abc import Mapping
from typing import Literal, get_args

State = Literal["running", "out-of-service", "start-up"]

#: What the pack's quantity ``unit_state`` says by number; anything else is running.
STATES: dict[int, State] = {0: "out-of-service", 1: "running", 2: "start-up"}

#: All that may be suppressed; ``low-limit`` are LL and L of the unit's instruments, ``high-limit`` H and HH.
Rule = Literal["low-trip", "low-limit", "high-limit", "discrepancy", "rate-of-rise", "bypass"]
RULES: frozenset[str] = frozenset(get_args(Rule))

#: By state, the rules that say nothing then, unless a unit names its own. What endangers people (high trips, gas,
#: grade) is never suppressed; high limits only where a unit's pack asks for it.
SUPPRESSED: dict[State, frozenset[str]] = {
    "running": frozenset(),
    "out-of-service": frozenset({"low-trip", "low-limit", "discrepancy", "rate-of-rise", "bypass"}),
    "start-up": frozenset({"low-trip", "low-limit", "rate-of-rise"}),
}

NOTHING: frozenset[str] = frozenset()


def suppressed(
    state: State,
    since_ms: int,
    now_ms: int,
    longest_start_up_ms: int,
    own: Mapping[State, frozenset[str]] | None = None,
) -> frozenset[str]:
    """The rules that a unit in this state suppresses now; a start-up that lasts too long suppresses nothing any more.

    ``own`` is what the unit itself names by state, in place of ``SUPPRESSED``.

    >>> "rate-of-rise" in suppressed("start-up", 0, 60_000, 3_600_000)
    True
    >>> suppressed("start-up", 0, 3_600_001, 3_600_000)
    frozenset()
    """
    if state == "start-up" and now_ms - since_ms > longest_start_up_ms:
        return NOTHING
    return (own or {}).get(state, SUPPRESSED[state])
