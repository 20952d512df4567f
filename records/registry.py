"""The registry: which sites and devices the city has, and what a series id stands for. Pure.

It is rebuilt from the compacted ``registry`` topic (key ``site/<id>`` or ``device/<id>``, value the
JSON of the struct below, empty value = forgotten) and asked by event time: whether a series is known
depends on when the reading was taken, not on when it arrived.
"""

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec

from records.digital_link import one_name
from topics.finding import Text
from topics.reading import TimeMs, parse_series

SCHEMA_VERSION = 1

#: A part of a series id: no slash, no control character, and never a control message's mark in front.
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"^[^~/\s\x00-\x1f][^/\x00-\x1f]*$")]
District = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}$", description="GB/T 2260 code, six digits")]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90, description="WGS-84, degrees north")]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180, description="WGS-84, degrees east")]
Unit = Annotated[str, msgspec.Meta(max_length=20)]

Unknown = Literal["unknown_site", "unknown_device"]


class Site(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place of one firm that is watched under one domain; its id is the key of everything it sends.

    ``district`` is a GB/T 2260 code, the point is WGS-84 (never GCJ-02), ``credit_code`` the firm's
    18 characters of GB 32100. ``aliases`` are other names it is called
    by (a GS1 location's URI); ``group`` names sites that are judged together. It is valid for event
    times in [``valid_from``, ``valid_to``); ``retired`` says that nothing is expected of it any more.
    """

    id: Id
    domain: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
    title: Text
    firm: str
    district: District
    lat: Latitude
    lon: Longitude
    source_type: str = ""
    credit_code: str = ""
    aliases: tuple[str, ...] = ()
    group: str = ""
    valid_from: TimeMs | None = None
    valid_to: TimeMs | None = None
    retired: bool = False
    schema: int = SCHEMA_VERSION


class SeriesMeta(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one device's quantity is, where it differs from the domain pack: the station's own unit of
    measure, its sensor class (pool of like sensors) and title. Empty or None = as the pack says.
    ``statistics`` lists those the device sends (Rtd, Avg, …), empty = not said; ``sent_as`` the codes under
    which the device sends it, where those are not the quantity's own (EPCIS Temperature).
    """

    unit: Unit = ""
    sensor_class: str | None = None
    statistics: tuple[str, ...] = ()
    title: Text | None = None
    sent_as: tuple[str, ...] = ()


class Device(msgspec.Struct, frozen=True, omit_defaults=True):
    """An instrument, data logger or tag at a site. For HJ 212 the id is the MN."""

    id: Id
    site: Id
    kind: str
    quantities: dict[Id, SeriesMeta] = msgspec.field(default_factory=dict)
    title: Text | None = None
    aliases: tuple[str, ...] = ()
    group: str = ""
    valid_from: TimeMs | None = None
    valid_to: TimeMs | None = None
    retired: bool = False
    schema: int = SCHEMA_VERSION

    def quantity_called(self, code: str) -> str:
        """The quantity that the device sends under this code; the code itself where nothing else is said."""
        if code not in self.quantities:
            for quantity, meta in self.quantities.items():
                if code in meta.sent_as:
                    return quantity
        return code


class SeriesRecord(msgspec.Struct, frozen=True):
    """All the registry says of one series."""

    series: str
    site: Site
    device: Device
    quantity: str
    statistic: str
    meta: SeriesMeta

    @property
    def group(self) -> str:
        """Whom it is judged with: the device's group, else the site's, else the site alone."""
        return self.device.group or self.site.group or self.site.id


def valid_at(record: Site | Device, time_ms: int) -> bool:
    """Whether the record holds at this event time; ``valid_to`` itself is already outside."""
    if record.valid_from is not None and time_ms < record.valid_from:
        return False
    return record.valid_to is None or time_ms < record.valid_to


class Registry:
    """Sites and devices by id, built by applying the messages of the ``registry`` topic in order."""

    def __init__(self) -> None:
        self._sites: dict[str, Site] = {}
        self._devices: dict[str, Device] = {}
        self._aliases: dict[tuple[type, str], str] = {}

    def apply(self, key: str, value: bytes | None) -> Site | Device | None:
        """Take one message of the topic and return what it set (None for a removal).

        Raises ``ValueError`` naming the key and what was wrong; the registry is then unchanged.
        """
        kind, _, name = key.partition("/")
        if kind not in ("site", "device") or not name:
            raise ValueError(f'registry key: expected "site/<id>" or "device/<id>", got "{key}"')
        if not value:
            self._remove(kind, name)
            return None
        try:
            record = _decode(kind, value)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"registry {key}: {error}") from error
        if record.id != name:
            raise ValueError(f'registry {key}: expected id "{name}", got "{record.id}"')
        self.put(record)
        return record

    def put(self, record: Site | Device) -> None:
        """Set a record, as ``apply`` does with its message."""
        self._remove("site" if isinstance(record, Site) else "device", record.id)
        if isinstance(record, Site):
            self._sites[record.id] = record
        else:
            self._devices[record.id] = record
        for alias in record.aliases:
            self._aliases[type(record), one_name(alias)] = record.id

    def _remove(self, kind: str, name: str) -> None:
        old = self._sites.pop(name, None) if kind == "site" else self._devices.pop(name, None)
        for alias in old.aliases if old is not None else ():
            if self._aliases.get((type(old), one_name(alias))) == name:
                del self._aliases[type(old), one_name(alias)]

    def site(self, name: str) -> Site | None:
        """The site of this id, ``None`` where none is registered."""
        return self._sites.get(name)

    def device(self, name: str) -> Device | None:
        """The device of this id (MN), ``None`` where none is registered."""
        return self._devices.get(name)

    def site_called(self, name: str) -> Site | None:
        """The site with this id or alias; of a GS1 key in whatever wording."""
        return self._sites.get(name) or self._sites.get(self._aliases.get((Site, one_name(name)), ""))

    def site_at(self, uri: str) -> Site | None:
        """The site with this URI, or with the last part of it, as id or alias: a GLN, say, of a URN or of a link."""
        parts = dict.fromkeys(each.rstrip("/").rpartition("/")[2] for each in (uri, one_name(uri)))
        return self.site_called(uri) or next((site for each in parts if (site := self.site_called(each))), None)

    def device_called(self, name: str) -> Device | None:
        """The device with this id or alias; of a GS1 key in whatever wording."""
        return self._devices.get(name) or self._devices.get(self._aliases.get((Device, one_name(name)), ""))

    def sites(self) -> list[Site]:
        """All sites in the order of their ids."""
        return [self._sites[name] for name in sorted(self._sites)]

    def devices(self, site: str | None = None) -> list[Device]:
        """All devices, or those of one site, in the order of their ids."""
        every = (self._devices[name] for name in sorted(self._devices))
        return [each for each in every if site is None or each.site == site]

    def knows(self, series: str, time_ms: int | None = None) -> SeriesRecord | Unknown:
        """What the series stands for at this event time (None = at any time), or why it is unknown.

        A quantity the device does not list is known all the same (the pack says what it is); a device
        that stands at another site than the series says is an unknown device.
        Raises ``ValueError`` where ``series`` has not the form of an id.
        """
        parts = parse_series(series)
        site = self._sites.get(parts.site)
        if site is None or (time_ms is not None and not valid_at(site, time_ms)):
            return "unknown_site"
        device = self._devices.get(parts.device)
        if device is None or device.site != site.id or (time_ms is not None and not valid_at(device, time_ms)):
            return "unknown_device"
        meta = device.quantities.get(parts.quantity, SeriesMeta())
        return SeriesRecord(series, site, device, parts.quantity, parts.statistic, meta)

    def to_messages(self) -> list[tuple[str, bytes]]:
        """Key and value of every record, sites first, in the order of ids: what the topic should hold."""
        records: list[Site | Device] = [*self.sites(), *self.devices()]
        return [message(record) for record in records]


def _decode(kind: str, value: bytes) -> Site | Device:
    if kind == "site":
        return msgspec.json.decode(value, type=Site)
    return msgspec.json.decode(value, type=Device)


def key_of(record: Site | Device) -> str:
    """``site/<id>`` or ``device/<id>``."""
    return f"{'site' if isinstance(record, Site) else 'device'}/{record.id}"


def message(record: Site | Device) -> tuple[str, bytes]:
    """The record as key and value of the ``registry`` topic."""
    return key_of(record), msgspec.json.encode(record)


def registry_of(records: Iterable[Site | Device]) -> Registry:
    """A registry holding these records."""
    registry = Registry()
    for record in records:
        registry.put(record)
    return registry
