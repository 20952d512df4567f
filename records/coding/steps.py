"""What a custody event says of codes: who coded, sent, received, kept, sold or made what. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from records.coding.terms import CodingTerms, Role
from records.custody import Facts, facts
from records.digital_link import one_name
from topics.events import Custody

#: At one moment coding comes before sending, sending before receiving, selling last.
ORDER: dict[Role, int] = {"code": 0, "made": 1, "used": 2, "out": 3, "in": 4, "held": 5, "sale": 6}


class Step(msgspec.Struct, frozen=True):
    """One word on one code: ``site`` is who says it, ``name`` what the event calls the goods, ``lot`` that it names a
    class or lot of which several may have some. ``process`` joins what was used and what was made of it.
    """

    code: str
    name: str
    event: str
    time: int
    role: Role
    site: str
    lot: bool = False
    process: str = ""

    @property
    def order(self) -> tuple[int, int, str]:
        """By which the steps of a code follow each other: of one time, what makes comes before what sends on."""
        return self.time, ORDER[self.role], self.event


def code_of(name: str) -> str:
    """The code that goods bear, whoever writes their name in which way."""
    return one_name(name)


def steps_of(event: Custody, terms: CodingTerms) -> Iterator[Step]:
    """What an event says of each thing it names; a declaration of error says nothing.

    A sale that names nothing is said of the empty code: nobody can tell what was sold.
    """
    told = facts(event)
    role = terms.role(told.step)
    if told.retracts:
        return
    lots = lots_of(event.epcis)
    if told.kind == "TransformationEvent":
        for side, names in (("used", told.inputs), ("made", told.outputs)):
            for name in names:
                made: Role = "used" if side == "used" else "made"
                yield _step(event, told, name, made, name in lots)
        if role == "code":
            yield from (_step(event, told, name, "code", name in lots) for name in told.outputs)
        return
    if role is None:
        return
    for name in told.seen:
        yield _step(event, told, name, role, name in lots)
    if role == "sale" and not told.seen:
        yield _step(event, told, "", role, False)


def lots_of(epcis: Mapping[str, Any]) -> set[str]:
    """The classes and lots that an event names by quantity."""
    found = set()
    for key in ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"):
        members = epcis.get(key)
        for each in members if isinstance(members, list) else []:
            if isinstance(each, dict) and isinstance(name := each.get("epcClass"), str):
                found.add(name)
    return found


def _step(event: Custody, told: Facts, name: str, role: Role, lot: bool) -> Step:
    making = role in ("made", "used")
    kind = lot or ":lgtin:" in name or "/10/" in name
    return Step(code_of(name), name, event.id, event.time, role, event.site, kind, told.process if making else "")
