"""A haulier's vehicles with their terminals, and what one of them sends."""

import datetime as dt

from records.registry import Device, Registry, Site, registry_of
from streams.packs import load_packs
from streams.sources.intake_messages import City
from streams.sources.jt808.framing import framed
from streams.sources.jt808.location import ZONE, Location, write_location
from streams.sources.jt808.message import LOCATION, Message, write_message
from topics.domain import Domain
from topics.finding import Text

PHONE, PLATE, OTHER = "13920150017", "津A12345", "13920150099"
T0 = round(dt.datetime(2026, 3, 2, 9, 0, tzinfo=ZONE).timestamp() * 1000)
NOW = T0 + 1_500
TITLE = Text("危货运输", "haulage")


def registry(phone: str = PHONE) -> Registry:
    """One vehicle whose terminal has this phone number."""
    site = Site("haul", "cargo", TITLE, "firm", "120116", 39.0, 117.6)
    return registry_of([site, Device(PLATE, "haul", "vehicle-terminal", aliases=(phone,))])


def pack() -> Domain:
    """The product's own pack of goods."""
    return next(each for each in load_packs() if each.name == "cargo")


def city() -> City:
    """The registry and the pack that watches carriers."""
    return City(registry(), {"cargo": pack()})


def place(second: int = 0, lat: float = 39.05, lon: float = 117.68) -> Location:
    """Where the vehicle was so many seconds after the start."""
    return Location(T0 + 1000 * second, lat, lon, altitude_m=4, speed_kmh=42.5, heading_deg=97)


def report(second: int = 0, *, phone: str = PHONE, serial: int = 1, edition: int = 2013) -> bytes:
    """A frame with one position."""
    return framed(write_message(Message(LOCATION, phone, serial, write_location(place(second)), edition)))
