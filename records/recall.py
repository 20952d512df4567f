"""A recall: what is bad, who holds it, who was told and when, who signed for it, and what came back. Pure.

A recall is the fold of its events. The set of holders follows from the record of custody (records/trace.py) and is
drawn anew when events come late: who has been told of an element is not told again. Times are city time, ms UTC.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec

from records.case_fold import first_event, fold_case
from records.digital_link import one_name
from records.recall_events import (
    Closed,
    Delivered,
    Event,
    Notified,
    Opened,
    Refuted,
    Reported,
    Signed,
    Started,
    Withdrawn,
)
from records.refused import Refused
from topics.finding import Text


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The clocks of one level: begin within so many seconds, be done so many working days after."""

    start_s: Annotated[int, msgspec.Meta(gt=0)]
    finish_working_days: Annotated[int, msgspec.Meta(gt=0, le=365)]
    source: str
    confirmed: bool


class Holder(msgspec.Struct, frozen=True):
    """How one holder stands; ``notices`` counts those it was owed, ``delivered`` is when the last of them reached it
    over a channel, ``signed`` when it was signed for.
    """

    elements: frozenset[str] = frozenset()
    told: int = 0
    notices: int = 0
    delivered: int | None = None
    signed: int | None = None
    held: float = 0.0
    found: float = 0.0
    destroyed: float = 0.0


class Recall(msgspec.Struct, frozen=True):
    """Where a recall stands; ``refuted`` is when its cause was declared wrong. A recall that has been given out is
    never changed, its ``holders`` neither.
    """

    opened: Opened
    holders: dict[str, Holder]
    started: int | None = None
    closed: int | None = None
    refuted: int | None = None


def fold(events: Iterable[Event]) -> Recall:
    """The recall that these events make. Raises ``ValueError`` where they do not begin with its opening."""
    return fold_case(events, _in_place, "recall", "opens")


def step(recall: Recall | None, event: Event) -> Recall:
    """The recall after one more event. Raises ``Refused`` for one that its state does not allow."""
    return _in_place(None, event) if recall is None else went_on(recall, (event,))


def went_on(recall: Recall, events: Iterable[Event]) -> Recall:
    """The recall after these events too, the same as ``step`` one by one: its holders are copied once for all."""
    after = msgspec.structs.replace(recall, holders=dict(recall.holders))
    for event in events:
        after = _in_place(after, event)
    return after


def _in_place(recall: Recall | None, event: Event) -> Recall:
    """As ``step``, but the holders of ``recall``, which nobody else may have, are changed: of a recall of thousands,
    a copy for each of its events would be most of the work.
    """
    if recall is None:
        return Recall(first_event(event, Opened, "recall", "opens"), {})
    if isinstance(event, Refuted):  # of one that is over too: it goes on being shown with its cause
        if recall.refuted is not None:
            raise Refused(Text("起因已被声明有误", "its cause has been declared wrong already"))
        return msgspec.structs.replace(recall, refuted=event.time)
    if recall.closed is not None:
        raise Refused(Text("召回已结束", "the recall is closed"))
    match event:
        case Opened():
            raise Refused(Text("召回已启动", "the recall has been opened"))
        case Started():
            if recall.started is not None:
                raise Refused(Text("企业已开始召回", "the firm has begun already"))
            return msgspec.structs.replace(recall, started=event.time)
        case Closed():
            return msgspec.structs.replace(recall, closed=event.time)
        case Notified():
            return _notified(recall, event)
        case _:
            known = recall.holders.get(event.holder)
            if known is None:
                raise Refused(Text("该单位未收到召回通知", "this holder has not been told"))
            return _holder(recall, event.holder, _heard(known, event))


def _notified(recall: Recall, event: Notified) -> Recall:
    before = recall.holders.get(event.holder, Holder())
    told = msgspec.structs.replace(
        before,
        elements=before.elements | set(event.elements),
        told=before.told or event.time,
        notices=before.notices + 1,
        delivered=None,
        signed=None,
    )
    return _holder(recall, event.holder, told)


