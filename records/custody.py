"""What an EPCIS 2.0 event says of who holds what, what is in what, and what was made of what. Pure.

Names are those of EPCIS 2.0 section 7.4: instances (``epcList`` …) and lots (``quantityList`` …) are both elements,
called by the URI the event gives them; which of these are one is for ``one_name`` to say (records/digital_link.py).
Times are ms UTC; an interval is ``start <= t < end``.
"""

import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import msgspec

from records.digital_link import one_name
from topics.events import Custody

#: Before and after all events.
BEGINNING = 0
END = 2**62

#: The child of a link that stands for all of them: an aggregation that is taken apart without naming its children.
ALL = ""

#: Of changes at one moment, taking out comes first: what is unpacked and packed again stays in.
ORDER = {"DELETE": 0, "OBSERVE": 1, "ADD": 2}

_LINKING = ("AggregationEvent", "AssociationEvent")


class Stay(msgspec.Struct, frozen=True, gc=False):
    """Something was in (or held) ``other`` for ``start <= t < end``."""

    other: str
    start: int
    end: int


class Change(msgspec.Struct, frozen=True, gc=False):
    """One word on a parent and a child: ``ADD``, ``OBSERVE`` or ``DELETE``."""

    time: int
    action: str


class Facts(msgspec.Struct, frozen=True):
    """What one event adds. ``process`` joins the inputs and outputs of one making: the transformationID, else the
    event. ``retracts``: the event it declares to be wrong, empty for all others; ``content``: the hash of what is said,
    the same for an event and for the declaration that it was wrong.
    """

    id: str
    kind: str
    time: int
    place: str
    step: str
    disposition: str
    seen: tuple[str, ...]
    links: tuple[tuple[str, str, str], ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    process: str
    party: str
    lots: tuple[tuple[str, str], ...]
    retracts: str
    content: str = ""


def facts(event: Custody) -> Facts:
    """Read one captured event. What is not there, or not of the right kind, is left out."""
    epcis = event.epcis
    kind = _text(epcis.get("type"))
    parent, action = _text(epcis.get("parentID")), _text(epcis.get("action"))
    children = _elements(epcis, "childEPCs", "childQuantityList")
    inputs = _elements(epcis, "inputEPCList", "inputQuantityList")
    outputs = _elements(epcis, "outputEPCList", "outputQuantityList")
    links: list[tuple[str, str, str]] = []
    if kind in _LINKING and parent and action in ORDER:
        links = [(parent, child, action) for child in children]
        if not children and action == "DELETE":
            links = [(parent, ALL, action)]
    own = _elements(epcis, "epcList", "quantityList")
    seen = _each_once([*own, *([parent] if parent else []), *children, *inputs, *outputs])
    wrong = isinstance(epcis.get("errorDeclaration"), dict)
    lot = _lot(epcis)
    return Facts(
        id=event.id,
        kind=kind,
        time=event.time,
        place=_place(epcis) or event.site,
        step=bare_word(_text(epcis.get("bizStep"))),
        disposition=bare_word(_text(epcis.get("disposition"))),
        seen=tuple(seen),
        links=tuple(links),
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        process=_text(epcis.get("transformationID")) or event.id,
        party=_party(epcis),
        lots=tuple((lot, each) for each in _each_once([*own, *outputs]) if lot),
        retracts=event.id.partition("#error/")[0] if wrong else "",
        content=event.content,
    )


def stays(changes: Iterable[Change]) -> list[tuple[int, int]]:
    """The intervals that one parent's words on one child make, in order.

    Out without ever in: it was in from the beginning. Seen in, not known to be in: in for that moment.
    """
    found: list[tuple[int, int]] = []
    since: int | None = None
    first = True
    for change in sorted(changes, key=lambda each: (each.time, ORDER[each.action])):
        time, action = change.time, change.action
        if action == "ADD":
            since = time if since is None else since
        elif action == "OBSERVE":
            found += [(time, time + 1)] if since is None else []
        elif since is not None:
            found += [(since, time)] if time > since else []
            since = None
        elif first and time > BEGINNING:
            found.append((BEGINNING, time))
        first = False
    if since is not None:
        found.append((since, END))
    return found


def pair_stays(changes: Sequence[Change], emptied: Sequence[int]) -> list[tuple[int, int]]:
    """As ``stays``, where the parent was emptied as a whole at the times ``emptied`` (ascending) too.

    An emptying says nothing of a child that had not been in before.
    """
    if not changes:
        return []
    plain = _put_in_once(changes, emptied)
    if plain is not None:
        return [plain]
    begun = min(each.time for each in changes)
    after = emptied[bisect.bisect_right(emptied, begun) :]
    return stays([*changes, *(Change(time, "DELETE") for time in after)])


def _put_in_once(changes: Sequence[Change], emptied: Sequence[int]) -> tuple[int, int] | None:
    """The interval of what was put in once and perhaps taken out once after, as nearly all is; else ``None``."""
    start, end = changes[0].time, END
    if len(changes) > 2 or changes[0].action != "ADD":
        return None
    if len(changes) == 2:
        end = changes[1].time
        if changes[1].action != "DELETE" or end <= start:
            return None
    return start, min(end, put_in(start, emptied))


def put_in(start: int, emptied: Sequence[int]) -> int:
    """Until when what was put in at ``start`` stays, if only its parent's emptying (times ascending) takes it out."""
    at = bisect.bisect_right(emptied, start) if emptied else 0
    return emptied[at] if at < len(emptied) else END


def lot_code(element: str) -> str:
    """The lot in an element's name: the last part of an LGTIN URN, or what follows ``/10/`` in a Digital Link, as it is
    printed on a pack.
    """
    if ":lgtin:" in element:
        return element.rpartition(":")[2].split(".", 2)[-1]
    _, found, rest = element.partition("/10/")
    return unquote(rest.partition("/")[0].partition("?")[0]) if found else ""


def _elements(epcis: Mapping[str, Any], instances: str, quantities: str) -> list[str]:
    named = [*_list(epcis.get(instances)), *(_text(each.get("epcClass")) for each in _dicts(epcis.get(quantities)))]
    return _each_once(name for name in named if isinstance(name, str) and name)


def _each_once(names: Iterable[str]) -> list[str]:
    """Each thing once, by the first wording it is given."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(one_name(name), name)
    return list(found.values())


def _lot(epcis: Mapping[str, Any]) -> str:
    """The lot number of the master data that came with the goods (CBV 2.0 7.3, ``cbvmda:lotNumber``)."""
    ilmd = epcis.get("ilmd")
    found = ilmd.get("cbvmda:lotNumber", ilmd.get("lotNumber")) if isinstance(ilmd, dict) else None
    return _text(found)


def _place(epcis: Mapping[str, Any]) -> str:
    for key in ("bizLocation", "readPoint"):
        place = epcis.get(key)
        if isinstance(place, dict) and (name := _text(place.get("id"))):
            return name
    return ""


def _party(epcis: Mapping[str, Any]) -> str:
    """Who is to have it in hand from now on, where the event names one (``destinationList``, possessing party)."""
    for each in _dicts(epcis.get("destinationList")):
        if bare_word(_text(each.get("type"))) == "possessing_party":
            return _text(each.get("destination"))
    return ""


def bare_word(name: str) -> str:
    """The last part of a vocabulary's name: ``shipping`` of ``urn:epcglobal:cbv:bizstep:shipping`` and of
    ``https://ref.gs1.org/cbv/BizStep-shipping``.
    """
    return name.replace("BizStep-", "").replace("Disp-", "").replace("#", "/").replace(":", "/").rpartition("/")[2]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    return (each for each in _list(value) if isinstance(each, dict))
