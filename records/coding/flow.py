"""Whether a record of flow is well formed: the share of those that are is a firm's figure. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from records.coding.steps import lots_of
from records.coding.terms import CodingTerms
from records.custody import facts
from records.digital_link import canonical
from topics.events import Custody


def missing_of(event: Custody, terms: CodingTerms, registered: bool) -> tuple[str, ...] | None:
    """What a record of flow lacks of what its role must have, in the order of the terms; first-station data is named
    one by one. ``None``: the event is no record of flow. ``registered``: the place where it happened is.
    """
    told = facts(event)
    role = terms.role(told.step)
    if role is None or told.retracts:
        return None
    found: list[str] = []
    for field in terms.record_fields.get(role, ()):
        if field == "place":
            found += [] if registered else ["place"]
        elif field == "first_station":
            found += _first_station(event.epcis, terms)
        elif not _CHECKS[field](event.epcis, told.seen):
            found.append(field)
    return tuple(found)


def _first_station(epcis: Mapping[str, Any], terms: CodingTerms) -> Iterator[str]:
    ilmd = epcis.get("ilmd")
    given = {key.rpartition(":")[2] for key, value in ilmd.items() if value} if isinstance(ilmd, dict) else set()
    for thing, names in terms.first_station.items():
        if given.isdisjoint(names):
            yield thing


def _quantities(epcis: Mapping[str, Any], names: tuple[str, ...]) -> bool:
    """Each lot that is named says how much of it."""
    said = 0
    for key in ("quantityList", "childQuantityList"):
        members = epcis.get(key)
        for each in members if isinstance(members, list) else []:
            amount = each.get("quantity") if isinstance(each, dict) else None
            said += isinstance(amount, int | float) and not isinstance(amount, bool) and amount > 0
    return said >= len(lots_of(epcis) & set(names))


_CHECKS: dict[str, Callable[[Mapping[str, Any], tuple[str, ...]], bool]] = {
    "goods": lambda epcis, names: bool(names),
    "form": lambda epcis, names: all(canonical(name) for name in names),
    "offset": lambda epcis, names: bool(epcis.get("eventTimeZoneOffset")),
    "voucher": lambda epcis, names: bool(epcis.get("bizTransactionList")),
    "source": lambda epcis, names: bool(epcis.get("sourceList")),
    "destination": lambda epcis, names: bool(epcis.get("destinationList")),
    "quantity": _quantities,
}
