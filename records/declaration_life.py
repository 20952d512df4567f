"""The life of one declaration: entered, answered by each authority, amended, and where its box is. Pure.

A declaration is the fold of its events. What people do is refused where its state does not allow it; what gate and yard
report has happened, so it is always taken, in whatever order it comes. Times are city time, ms UTC.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from records.case_fold import first_event, fold_case
from records.declaration_check import CheckedBy
from records.declaration_events import (
    Amended,
    Cancelled,
    Climbed,
    Entered,
    Event,
    Seen,
    Signed,
    Step,
    TurnedDown,
)  # fmt: skip
from records.declaration_form import Form
from records.refused import Refused
from topics.finding import Text

Answer = Literal["declared", "accepted", "refused"]

#: How steps of one and the same time follow each other.
_RANK: dict[Step, int] = {
    "gate-in": 0, "stacked": 1, "moved": 2, "opened": 3, "inspected": 4, "loaded": 5, "gate-out": 6,
}  # fmt: skip
GONE: tuple[Step, ...] = ("loaded", "gate-out")


class Version(msgspec.Struct, frozen=True):
    """One wording and what became of it. ``signed``: authority → who and when; ``reasons`` of a refusal; ``checked``:
    by which rules it was looked at, ``None`` where that was not recorded.
    """

    number: int
    form: Form
    time: int
    who: str
    why: str
    asked: tuple[str, ...]
    due: int
    doubts: tuple[Text, ...]
    signed: dict[str, tuple[str, int]]
    answer: Answer = "declared"
    answered: int | None = None
    reasons: tuple[TurnedDown, ...] = ()
    climbed: int = 0
    checked: CheckedBy | None = None

    @property
    def open(self) -> tuple[str, ...]:
        """The authorities whose answer is awaited."""
        return tuple(each for each in self.asked if each not in self.signed) if self.answer == "declared" else ()


class Declaration(msgspec.Struct, frozen=True):
    """Where a declaration stands: its versions, whether it was taken back, and the steps of its box by event time."""

    versions: tuple[Version, ...]
    cancelled: int | None = None
    seen: tuple[Seen, ...] = ()

    @property
    def newest(self) -> Version:
        """The wording that counts now, answered or not."""
        return self.versions[-1]

    @property
    def in_force(self) -> Version | None:
        """The last version that all authorities accepted; ``None`` where none was, or it was taken back."""
        accepted = [each for each in self.versions if each.answer == "accepted"]
        return accepted[-1] if accepted and self.cancelled is None else None

    @property
    def step(self) -> Step | None:
        """The last step of the box, ``None`` before it comes."""
        return self.seen[-1].step if self.seen else None

    @property
    def place(self) -> tuple[str, int, int, int] | None:
        """Where the box stands (block, bay, row, tier), ``None`` where that is not known or it has left."""
        if self.gone:
            return None
        return next((each.place for each in reversed(self.seen) if each.place is not None), None)

    @property
    def came(self) -> int | None:
        """When the box was first seen."""
        return self.seen[0].time if self.seen else None

    @property
    def gone(self) -> bool:
        """Whether the box has left, by ship or gate."""
        return self.step in GONE

    @property
    def state(self) -> str:
        """One word: where the box is once it has come, else how the newest version stands."""
        return self.step or ("cancelled" if self.cancelled is not None else self.newest.answer)

    @property
    def unlawful(self) -> bool:
        """Whether the box came while no version was accepted, or after it was taken back."""
        if self.came is None:
            return False
        came = self.came
        accepted = any(each.answer == "accepted" and (each.answered or 0) <= came for each in self.versions)
        return not accepted or (self.cancelled is not None and self.cancelled <= came)

    @property
    def closed(self) -> bool:
        """Whether nothing more is to be done by anybody."""
        return self.gone or (self.cancelled is not None and self.step is None)


def fold(events: Iterable[Event]) -> Declaration:
    """The declaration these events make. Raises ``ValueError`` where they do not begin with one that enters it."""
    return fold_case(events, step, "declaration", "enters")


def step(declaration: Declaration | None, event: Event) -> Declaration:
    """The declaration after one more event. Raises ``Refused`` for one that its state does not allow."""
    if declaration is None:
        return Declaration((_version(1, first_event(event, Entered, "declaration", "enters"), ""),))
    match event:
        case Entered():
            raise Refused(Text("该申报已录入", "it has been entered already"))
        case Seen():
            return _seen(declaration, event)
        case Climbed():
            _awaited(declaration)
            return _newest(declaration, climbed=event.step)
        case Amended():
            return _amended(declaration, event)
        case Cancelled():
            return _cancelled(declaration, event)
        case Signed():
            return _signed(declaration, event)
        case TurnedDown():
            return _turned_down(declaration, event)


def _version(number: int, event: Entered | Amended, why: str) -> Version:
    return Version(
        number, event.form, event.time, event.who, why, event.asked, event.due, event.doubts, {}, checked=event.checked
    )


def _amended(declaration: Declaration, event: Amended) -> Declaration:
    _not_cancelled(declaration)
    if declaration.gone:
        raise Refused(Text("箱已离场，不能再更改申报", "the box has left: it can no longer be amended"))
    if (event.form.container, event.form.site) != (declaration.newest.form.container, declaration.newest.form.site):
        raise Refused(
            Text("更改不得换箱号或作业点，请另行申报", "an amendment keeps box and site: declare another one anew")
        )
    versions = (*declaration.versions, _version(len(declaration.versions) + 1, event, event.why))
    return msgspec.structs.replace(declaration, versions=versions)


def _cancelled(declaration: Declaration, event: Cancelled) -> Declaration:
    _not_cancelled(declaration)
    if declaration.seen:
        raise Refused(Text("箱已进场，只能更改，不能撤回", "the box has come: it can be amended, not taken back"))
    return msgspec.structs.replace(declaration, cancelled=event.time)


def _signed(declaration: Declaration, event: Signed) -> Declaration:
    version = _answering(declaration, event.authority)
    if any(who == event.who for who, _ in version.signed.values()):
        raise Refused(
            Text("同一人不能代表两个部门签收", "the same person cannot sign for two authorities")
        )  # fmt: skip
    signed = version.signed | {event.authority: (event.who, event.time)}
    if all(each in signed for each in version.asked):
        return _newest(declaration, signed=signed, answer="accepted", answered=event.time)
    return _newest(declaration, signed=signed)


def _turned_down(declaration: Declaration, event: TurnedDown) -> Declaration:
    if event.authority:
        version = _answering(declaration, event.authority)
    else:  # the system's rules may give several reasons, one after the other
        version = declaration.newest
        if not version.reasons:
            version = _awaited(declaration)
    return _newest(declaration, answer="refused", answered=event.time, reasons=(*version.reasons, event))


def _seen(declaration: Declaration, event: Seen) -> Declaration:
    if any(each.event == event.event for each in declaration.seen):
        return declaration
    seen = sorted((*declaration.seen, event), key=lambda each: (each.time, _RANK[each.step], each.event))
    return msgspec.structs.replace(declaration, seen=tuple(_told_apart(seen)))


def _told_apart(seen: Sequence[Seen]) -> Iterable[Seen]:
    """The first stacking is one, every later one is a move; which is which, event times decide."""
    stacked = False
    for each in seen:
        if each.step in ("stacked", "moved"):
            each = msgspec.structs.replace(each, step="moved" if stacked else "stacked")
            stacked = True
        yield each


def _newest(declaration: Declaration, **changes: object) -> Declaration:
    newest = msgspec.structs.replace(declaration.newest, **changes)
    return msgspec.structs.replace(declaration, versions=(*declaration.versions[:-1], newest))


def _awaited(declaration: Declaration) -> Version:
    _not_cancelled(declaration)
    if declaration.newest.answer != "declared":
        raise Refused(Text("该版本已有答复", "this version has been answered"))
    return declaration.newest


def _answering(declaration: Declaration, authority: str) -> Version:
    version = _awaited(declaration)
    if authority not in version.asked:
        raise Refused(Text(f"无须“{authority}”答复", f"{authority} is not asked to answer it"))
    if authority in version.signed:
        raise Refused(Text(f"“{authority}”已签收", f"{authority} has signed already"))
    return version


def _not_cancelled(declaration: Declaration) -> None:
    if declaration.cancelled is not None:
        raise Refused(Text("申报已撤回", "it has been taken back"))
