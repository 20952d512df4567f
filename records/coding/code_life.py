"""The life of one code, and what is wrong in it: sold uncoded, a link of the chain missing, two holders at once. Pure.

A single item has one holder: who coded it, until it is sent out and somebody else takes it in. Whoever does something
with it in between is a *broken link*: an in- or out-voucher is missing. Where the earlier holder goes on using it, or
it had been sold, it is no missing voucher but a code that *two holders* use. Of a lot several may hold some: each of
them must have got it from somebody who sent it out, and only one may have coded it.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from records.coding.steps import Step

Kind = Literal["uncoded-sale", "broken-link", "two-holders"]


class Fault(msgspec.Struct, frozen=True):
    """What is wrong, with the step that shows it; ``other`` is the holder who never sent it out, or who uses it too;
    empty where ``site`` itself never took it in.
    """

    kind: Kind
    code: str
    name: str
    event: str
    time: int
    site: str
    other: str = ""


def faults_of(steps: Iterable[Step], *, made_coded: bool = False) -> list[Fault]:
    """All that is wrong in the life of one code, at most once as a code of two holders.

    ``made_coded``: what it was made of was coded, so it is from its making on.
    """
    ordered = sorted(steps, key=lambda step: step.order)
    if any(step.lot for step in ordered):
        return _lot(ordered, made_coded)
    return _Item(made_coded).live(ordered)


class _Item:
    """A single item. ``holder`` is empty until it is coded."""

    def __init__(self, made_coded: bool) -> None:
        self.made_coded = made_coded
        self.coder = self.holder = self.before = ""
        self.sent = self.sold = self.twice = False
        self.found: list[Fault] = []

    def live(self, steps: Sequence[Step]) -> list[Fault]:
        for step in steps:
            if step.role == "code" or (step.role == "made" and self.made_coded):
                self._coded(step)
            elif self.holder:
                self._moved(step)
            elif step.role == "sale":
                self.found.append(_fault("uncoded-sale", step))
        return self.found

    def _coded(self, step: Step) -> None:
        if not self.holder:
            self.coder = self.holder = step.site
        elif step.site != self.coder:
            self._both(step, self.coder)

    def _moved(self, step: Step) -> None:
        if step.role == "used" or self.twice:
            return
        mine = step.site == self.holder
        if step.role == "in" and (self.sent or mine):
            self.holder, self.sent, self.before = step.site, False, ""
        elif mine and not self.sent:
            self.sent, self.sold = step.role == "out", self.sold or step.role == "sale"
        elif not (mine and step.role == "out"):  # sent out again: the same voucher once more
            self._foreign(step)

    def _foreign(self, step: Step) -> None:
        """Somebody does something with it who does not have it, by all that was said."""
        if (self.sold and step.site != self.holder) or step.site == self.before:
            self._both(step, self.holder)
            return
        self.found.append(_fault("broken-link", step, "" if self.sent else self.holder))
        self.before = "" if self.sent else self.holder
        self.holder, self.sent = step.site, step.role == "out"
        self.sold = step.role == "sale"

    def _both(self, step: Step, other: str) -> None:
        """A code of two holders: the link between them that seemed broken was none."""
        if self.twice:
            return
        self.twice = True
        if step.site == self.before:
            self.found.pop()
        self.found.append(_fault("two-holders", step, other))


def _lot(steps: Sequence[Step], made_coded: bool) -> list[Fault]:
    found: list[Fault] = []
    coder, holders, senders, twice = "", set[str](), set[str](), False
    for step in steps:
        if step.role == "code" or (step.role == "made" and made_coded):
            if coder and step.site != coder and not twice:
                twice = True
                found.append(_fault("two-holders", step, coder))
            coder = coder or step.site
            holders.add(step.site)
        elif not coder:
            found += [_fault("uncoded-sale", step)] if step.role == "sale" else []
        elif step.role != "used":
            sent_to_it = step.role == "in" and bool(senders - {step.site})
            if step.site not in holders and not sent_to_it:
                found.append(_fault("broken-link", step, coder))
            holders.add(step.site)
        if step.role == "out" and coder:
            senders.add(step.site)
    return found


def _fault(kind: Kind, step: Step, other: str = "") -> Fault:
    return Fault(kind, step.code, step.name, step.event, step.time, step.site, other)
