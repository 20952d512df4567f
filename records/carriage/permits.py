"""Permits held against a trip: missing, out of date, suspended, not for these goods, at the time of the trip. Pure."""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from records.carriage.terms import PermitAsked, covers
from topics.positions import Permit, Role, Waybill

State = Literal["unnamed", "missing", "expired", "not-yet", "suspended", "other-goods"]


class Fault(msgspec.Struct, frozen=True):
    """A permit that is not as it must be; ``since`` is the moment of the trip from which on it is not (ms UTC)."""

    role: Role
    holder: str
    kind: str
    state: State
    since: int
    number: str = ""
    until: int | None = None


class PermitBook:
    """The register by holder: a role and a name have any number of permits of a kind."""

    def __init__(self, permits: Iterable[Permit] = ()) -> None:
        self._permits: dict[tuple[str, str, str], dict[str, Permit]] = {}
        for each in permits:
            self.put(each)

    def put(self, permit: Permit) -> None:
        """Take one; the same number replaces what was said before."""
        self._permits.setdefault((permit.role, permit.holder, permit.kind), {})[permit.number] = permit

    def drop(self, key: str) -> None:
        """Forget one by its key on the topic."""
        role, _, rest = key.partition("/")
        for (its_role, holder, kind), numbers in self._permits.items():
            for number in list(numbers):
                if its_role == role and f"{holder}/{kind}/{number}" == rest:
                    del numbers[number]

    def of(self, role: str, holder: str, kind: str) -> list[Permit]:
        """Those of one kind, the one that lasts longest last."""
        found = self._permits.get((role, holder, kind), {}).values()
        return sorted(found, key=lambda each: (each.valid_to, each.number))


def faults(waybill: Waybill, book: PermitBook, asked: Mapping[str, PermitAsked], until_ms: int) -> list[Fault]:
    """What is wrong with the permits of a trip between its departure and ``until_ms``, each kind once.

    A permit that runs out on the way is a fault from that moment on; one that follows without a gap is none.
    """
    end = max(waybill.departs, until_ms)
    found = []
    for kind in sorted(asked):
        rule = asked[kind]
        if not rule.asked_for(waybill.classes):
            continue
        holder = holder_of(waybill, rule.role)
        if not holder:
            if rule.role != "trailer":  # a trip without a trailer needs no permit for one
                found.append(Fault(rule.role, "", kind, "unnamed", waybill.departs))
            continue
        fault = _fault(waybill, rule, kind, holder, book.of(rule.role, holder, kind), end)
        if fault is not None:
            found.append(fault)
    return found


def holder_of(waybill: Waybill, role: Role) -> str:
    """Who or what must have a permit of this role."""
    return waybill.carrier if role == "vehicle" else str(getattr(waybill, role))


def _fault(
    waybill: Waybill, rule: PermitAsked, kind: str, holder: str, permits: list[Permit], end: int
) -> Fault | None:
    if not permits:
        return Fault(rule.role, holder, kind, "missing", waybill.departs)
    needed = [each for each in waybill.classes if rule.everyone or covers(rule.classes, each)]
    fitting = [each for each in permits if not each.suspended and _for(each, needed)]
    moment = waybill.departs
    for each in sorted(fitting, key=lambda each: each.valid_from):
        if each.valid_from <= moment < each.valid_to:
            moment = each.valid_to
    if moment > end:
        return None
    last = permits[-1]
    if moment > waybill.departs or last.valid_to <= moment:
        state: State = "expired"
    elif last.suspended:
        state = "suspended"
    elif not _for(last, needed):
        state = "other-goods"
    else:
        state = "not-yet"
    return Fault(rule.role, holder, kind, state, moment, last.number, last.valid_to)


def _for(permit: Permit, classes: list[str]) -> bool:
    return all(covers(permit.classes, each) for each in classes)
