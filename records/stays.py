"""A container's stays in a yard: the pure fold from its events, in the order of event time, to where it is.

The order in which events arrive plays no part: whoever replays them all, in any order, gets the same stays.
"""

from collections.abc import Iterator, Sequence

import msgspec

from topics.events import DeclarationWithdrawn, Declared, GateIn, GateOut, Goods, Inspected, Stacked

YardEvent = Declared | DeclarationWithdrawn | GateIn | Stacked | Inspected | GateOut

#: At one and the same time a box is declared, comes in, is stacked and leaves, in that order.
_RANK: dict[type, int] = {
    Declared: 0, DeclarationWithdrawn: 1, GateIn: 2, Stacked: 3, Inspected: 4, GateOut: 5,
}  # fmt: skip


class Place(msgspec.Struct, frozen=True, gc=False):
    """Bay, row and tier of a block."""

    block: str
    bay: int
    row: int
    tier: int


class Box(msgspec.Struct, frozen=True, gc=False):
    """A container in the yard. ``goods`` is what gate or inspection saw, else what was declared.

    ``declaration`` is empty while nothing has been declared for this stay (``named`` is the number the gate
    was given, which may be unknown); ``since`` is the event time it came (ms UTC); ``gated`` is false where
    it was seen in the yard without having come through the gate.
    """

    container: str
    since: int
    goods: tuple[Goods, ...] = ()
    declaration: str = ""
    named: str = ""
    seen_goods: bool = False
    consignor: str = ""
    emergency_contact: str = ""
    place: Place | None = None
    gated: bool = True


def order(event: YardEvent) -> tuple[int, int, str]:
    """The place of an event in its container's story."""
    return event.time, _RANK[type(event)], event.id


def stays(events: Sequence[YardEvent]) -> Iterator[Box | None]:
    """The state after each of one container's events (sorted by ``order``); None = not in the yard.

    A declaration belongs to the next stay, or to the present one if that has none yet; said again under the
    same number it amends. A second gate-in without a gate-out begins a new stay, since a box is in one place.
    """
    box: Box | None = None
    waiting: dict[str, Declared] = {}
    for event in events:
        if isinstance(event, Declared):
            if box is not None and _covers(event, box):
                box = _declared(box, event)
            else:
                waiting[event.declaration] = event
        elif isinstance(event, DeclarationWithdrawn):
            waiting.pop(event.declaration, None)  # what is here already stays what it is
        elif isinstance(event, GateIn):
            fresh = Box(
                event.container,
                event.time,
                event.goods,
                named=event.declaration,
                seen_goods=bool(event.goods),
            )
            box = _paired(fresh, waiting)
        elif isinstance(event, Stacked):
            if box is None:
                box = _paired(Box(event.container, event.time, gated=False), waiting)
            box = msgspec.structs.replace(box, place=Place(event.block, event.bay, event.row, event.tier))
        elif isinstance(event, Inspected):
            if box is not None and event.goods:
                box = msgspec.structs.replace(box, goods=event.goods, seen_goods=True)
        else:
            box = None
        yield box


def _covers(event: Declared, box: Box) -> bool:
    if box.declaration:
        return event.declaration == box.declaration
    return not box.named or event.declaration == box.named


def _paired(box: Box, waiting: dict[str, Declared]) -> Box:
    """The box with the declaration the gate named, else the newest one waiting; that one is used up."""
    number = box.named or next(reversed(waiting), "")
    event = waiting.pop(number, None)
    if event is None:
        return box
    waiting.clear()  # older ones were for a journey that never came
    return _declared(box, event)


def _declared(box: Box, event: Declared) -> Box:
    return msgspec.structs.replace(
        box,
        goods=box.goods if box.seen_goods else event.goods,
        declaration=event.declaration,
        consignor=event.consignor,
        emergency_contact=event.emergency_contact,
    )
