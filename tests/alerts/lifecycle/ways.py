"""What the tests of the life cycle share: severities, one way into each state, and the steps of a time line."""

from collections.abc import Iterator
from dataclasses import dataclass

from alerts.lifecycle import (
    Acknowledged,
    Action,
    Alarm,
    Annunciated,
    Cleared,
    OutOfService,
    Raised,
    Reset,
    Shelved,
    State,
    Suppressed,
    fold,
    step,
)
from topics.handling import Handling

RANKS = {"blue": 1, "yellow": 2, "orange": 3, "red": 4}


def rank(code: str) -> int:
    return RANKS[code]


def after(*actions: Action) -> Alarm:
    return fold(actions, rank)


PLAIN = Handling(escalate_to=("leader",))
STAGED = Handling(on_delay_s=1, latching=True, confirm="anyone", escalate_to=("leader",))
RAISE = Raised(10, "f1", "yellow", 9, handling=PLAIN)
RAISE_STAGED = Raised(10, "f1", "yellow", 9, handling=STAGED)
SOUND = (RAISE_STAGED, Annunciated(15, "on-delay"))
RETURN = (Acknowledged(20, "wang"), Cleared(25, "f1"))
#: One way into each state.
INTO: dict[str, tuple[Action, ...]] = {
    "blank": (),
    "delayed": (RAISE_STAGED,),
    "unacknowledged": (RAISE,),
    "acknowledged": (RAISE, Acknowledged(20, "wang")),
    "returned-unacknowledged": (RAISE, Cleared(20, "f1")),
    "latched": (*SOUND, *RETURN),
    "returned-unconfirmed": (*SOUND, *RETURN, Reset(30, "wang")),
    "shelved": (RAISE, Shelved(20, "wang", until=9_000, reason="nuisance")),
    "suppressed": (RAISE, Suppressed(20, "wang", reason="start-up")),
    "out-of-service": (RAISE, OutOfService(20, "wang", reason="maintenance")),
    "closed": (RAISE, Cleared(20, "f1"), Acknowledged(30, "wang")),
}


@dataclass
class Want:
    """One step of a time line: what happens and how the alarm stands after it."""

    action: Action
    state: State
    severity: str
    latched: str


def played(wants: list[Want]) -> Iterator[Alarm]:
    """Take the steps of a time line one after the other, holding the alarm against each; the alarm after each."""
    alarm = Alarm()
    for want in wants:
        alarm = step(alarm, want.action, rank)
        stands = (alarm.state, alarm.severity, alarm.latched)
        assert stands == (want.state, want.severity, want.latched), f"expected {want}, got {stands}"
        yield alarm
