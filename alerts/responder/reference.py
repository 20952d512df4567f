"""What a pack says for the card: plans of yards, who is to be called, who lives and works nearby, which wind counts.

A pack whose facts have a table ``responder_card`` keeps yards; without one its events are no yard's.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Annotated

import msgspec

from records.stays import Place
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.finding import Text
from topics.goods import GoodsEntry
from topics.pack_goods import goods_of
from topics.segregation_table import load_segregation

KEY = "responder_card"

#: Metres to a degree of latitude; of longitude by the cosine. Good to a metre over the kilometres of a card.
DEGREE_M = 111_195.0


class Contact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody to call. ``sites`` empty = for all."""

    title: Text
    phone: str
    source: str
    confirmed: bool
    sites: tuple[str, ...] = ()


class Dwelling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where people live or work. ``people`` ``None`` = nobody has said how many."""

    title: Text
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    source: str
    confirmed: bool
    people: Annotated[int, msgspec.Meta(ge=0)] | None = None


class CardTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[facts.responder_card]``. The quantities of wind (direction in degrees it comes from, speed in m/s), from how
    far (km) and how old (s) a reading still counts, and below which speed (m/s) it is calm. Over how long (s) the wind
    is averaged, by which source, and above which spread (degrees, ``records/wind_mean.py``) it is called variable.
    """

    source: str
    confirmed: bool = False
    wind_direction: str = ""
    wind_speed: str = ""
    wind_within_km: Annotated[float, msgspec.Meta(gt=0)] = 15.0
    wind_age_s: Annotated[float, msgspec.Meta(gt=0)] = 3600.0
    calm_below_ms: Annotated[float, msgspec.Meta(ge=0)] = 0.3
    wind_mean_s: Annotated[float, msgspec.Meta(ge=60, le=3600)] = 600.0
    wind_mean_source: str = ""
    wind_mean_confirmed: bool = False
    wind_variable_deg: Annotated[float, msgspec.Meta(gt=0, le=180)] = 90.0
    people_within_m: Annotated[float, msgspec.Meta(gt=0)] = 1000.0
    contacts: tuple[Contact, ...] = ()
    people: tuple[Dwelling, ...] = ()


class Reference(msgspec.Struct, frozen=True):
    """One pack's reference data. ``corners`` gives the corner of each block, metres east and north of its site's
    registered point.
    """

    terms: CardTerms
    corners: Mapping[str, Mapping[str, tuple[float, float]]]
    bay_m: float
    row_m: float
    goods: Mapping[str, GoodsEntry]

    def middle(self, site: str, place: Place) -> tuple[float, float] | None:
        """Where a place is from its site's point (m east, m north); ``None`` where its block is on no plan."""
        corner = self.corners.get(site, {}).get(place.block)
        if corner is None:
            return None
        return corner[0] + place.bay * self.bay_m, corner[1] + place.row * self.row_m


#: What is known of the yards of a pack that says nothing of them.
NO_REFERENCE = Reference(CardTerms("nothing is configured"), {}, 0.0, 0.0, {})


def keeps_yards(domain: Domain) -> bool:
    """Whether the pack's events are a yard's."""
    return domain.events and KEY in domain.facts


def reference_of(domain: Domain) -> Reference:
    """Read a pack's facts. Raises ``ConfigurationError`` naming what is wrong."""
    facts = domain.facts
    try:
        terms = msgspec.convert(facts[KEY], CardTerms)
        corners = {
            site: {block: (float(row["x_m"]), float(row["y_m"])) for block, row in rows.items()}
            for site, rows in facts.get("blocks", {}).items()
        }
        yard = load_segregation(yard=facts.get("segregation") or None).yard
        return Reference(terms, corners, yard.bay_m, yard.row_m, goods_of(facts))
    except (msgspec.ValidationError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError(f"{domain.name}: facts.{KEY}: {type(error).__name__} {error}") from error


def metres(of: tuple[float, float], point: tuple[float, float]) -> tuple[float, float]:
    """How far ``of`` lies from ``point`` (each latitude, longitude): metres east and north."""
    east = (of[1] - point[1]) * math.cos(math.radians(point[0])) * DEGREE_M
    return east, (of[0] - point[0]) * DEGREE_M


def degrees(point: tuple[float, float], east_m: float, north_m: float) -> tuple[float, float]:
    """Latitude and longitude so many metres from a point."""
    return point[0] + north_m / DEGREE_M, point[1] + east_m / DEGREE_M / math.cos(math.radians(point[0]))


def contacts_of(known: Iterable[Reference], sites: Collection[str]) -> tuple[Contact, ...]:
    """Whom to call where these yards are near: those of one of them, and those of all."""
    return tuple(
        each
        for reference in known
        for each in reference.terms.contacts
        if not each.sites or set(sites) & set(each.sites)
    )
