"""The sensor reports of an EPCIS 2.0 event as readings. Pure.

Read are the measurement types of ``UNITS``; every other type stays in the Custody event alone.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from records.custody import bare_word
from records.registry import Device
from streams.sources.intake_items import Refused, shown
from streams.sources.intake_messages import City
from streams.unregistered_series import UNKNOWN_SITE
from topics.reading import EARLIEST_MS, LATEST_MS, Reading

#: Measurement type: our unit, and for each UN/ECE rec 20 code (``uom``) factor and offset into it.
UNITS: dict[str, tuple[str, dict[str, tuple[float, float]]]] = {
    "Temperature": ("°C", {"CEL": (1.0, 0.0), "FAH": (5 / 9, -160 / 9), "KEL": (1.0, -273.15)}),
    "RelativeHumidity": ("%", {"P1": (1.0, 0.0)}),
}

#: Which field of a report gives which statistic.
STATISTICS = {"value": "Rtd", "meanValue": "Avg", "minValue": "Min", "maxValue": "Max"}


def sensor_readings(event: dict[str, Any], city: City, event_ms: int, received_ms: int) -> Iterator[Reading]:
    """The readings of an event, of known and unknown devices. Raises ``Refused`` for a report that is broken."""
    elements = event.get("sensorElementList", [])
    if not isinstance(elements, list):
        raise Refused("$.sensorElementList", "a list", shown(elements))
    for place, element in enumerate(elements):
        at = f"$.sensorElementList[{place}]"
        metadata = element.get("sensorMetadata", {}) if isinstance(element, dict) else None
        reports = element.get("sensorReport") if isinstance(element, dict) else None
        if not isinstance(metadata, dict):
            raise Refused(f"{at}.sensorMetadata", "an object", shown(metadata))
        if not isinstance(reports, list) or not all(isinstance(report, dict) for report in reports):
            raise Refused(f"{at}.sensorReport", "a list of objects", shown(reports))
        for number, report in enumerate(reports):
            yield from _report(event, metadata | report, f"{at}.sensorReport[{number}]", city, event_ms, received_ms)


def _report(
    event: dict[str, Any], report: dict[str, Any], at: str, city: City, event_ms: int, received_ms: int
) -> Iterator[Reading]:
    kind = report.get("type")
    if not isinstance(kind, str) or not kind:
        raise Refused(f"{at}.type", "a measurement type", shown(kind))
    kind = bare_word(kind)  # gs1:Temperature and the vocabulary's URI mean the same
    if kind not in UNITS or not any(name in report for name in STATISTICS):
        return
    unit, codes = UNITS[kind]
    uom = report.get("uom")
    if not isinstance(uom, str) or uom not in codes:
        raise Refused(f"{at}.uom", f"one of {', '.join(codes)} for {kind}", shown(uom))
    factor, offset = codes[uom]
    start, end = _period(report, at)
    time = moment(report, "time", f"{at}.time") if "time" in report else (end or event_ms)
    series = _series(event, report, kind, unit, at, city)
    for name, statistic in STATISTICS.items():
        if name not in report:
            continue
        value = report[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e9:
            raise Refused(f"{at}.{name}", "a number", shown(value))
        yield Reading(
            series=f"{series}/{statistic}",
            time=time,
            value=round(value * factor + offset, 6),
            flag="D" if bare_word(str(report.get("exception"))) == "ERROR_CONDITION" else "N",
            source="http/epcis",
            received=received_ms,
            period_start=start if statistic != "Rtd" else None,
            period_end=end if statistic != "Rtd" else None,
        )


def _period(report: dict[str, Any], at: str) -> tuple[int | None, int | None]:
    start = moment(report, "startTime", f"{at}.startTime") if "startTime" in report else None
    end = moment(report, "endTime", f"{at}.endTime") if "endTime" in report else None
    return start, end


def _series(event: dict[str, Any], report: dict[str, Any], kind: str, unit: str, at: str, city: City) -> str:
    """Site, device and quantity: those of the registered device, else what the event itself calls them."""
    name = _device_name(event, report, at)
    device = device_called(city, name)
    if device is None:
        return f"{UNKNOWN_SITE}/{_part(name, f'{at}.deviceID')}/{kind}"
    return f"{device.site}/{device.id}/{_quantity(device, kind, unit, at, city)}"


def _device_name(event: dict[str, Any], report: dict[str, Any], at: str) -> str:
    name = report.get("deviceID")
    if name is None:  # a tag or logger that travels with the goods is the one thing the event is about
        things = event.get("epcList")
        name = things[0] if isinstance(things, list) and len(things) == 1 else None
    if not isinstance(name, str) or not name:
        raise Refused(f"{at}.deviceID", "the URI of the sensor, or a single EPC that carries it", shown(name))
    return name


def _part(name: str, where: str) -> str:
    """The last part of a URI, fit to be part of a series id."""
    part = name.rstrip("/").rpartition("/")[2].lstrip("~").strip()
    if not part or len(part) > 80 or not part.isprintable():
        raise Refused(where, "a URI whose last part has 1 to 80 printable characters", shown(name))
    return part


def _quantity(device: Device, kind: str, unit: str, at: str, city: City) -> str:
    """The quantity sent as ``kind``: as registered, or else the only one of the device in its unit."""
    quantity = device.quantity_called(kind)
    if quantity in device.quantities:
        return quantity
    site = city.registry.site(device.site)
    pack = city.domains.get(site.domain) if site else None
    if pack is None:
        return kind
    fitting = [
        name
        for name, meta in device.quantities.items()
        if (meta.unit or (pack.quantities[name].unit if name in pack.quantities else "")) == unit
    ]
    if len(fitting) != 1:
        got = " and ".join(fitting) or "none"
        raise Refused(
            f"{at}.type", f"one quantity of device {device.id} in {unit}, or one registered as sent_as {kind}", got
        )
    return fitting[0]


def device_called(city: City, name: str) -> Device | None:
    """The device with this URI, or with the last part of it, as id or alias."""
    return city.registry.device_called(name) or city.registry.device_called(name.rstrip("/").rpartition("/")[2])


def moment(holder: dict[str, Any], key: str, where: str) -> int:
    """A time of EPCIS in ms UTC. Raises ``Refused`` for one that is none or has no zone."""
    text = holder.get(key)
    try:
        parsed = dt.datetime.fromisoformat(text) if isinstance(text, str) else None
        time = int(parsed.timestamp() * 1000) if parsed is not None and parsed.tzinfo else 0
    except (ValueError, OverflowError):
        time = 0
    if not EARLIEST_MS <= time <= LATEST_MS:
        got = "nothing" if text is None else shown(text)
        raise Refused(where, "an ISO 8601 time with a zone, from 2000 to 2100", got)
    return time
