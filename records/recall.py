"""A recall: what is bad, who holds it, who was told and when, who signed for it, and what came back. Pure.

A recall is the fold of its events. The set of holders follows from the record of custody (records/trace.py) and is
drawn anew when events come late: who has been told of an element is not told again. Times are city time, ms UTC.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from records.refused import Refused
from records.trace import Seed
from topics.finding import Text

Level = Literal["1", "2", "3"]
Cause = Literal["sample", "breach", "other"]

Elements: TypeAlias = tuple[str, ...]
Count = Annotated[float, msgspec.Meta(ge=0, le=1e12)]


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The clocks of one level: begin within so many seconds, be done so many working days after."""

    start_s: Annotated[int, msgspec.Meta(gt=0)]
    finish_working_days: Annotated[int, msgspec.Meta(gt=0, le=365)]
    source: str
    confirmed: bool


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is bad: a lot, or what was in ``name`` for ``start <= t < end``."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    start: int | None = None
    end: int | None = None

    def seed(self) -> Seed:
        """Where the trace starts."""
        return Seed(self.name, None if self.start is None or self.end is None else (self.start, self.end))


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    time: int
    who: str
    level: Level
    cause: Cause
    text: Text
    sources: tuple[Source, ...]


class Started(msgspec.Struct, frozen=True, tag="started"):
    """The firm has begun."""

    time: int
    who: str


class Notified(msgspec.Struct, frozen=True, tag="notified"):
    """One notice to one holder, of elements it has not been told of before."""

    time: int
    holder: str
    elements: Elements


class Withdrawn(msgspec.Struct, frozen=True, tag="withdrawn"):
    """A correction freed these: they are no longer part of the recall."""

    time: int
    holder: str
    elements: Elements


class Delivered(msgspec.Struct, frozen=True, tag="delivered"):
    """What the holder was told so far has reached it over a channel; ``notice`` is the number of the event that told.
    Whether anybody read it is another matter: that is ``Signed``.
    """

    time: int
    holder: str
    notice: int
    channel: str


class Signed(msgspec.Struct, frozen=True, tag="signed"):
    """The holder has received what it was told so far."""

    time: int
    holder: str
    who: str


class Reported(msgspec.Struct, frozen=True, tag="reported"):
    """What a holder had, found and destroyed so far, in its own units of sale."""

    time: int
    holder: str
    who: str
    held: Count
    found: Count
    destroyed: Count


class Closed(msgspec.Struct, frozen=True, tag="closed"):
    time: int
    who: str
    text: str


Event: TypeAlias = Opened | Started | Notified | Withdrawn | Delivered | Signed | Reported | Closed


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
    """Where a recall stands."""

    opened: Opened
    holders: Mapping[str, Holder]
    started: int | None = None
    closed: int | None = None


def fold(events: Iterable[Event]) -> Recall:
    """The recall that these events make. Raises ``ValueError`` where they do not begin with its opening."""
    recall: Recall | None = None
    for event in events:
        recall = step(recall, event)
    if recall is None:
        raise ValueError("recall: expected at least the event that opens it, got none")
    return recall


def step(recall: Recall | None, event: Event) -> Recall:
    """The recall after one more event. Raises ``Refused`` for one that its state does not allow."""
    if recall is None:
        if not isinstance(event, Opened):
            raise ValueError(f"recall: expected the event that opens it first, got {type(event).__name__}")
        return Recall(event, {})
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
    return msgspec.structs.replace(recall, holders={**recall.holders, name: holder})


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
    for holder in sorted({*holding, *recall.holders}):
        now = frozenset(holding.get(holder, ()))
        known = recall.holders.get(holder, Holder()).elements
        if new := tuple(sorted(now - known)):
            found.append(Notified(time, holder, new))
        if gone := tuple(sorted(known - now)):
            found.append(Withdrawn(time, holder, gone))
    return found


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
