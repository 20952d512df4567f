"""From a data segment to records: readings on the topic of the site's domain, and what cannot be one.

A device nobody has registered, or whose site is not there at that time, gives ``unregistered`` readings;
a value that is no number refuses that value alone. Nothing is left out in silence.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

import msgspec

from records.registry import Device, Site, valid_at
from records.units import converted
from streams.sources.base import Record
from streams.sources.hj212.diagnosis import Diagnosis
from streams.sources.hj212.segment import Segment
from streams.sources.hj212.stamp import Stamp, stamp_of
from streams.sources.hj212.times import DEFAULT_MINUTE_S, When, when
from streams.sources.hj212.values import values_of
from streams.unregistered_series import unregistered_headers, unregistered_key
from topics.codec import encode
from topics.dead_letter import GATEWAY_MARK, DeadLetter, to_headers
from topics.dead_letter import TOPIC as DEAD_LETTERS
from topics.domain import Domain
from topics.finding import Text
from topics.reading import Reading

UNREGISTERED = "unregistered"
NO_DOMAINS: Mapping[str, Domain] = MappingProxyType({})

ORIGIN = f"{GATEWAY_MARK}hj212"

#: Commands whose values are measurements. 2062 (checks against a standard) and 2013 (raw spectra) are not.
DATA_COMMANDS = frozenset({"2011", "2021", "2031", "2041", "2051", "2052", "2061", "2111"})


#: Whether the gateway has asked a device (MN) for what this command, with this QN, brings of this time.
Asked = Callable[[str, str, str, When], bool]


def never_asked(mn: str, cn: str, qn: str, times: When) -> bool:
    """For a gateway that asks for nothing."""
    return False


class Lookup(Protocol):
    """The two questions the gateway asks the registry."""

    def site(self, name: str) -> Site | None:
        """The site of this id, ``None`` where none is registered."""

    def device(self, name: str) -> Device | None:
        """The device of this MN, ``None`` where none is registered."""


class Origin(msgspec.Struct, frozen=True):
    """Who sent something and when it came (wall time, ms UTC)."""

    peer: str
    received: int


class Outgoing(msgspec.Struct):
    """The records of one frame in order, and how many values became what."""

    records: list[Record]
    readings: int = 0
    unregistered: int = 0
    refused: int = 0
    times: When | None = None


def records_of(
    segment: Segment,
    raw: bytes,
    registry: Lookup,
    origin: Origin,
    minute_s: int = DEFAULT_MINUTE_S,
    *,
    domains: Mapping[str, Domain] = NO_DOMAINS,
    asked: Asked = never_asked,
) -> Outgoing:
    """What a good frame is to be kept as; nothing where it carries no measurements.

    ``raw`` is the frame as it came, ``minute_s`` the period of the device's minute data; ``asked`` says
    whether the gateway asked for these data, which makes them back-fill as RF=1 does.
    Raises ``BadSegment`` where the time of its values is missing or unreadable.
    """
    out = Outgoing([])
    if not carries_values(segment):
        return out
    times = when(segment, minute_s)
    device = registry.device(segment.mn)
    site = None if device is None else registry.site(device.site)
    domain = None if site is None else domains.get(site.domain)
    reason, backfill = (
        _unknown(device, site, times.time),
        segment.backfill or asked(segment.mn, segment.cn, segment.qn, times),
    )
    out.times = times
    problems = [Text(f"“{item[:40]}”不是 名称=值", f'"{item[:40]}": expected name=value') for item in segment.odd]
    for value in values_of(segment):
        if value.measured:
            stamp = stamp_of(segment.mn, device, domain, value.sent_code, value.field)
            flag, received = value.flag or "N", origin.received
            reading = reading_of(stamp, value.value, value.text, flag, times, segment.mn, received, backfill)
            _add(out, reading, site, reason)
        elif value.problem is not None:
            problems.append(value.problem)
    if problems:
        out.refused = len(problems)
        text = Text("；".join(each.zh for each in problems), "; ".join(each.en for each in problems))
        out.records.append(dead_letter(raw, Diagnosis("values", text), origin, segment.mn))
    return out


def carries_values(segment: Segment) -> bool:
    """Whether it is a message with measurements, which then need a time."""
    return segment.cn in DATA_COMMANDS and not segment.asks


def dead_letter(
    raw: bytes, diagnosis: Diagnosis, origin: Origin, key: str = "", *, reason: str = "bad_frame"
) -> Record:
    """The bytes as they came, with what is wrong with them: for a whole frame, or for some of its values."""
    text = diagnosis.text
    letter = DeadLetter(ORIGIN, -1, -1, reason, f"{text.zh} / {text.en}"[:1000], "hj212", origin.received)
    more = (("diagnosis", diagnosis.code.encode()), ("peer", origin.peer.encode()))
    return Record(DEAD_LETTERS, key, raw, (*to_headers(letter), *more))


def _unknown(device: Device | None, site: Site | None, time: int) -> str:
    """Why a series of this device is unknown at that time, empty where it is known."""
    if device is None or not valid_at(device, time):
        return "unknown_device"
    return "unknown_site" if site is None or not valid_at(site, time) else ""


def reading_of(
    stamp: Stamp, value: float | None, text: str, flag: str, times: When, mn: str, received: int, backfill: bool
) -> Reading:
    """The reading of one value; a converted one says what was sent."""
    sent = ""
    if stamp.sent_unit and value is not None:
        value, sent = converted(value, stamp.factor), f"{text[:39]} {stamp.sent_unit}"
    return Reading(
        series=stamp.series,
        time=times.time,
        value=value,
        flag=flag,
        unit=stamp.unit,
        source=f"hj212/{mn}"[:80],
        received=received,
        period_start=times.period_start,
        period_end=times.period_end,
        backfill=backfill,
        sent=sent,
    )


def _add(out: Outgoing, reading: Reading, site: Site | None, reason: str) -> None:
    if not reason and site is not None:
        out.readings += 1
        out.records.append(Record(f"readings.{site.domain}", site.id, encode(reading)))
        return
    out.unregistered += 1
    headers = tuple(unregistered_headers(ORIGIN, -1, -1, reason))
    out.records.append(Record(UNREGISTERED, unregistered_key(reading.series, reason), encode(reading), headers))
