"""What may happen to an alarm; each is one line of its log. ``time`` is event time, ms UTC.

Fields that came after the first schema are optional, so that every log ever written still folds.
"""

import msgspec

from topics.handling import Handling


class _Action(msgspec.Struct, frozen=True, tag_field="action", omit_defaults=True):
    time: int


class Raised(_Action, frozen=True, tag="raised"):
    """A finding opened on this alarm; ``opened`` is the first row of its episode (0 = ``time``).

    ``value`` and ``limit`` where it has them. ``handling`` stands in the action that opens the alarm. ``unit`` and its
    ``state`` where that state makes it meaningless: it is suppressed by design from the start.
    """

    finding: str
    severity: str
    opened: int = 0
    value: float | None = None
    limit: float | None = None
    handling: Handling | None = None
    unit: str = ""
    state: str = ""


class Changed(_Action, frozen=True, tag="changed"):
    """An open finding says its severity anew, the same or another."""

    finding: str
    severity: str
    value: float | None = None
    limit: float | None = None


class Cleared(_Action, frozen=True, tag="cleared"):
    """A finding closed; the alarm returns when it was the last one open, after its off-delay."""

    finding: str
    value: float | None = None


class Revised(_Action, frozen=True, tag="revised"):
    """Late or back-filled data changed what is known; nothing sounds."""

    finding: str


class Recorded(_Action, frozen=True, tag="recorded"):
    """Late data showed an episode nobody could have answered: on record, closed from the start."""

    finding: str
    severity: str
    opened: int


class _ByRule(_Action, frozen=True):
    rule: str = ""


class Annunciated(_ByRule, frozen=True, tag="annunciated"):
    """The on-delay is over and the condition still there."""


class Returned(_ByRule, frozen=True, tag="returned"):
    """A finding that had closed is now believed to be over."""

    finding: str = ""


class ReAlarmed(_ByRule, frozen=True, tag="re-alarmed"):
    """Unanswered, or acknowledged and still there, for too long: it sounds again."""


class Hidden(_ByRule, frozen=True, tag="hidden"):
    """The alarm ``by`` is its cause, and stands for it."""

    by: str = ""


class Shown(_ByRule, frozen=True, tag="shown"):
    """Its cause is over, or is itself not to be seen: it stands for itself again."""


class SuppressedByDesign(_ByRule, frozen=True, tag="suppressed-by-design"):
    """The ``unit`` has come into a ``state`` that makes this finding meaningless; its condition lasts."""

    finding: str = ""
    unit: str = ""
    state: str = ""


class DesignOver(_ByRule, frozen=True, tag="design-over"):
    """The unit's state makes this finding meaningless no longer; its condition is still there."""

    finding: str = ""


class _ByPerson(_Action, frozen=True):
    who: str
    note: str = ""


class Acknowledged(_ByPerson, frozen=True, tag="acknowledged"):
    """A named person took the alarm on."""


class Reset(_ByPerson, frozen=True, tag="reset"):
    """A named person reset a latched alarm."""


class Confirmed(_ByPerson, frozen=True, tag="confirmed"):
    """The second stage: a named person says that what had to be done was done."""


class Shelved(_ByPerson, frozen=True, tag="shelved"):
    """Quiet until ``until``; where ``one_shot``, until the condition returns to normal, if that is sooner."""

    until: int = 0
    reason: str = ""
    one_shot: bool = False


class OutOfService(_ByPerson, frozen=True, tag="out-of-service"):
    """Quiet for maintenance, until it is returned to service."""

    reason: str = ""


class ReturnedToService(_ByPerson, frozen=True, tag="returned-to-service"):
    """Suppression or maintenance is over."""


class HandedOver(_ByPerson, frozen=True, tag="handed-over"):
    """Somebody else answers for it from now on."""

    to: str = ""


class Commented(_ByPerson, frozen=True, tag="commented"):
    """Something to be read with the alarm."""


class Judged(_ByPerson, frozen=True, tag="judged"):
    """What it was, by a named person: a reason of ``alerts.verdicts``. The last one holds."""

    verdict: str = ""


class Closed(_ByPerson, frozen=True, tag="closed"):
    """A named person ends it, and says what it was. Neither reset nor confirmation is skipped by that."""

    verdict: str = ""


class _ByEither(_Action, frozen=True):
    who: str | None = None
    note: str = ""
    rule: str = ""


class Suppressed(_ByEither, frozen=True, tag="suppressed"):
    """Quiet by design: what it says is known from the state of the plant."""

    reason: str = ""


class Unshelved(_ByEither, frozen=True, tag="unshelved"):
    """Shelving is over, by a person or by time."""


class Escalated(_ByEither, frozen=True, tag="escalated"):
    """It climbed one step, to ``to``; by a person, or because nobody acknowledged in time."""

    to: str = ""


Action = (
    Raised
    | Changed
    | Cleared
    | Revised
    | Recorded
    | Annunciated
    | Returned
    | ReAlarmed
    | Hidden
    | Shown
    | SuppressedByDesign
    | DesignOver
    | Acknowledged
    | Reset
    | Confirmed
    | Shelved
    | Unshelved
    | Suppressed
    | OutOfService
    | ReturnedToService
    | Escalated
    | HandedOver
    | Commented
    | Judged
    | Closed
)


def name_of(action: Action | type[Action]) -> str:
    """The action's name in logs and interface."""
    return str(action.__struct_config__.tag)
