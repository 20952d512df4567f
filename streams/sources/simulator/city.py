"""The model city as data: sites, devices, series and how each series behaves while all is well.

``load_city`` reads ``streams/scenarios/city.toml``; the registry's records and the signals' parameters come
from that one file, so that what is registered and what is sent cannot differ.
"""

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

from records.registry import Device, SeriesMeta, Site
from topics.errors import ConfigurationError
from topics.finding import Text

FOLDER = Path(__file__).parents[2] / "scenarios"

Basis = Literal["published", "assumed"]
Wire = Literal["hj212", "http", "topic", "epcis"]


class Defrost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bump of ``rise`` and ``minutes`` every ``every_min`` minutes."""

    every_min: int
    minutes: int
    rise: float


class Doors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bumps of up to ``rise`` and ``minutes``, ``per_day`` of them between 06:00 and 20:00."""

    per_day: int
    minutes: int
    rise: float


class Signal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a healthy quantity behaves; the words are explained in ``city.toml``. Raises ``ValueError`` for a course that
    does not go from hour 0 to hour 24.
    """

    unit: str
    base: float
    sd: float
    phi: float
    step: float
    possible: tuple[float, float]
    source: str
    basis: Basis
    spread: float = 0.0
    daily: float = 0.0
    half_daily: float = 0.0
    peak_h: float = 15.0
    tail: float = 4.0
    defrost: Defrost | None = None
    doors: Doors | None = None
    course: tuple[tuple[float, float], ...] = ()
    turn: float = 0.0

    def __post_init__(self) -> None:
        hours = [hour for hour, _ in self.course]
        if hours and (hours != sorted(set(hours)) or hours[0] != 0 or hours[-1] != 24):
            raise ValueError(f"course: expected rising hours from 0 to 24, got {hours}")


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of device. ``measures``: quantity → signal; ``converted`` quantities also come as ZsRtd;
    ``classes`` gives the sensor class where the pack's own does not fit.
    """

    wire: Wire
    measures: dict[str, str]
    source: str
    basis: Basis
    st: str = ""
    converted: tuple[str, ...] = ()
    classes: dict[str, str] = msgspec.field(default_factory=dict)


class CityDevice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device of a site; for HJ 212 the id is the MN. ``phone`` is the number of a vehicle's terminal."""

    id: str
    kind: str
    phone: str = ""


class CitySite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A site of the model city and its devices."""

    id: str
    domain: str
    title: Text
    firm: str
    district: str
    lat: float
    lon: float
    source_type: str
    source: str
    basis: Basis
    devices: tuple[CityDevice, ...]


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The city's name, the seed of all its noise, its zone and how often each series is sent (s)."""

    name: str
    seed: int
    zone: str
    interval_s: int
    source: str
    basis: Basis


class Series(msgspec.Struct, frozen=True):
    """One series of the city. ``index`` is its row in every array of the simulator."""

    index: int
    id: str
    site: str
    device: str
    quantity: str
    statistic: str
    domain: str
    wire: Wire
    signal: Signal


class City(msgspec.Struct, frozen=True, dict=True):
    """The whole file."""

    city: Head
    signals: dict[str, Signal]
    kinds: dict[str, Kind]
    sites: tuple[CitySite, ...]

    @cached_property
    def series(self) -> tuple[Series, ...]:
        """All series in the order of the file: site by site, device by device."""
        found: list[Series] = []
        for site in self.sites:
            for device in site.devices:
                kind = self.kinds[device.kind]
                named = [(quantity, "Rtd") for quantity in kind.measures]
                named += [(quantity, "ZsRtd") for quantity in kind.converted]
                found += [
                    Series(
                        len(found) + place,
                        f"{site.id}/{device.id}/{quantity}/{statistic}",
                        site.id,
                        device.id,
                        quantity,
                        statistic,
                        site.domain,
                        kind.wire,
                        self.signals[kind.measures[quantity]],
                    )
                    for place, (quantity, statistic) in enumerate(named)
                ]
        return tuple(found)

    @cached_property
    def device_kinds(self) -> dict[str, Kind]:
        """The kind of each device, by device id."""
        return {device.id: self.kinds[device.kind] for site in self.sites for device in site.devices}

    @cached_property
    def phones(self) -> dict[str, str]:
        """The number of each vehicle's terminal, by the vehicle's name."""
        return {device.id: device.phone for site in self.sites for device in site.devices if device.phone}

    @cached_property
    def device_offsets_ms(self) -> dict[str, int]:
        """When in its minute a device speaks (ms), spread evenly over the devices in the file's order."""
        names = list(self.device_kinds)
        return {name: 1000 * (place * 37 % 60) for place, name in enumerate(names)}

    def registry_records(self) -> list[Site | Device]:
        """What the registry must know: sites first, then devices."""
        sites: list[Site | Device] = [
            Site(each.id, each.domain, each.title, each.firm, each.district, each.lat, each.lon, each.source_type)
            for each in self.sites
        ]
        devices = [self._device(site, device) for site in self.sites for device in site.devices]
        return sites + devices

    def _device(self, site: CitySite, device: CityDevice) -> Device:
        kind = self.kinds[device.kind]
        quantities = {
            quantity: SeriesMeta(
                unit=self.signals[signal].unit,
                sensor_class=kind.classes.get(quantity),
                statistics=("Rtd", "ZsRtd") if quantity in kind.converted else ("Rtd",),
            )
            for quantity, signal in kind.measures.items()
        }
        return Device(device.id, site.id, device.kind, quantities, aliases=(device.phone,) if device.phone else ())


def load_city(path: Path = FOLDER / "city.toml") -> City:
    """Read the city. Raises ``ConfigurationError`` naming file, key, what was required and what was found."""
    try:
        city = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), City)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
    devices = [device for site in city.sites for device in site.devices]
    for device in devices:
        if device.kind not in city.kinds:
            raise ConfigurationError(
                f"{path.name}: device {device.id}: expected a kind of {sorted(city.kinds)}, got {device.kind!r}"
            )
    for name, kind in city.kinds.items():
        if lost := set(kind.measures.values()) - city.signals.keys() or set(kind.converted) - kind.measures.keys():
            raise ConfigurationError(f"{path.name}: kinds.{name}: expected known signals, got {sorted(lost)}")
    for what, ids in (("site", [each.id for each in city.sites]), ("device", [each.id for each in devices])):
        if len(set(ids)) != len(ids):
            raise ConfigurationError(f"{path.name}: expected each {what} id once, got one twice")
    return city
