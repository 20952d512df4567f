"""Whose hands a container has been in: the fold over waybills, handovers and what gate and yard saw. Pure.

In the order of event time, whatever order things were heard in. Each hand says since when and on what evidence.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from records.stays import YardEvent
from topics.events import GateIn, GateOut, Stacked
from topics.positions import Handover, Waybill

Kind = Literal["shipper", "carrier", "yard", "ship", "consignee", "unknown"]

#: How long before its planned departure a vehicle may fetch a box, and after its planned arrival still have it (ms).
EARLY_MS, OVER_MS = 3_600_000, 21_600_000


class Evidence(msgspec.Struct, frozen=True):
    """What says so: ``waybill``, ``handover``, ``gate_in``, ``stacked``, ``gate_out`` or ``position``, by its id."""

    kind: str
    id: str
    time: int


class Hand(msgspec.Struct):
    """Who holds it in [``since``, ``until``); ``place`` is a word for where, as far as papers say.

    ``name`` is the carrier, the yard's site, the ship or a firm; ``trip`` the waybill it moves under.
    """

    kind: Kind
    name: str
    since: int
    place: str = ""
    trip: str = ""
    until: int | None = None
    evidence: list[Evidence] = []


class Seen(msgspec.Struct, frozen=True):
    """A carrier's terminal said that the container was aboard, first and last at these times (ms UTC)."""

    carrier: str
    kind: Literal["road", "ship"]
    first: int
    last: int


class Told(msgspec.Struct, frozen=True):
    """All that is known of one container; an event of gate or yard with the site it happened at."""

    waybills: tuple[Waybill, ...] = ()
    handovers: tuple[Handover, ...] = ()
    yard: tuple[YardEvent, ...] = ()
    seen: tuple[Seen, ...] = ()


Step = tuple[int, int, str, str, Waybill | Handover | YardEvent | Seen]


def custody_line(told: Told, until_ms: int | None = None) -> list[Hand]:
    """The hands in order, as known today; with ``until_ms`` only what had happened by then. The last one has it."""
    line: list[Hand] = []
    for time, _, what, _, each in sorted(_steps(told), key=lambda step: step[:4]):
        if until_ms is None or time <= until_ms:
            _step(line, what, time, each, told.waybills)
    return line


def _steps(told: Told) -> Iterable[Step]:
    for waybill in told.waybills:
        if waybill.cancelled:
            continue
        yield min(waybill.time, waybill.departs), 0, "declared", waybill.id, waybill
        yield waybill.departs, 4, "departed", waybill.id, waybill
        if waybill.ended:
            yield waybill.ended, 6, "ended", waybill.id, waybill
    for handover in told.handovers:
        yield handover.time, 5, "handover", handover.id, handover
    for event in told.yard:
        if isinstance(event, GateIn):
            yield event.time, 1, "gate_in", event.id, event
        elif isinstance(event, Stacked):
            yield event.time, 2, "stacked", event.id, event
        elif isinstance(event, GateOut):
            yield event.time, 3, "gate_out", event.id, event
    for seen in told.seen:
        yield seen.first, 4, "position", seen.carrier, seen


def _step(
    line: list[Hand], what: str, time: int, each: Waybill | Handover | YardEvent | Seen, waybills: Sequence[Waybill]
) -> None:
    last = line[-1] if line else None
    if isinstance(each, Waybill):
        _of_waybill(line, last, what, time, each)
    elif isinstance(each, Handover):
        kind, place = each.taker.kind, each.place
        _pass(line, Hand(kind, each.taker.name, time, place, each.waybill), Evidence("handover", each.id, time))
    elif isinstance(each, Seen):
        if last is None or (last.kind, last.name) not in (("carrier", each.carrier), ("ship", each.carrier)):
            if last is not None and last.kind == "yard":
                return  # the gate knows better whether it has left
            _pass(line, Hand(_moves(each.kind), each.carrier, time), Evidence("position", each.carrier, time))
    elif isinstance(each, GateIn):
        _pass(line, Hand("yard", each.site, time), Evidence("gate_in", each.id, time))
    elif isinstance(each, Stacked):
        place = f"{each.block} {each.bay:02d}-{each.row:02d}-{each.tier}"
        if last is None or (last.kind, last.name) != ("yard", each.site):
            _pass(line, Hand("yard", each.site, time), Evidence("stacked", each.id, time))
        else:
            last.evidence.append(Evidence("stacked", each.id, time))
        line[-1].place = place
    elif isinstance(each, GateOut):
        _out(line, each, time, waybills)


def _of_waybill(line: list[Hand], last: Hand | None, what: str, time: int, waybill: Waybill) -> None:
    proof = Evidence("waybill", waybill.id, time)
    if what == "declared":
        if last is None:
            _pass(line, Hand("shipper", waybill.origin or waybill.firm, time, waybill.origin), proof)
    elif what == "departed":
        if last is not None and (last.kind == "yard" or last.trip == waybill.id):
            return  # it leaves a yard through the gate
        hand = Hand(_moves(waybill.kind), waybill.carrier, time, "", waybill.id)
        if last is not None and (last.kind, last.name, last.trip) == (hand.kind, hand.name, ""):
            last.trip = waybill.id  # it had it already, and now says under which paper
        _pass(line, hand, proof)
    elif last is not None and last.trip == waybill.id and last.kind != "yard":  # that has it, and says when it leaves
        _pass(line, Hand("consignee", waybill.destination or "?", time, waybill.destination), proof)


def _out(line: list[Hand], event: GateOut, time: int, waybills: Sequence[Waybill]) -> None:
    proof = Evidence("gate_out", event.id, time)
    last = line[-1] if line else None
    if event.aboard:
        _pass(line, Hand("ship", event.aboard, time, "", _trip_of(waybills, event.aboard, time)), proof)
        return
    if last is not None and last.kind == "carrier":
        last.evidence.append(proof)  # it was told before that a vehicle had it
        return
    by = [each for each in waybills if each.kind == "road" and _runs(each, time)]
    waybill = max(by, key=lambda each: (each.departs, each.id), default=None)
    if waybill is None:
        _pass(line, Hand("unknown", "", time), proof)
    else:
        _pass(line, Hand("carrier", waybill.carrier, time, "", waybill.id), proof)


def _pass(line: list[Hand], hand: Hand, proof: Evidence) -> None:
    last = line[-1] if line else None
    if last is not None and (last.kind, last.name, last.trip) == (hand.kind, hand.name, hand.trip):
        last.evidence.append(proof)
        last.place = hand.place or last.place
        return
    if last is not None:
        last.until = hand.since
    hand.evidence = [proof]
    line.append(hand)


def _moves(kind: str) -> Kind:
    return "ship" if kind == "ship" else "carrier"


def _runs(waybill: Waybill, time: int) -> bool:
    end = waybill.ended or waybill.arrives + OVER_MS
    return not waybill.cancelled and waybill.departs - EARLY_MS <= time < end


def _trip_of(waybills: Sequence[Waybill], ship: str, time: int) -> str:
    return next((each.id for each in waybills if each.carrier == ship and _runs(each, time)), "")
