"""A small port for the tests of the card: one yard on a plan, a wind mast, a plant next door, and boxes."""

import random

from alerts.city import City
from records.history import ListHistory
from records.registry import Device, SeriesMeta, Site, registry_of
from records.stays import YardEvent
from topics.domain import Domain
from topics.domain_file import load_domains
from topics.events import Declared, GateIn, GateOut, Goods, Stacked
from topics.finding import Text
from topics.goods import load_goods
from topics.reading import Reading

GOODS = load_goods()
#: 12 August 2015, 22:51:46 in Tianjin.
FIRE = 1_439_391_106_000
MINUTE = 60_000
YARD = Site("yard-ruihai", "cargo", Text("瑞海堆场", "Ruihai yard"), "Ruihai", "120116", 39.03972, 117.73657)
PLANT = Site("plant-1", "safety", Text("一号厂", "plant 1"), "Chem", "120116", 39.03972, 117.74)
FAR = Site("yard-far", "cargo", Text("远场", "far yard"), "Far", "120111", 39.2, 117.9)
AIR = Site("air-1", "pollution", Text("空气站", "air station"), "Bureau", "120116", 39.06, 117.74)
MAST = Device("mast", "air-1", "mast", {"a01008": SeriesMeta(unit="°"), "a01007": SeriesMeta(unit="m/s")})


def packs() -> list[Domain]:
    """The product's own packs."""
    return list(load_domains())


def port(*more: Site | Device) -> City:
    """The port's city at the minute of the fire."""
    city = City(packs(), registry_of([YARD, PLANT, FAR, AIR, *more]))
    city.tick(FIRE + 60 * MINUTE)
    return city


def winds(*said: tuple[int, float, float]) -> ListHistory:
    """A history of (minutes after the fire, direction, speed) told by the mast."""
    return ListHistory(
        Reading(f"air-1/mast/{quantity}/Rtd", FIRE + minute * MINUTE, value)
        for minute, direction, speed in said
        for quantity, value in (("a01008", direction), ("a01007", speed))
    )


def box(
    name: str, un: str, block: str, bay: int, row: int, *, came: int = -600, left: int | None = None, mass: float = 10.0
) -> list[YardEvent]:
    """One box's whole story, minutes after the fire."""
    line = Goods(un, "AS DECLARED", GOODS[un].hazard_class if un in GOODS else "9", mass)
    at = FIRE + came * MINUTE
    events: list[YardEvent] = [
        Declared(f"d{name}", "yard-ruihai", at - 1, f"D{name}", name, (line,), f"firm {name}", "tel 1"),
        GateIn(f"i{name}", "yard-ruihai", at, name, f"D{name}"),
        Stacked(f"s{name}", "yard-ruihai", at + 1, name, block, bay, row, 1),
    ]
    if left is not None:
        events.append(GateOut(f"o{name}", "yard-ruihai", FIRE + left * MINUTE, name))
    return events


def crowd(boxes: int, draw: random.Random) -> list[YardEvent]:
    """Boxes that come and go over ten days before the fire, a quarter of them there at any time."""
    events: list[YardEvent] = []
    kinds = sorted(GOODS)
    for each in range(boxes):
        came = -draw.randrange(1, 14_000)
        left = came + draw.randrange(1, 7_000)
        place = draw.choice("ABCDEFG"), draw.randrange(16), draw.randrange(6)
        events += box(
            f"C{each:05}", draw.choice(kinds), *place, came=came, left=left, mass=draw.randrange(1, 30_000) / 1000
        )
    return events
