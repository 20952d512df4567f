"""What happens to a declaration of dangerous goods: the events of which it is the fold. Times are city time, ms UTC."""

from typing import Literal, TypeAlias

import msgspec

from records.declaration_check import CheckedBy
from records.declaration_form import Form
from topics.finding import Text

Step = Literal["gate-in", "stacked", "moved", "opened", "inspected", "loaded", "gate-out"]


class Entered(msgspec.Struct, frozen=True, tag="entered", omit_defaults=True):
    """A firm declares. ``asked`` are the authorities that must answer, by ``due``; ``doubts`` what the check found that
    is no ground for refusal; ``checked`` by which rules it was looked at, ``None`` = that was not recorded."""

    time: int
    who: str
    form: Form
    asked: tuple[str, ...]
    due: int
    doubts: tuple[Text, ...] = ()
    by: str = "form"
    checked: CheckedBy | None = None


class Amended(msgspec.Struct, frozen=True, tag="amended", omit_defaults=True):
    """The firm says it otherwise: a new version, to be answered anew."""

    time: int
    who: str
    form: Form
    why: str
    asked: tuple[str, ...]
    due: int
    doubts: tuple[Text, ...] = ()
    checked: CheckedBy | None = None


class Signed(msgspec.Struct, frozen=True, tag="signed"):
    """An authority accepts its part of the newest version."""

    time: int
    who: str
    authority: str


class TurnedDown(msgspec.Struct, frozen=True, tag="turned-down", omit_defaults=True):
    """An authority refuses the newest version; or the system does, by ``rule`` (``authority`` is empty then)."""

    time: int
    who: str
    authority: str
    why: Text
    rule: str = ""


class Cancelled(msgspec.Struct, frozen=True, tag="cancelled"):
    """The firm takes it back before its box has come."""

    time: int
    who: str
    why: str


class Climbed(msgspec.Struct, frozen=True, tag="climbed"):
    """Nobody has answered in time: ``to`` is told, as step ``step`` (from 1) of this version."""

    time: int
    to: str
    step: int


class Seen(msgspec.Struct, frozen=True, tag="seen", omit_defaults=True):
    """Gate or yard report the box; ``event`` is the id of their event, ``place`` block, bay, row, tier."""

    time: int
    event: str
    step: Step
    place: tuple[str, int, int, int] | None = None
    detail: str = ""


Event: TypeAlias = Entered | Amended | Signed | TurnedDown | Cancelled | Climbed | Seen