def _holder(recall: Recall, name: str, holder: Holder) -> Recall:
    recall.holders[name] = holder
    return recall


def _heard(known: Holder, event: Withdrawn | Delivered | Signed | Reported) -> Holder:
    match event:
        case Delivered():
            return msgspec.structs.replace(known, delivered=event.time)
        case Withdrawn():
            return msgspec.structs.replace(known, elements=known.elements - set(event.elements))
        case Signed():
            if known.signed is not None:
                raise Refused(Text("已签收", "it has been signed for"))
            return msgspec.structs.replace(known, signed=event.time)
        case Reported():
            if event.found > event.held or event.destroyed > event.found:
                raise Refused(
                    Text("数量不符：销毁数不得超过找回数，找回数不得超过持有数", "expected destroyed <= found <= held")
                )
            return msgspec.structs.replace(known, held=event.held, found=event.found, destroyed=event.destroyed)


def drawn_anew(recall: Recall, holding: Mapping[str, Iterable[str]], time: int) -> list[Event]:
    """What follows from who holds what now, and held (holder → elements): notices of what is new, withdrawals of what
    a correction freed. Nothing once the recall is closed.
    """
    if recall.closed is not None:
        return []
    found: list[Event] = []
    holding = _as_told(recall, holding)
    for holder in sorted({*holding, *recall.holders}):
        now = frozenset(holding.get(holder, ()))
        known = recall.holders.get(holder, Holder()).elements
        if new := _other(now - known, known - now):
            found.append(Notified(time, holder, new))
        if gone := _other(known - now, now - known):
            found.append(Withdrawn(time, holder, gone))
    return found


def _other(names: Collection[str], than: Collection[str]) -> tuple[str, ...]:
    """The names that are not just another wording of one of the others, in order."""
    if not than:
        return tuple(sorted(names))
    known = set(map(one_name, than))
    return tuple(sorted(each for each in names if one_name(each) not in known))


def _as_told(recall: Recall, holding: Mapping[str, Iterable[str]]) -> Mapping[str, Iterable[str]]:
    """Who holds what, each place under all wordings of its name under which it has been told before."""
    others = recall.holders.keys() - holding.keys()
    if not others:
        return holding
    told = {holder: one_name(holder) for holder in others}
    wanted = set(told.values())
    by_name = {one: elements for holder, elements in holding.items() if (one := one_name(holder)) in wanted}
    if not by_name:
        return holding
    left = {
        holder: elements
        for holder, elements in holding.items()
        if holder in recall.holders or one_name(holder) not in by_name
    }
    return left | {holder: by_name[one] for holder, one in told.items() if one in by_name}


def dues(recall: Recall, terms: Terms, zone: str = "Asia/Shanghai") -> tuple[int, int]:
    """When the firm must have begun, and when it must be done, counted from its beginning or, before that, from the
    last moment to begin. Working days are Monday to Friday of the city's zone: holidays are not known here.
    """
    start = recall.opened.time + terms.start_s * 1000
    day = dt.datetime.fromtimestamp((recall.started or start) / 1000, ZoneInfo(zone))
    left = terms.finish_working_days
    while left:
        day += dt.timedelta(days=1)
        left -= day.weekday() < 5
    return start, int(day.timestamp() * 1000)


def effectiveness(recall: Recall) -> dict[str, Any]:
    """How many holders are owed a notice, were reached by it and signed; how much they had, found and destroyed; shares
    in %. Who signed was reached, whatever the channel says.
    """
    there = [each for each in recall.holders.values() if each.elements]
    held, found = sum(each.held for each in there), sum(each.found for each in there)
    signed = sum(each.signed is not None for each in there)
    return {
        "notified": len(there),
        "delivered": sum(each.delivered is not None or each.signed is not None for each in there),
        "signed": signed,
        "signed_share": round(100 * signed / len(there), 1) if there else None,
        "held": held,
        "found": found,
        "destroyed": sum(each.destroyed for each in there),
        "found_share": round(100 * found / held, 1) if held else None,
    }
