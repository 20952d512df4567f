"""EPCIS 2.0 documents as cold rooms and vans send them: one ObjectEvent with sensor reports a message. Pure."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from streams.sources.simulator.day import Message
from streams.sources.simulator.script_lines import ZONE

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

#: EPCIS measurement type and unit (UN/ECE recommendation 20) of our quantities; all else is a temperature.
MEASURES = {"humidity": ("RelativeHumidity", "P1")}
TEMPERATURE = ("Temperature", "CEL")


def document(messages: Sequence[Message]) -> dict[str, Any]:
    """One capture document for these messages, in their order. Each event's id is made of device and time."""
    return {
        "@context": [CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": _time(max(message.time for message in messages)),
        "epcisBody": {"eventList": [_event(message) for message in messages]},
    }


def _event(message: Message) -> dict[str, Any]:
    site = message.series[0].site
    return {
        "type": "ObjectEvent",
        "eventID": f"urn:citybrain:simulated:{message.device}:{message.time}",
        "eventTime": _time(message.time),
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": "sensor_reporting",
        "readPoint": {"id": f"urn:citybrain:site/{site}"},
        "sensorElementList": [
            {
                "sensorMetadata": {"time": _time(message.time), "deviceID": f"urn:citybrain:device/{message.device}"},
                "sensorReport": [
                    _report(series.quantity, value)
                    for series, value in zip(message.series, message.values, strict=True)
                ],
            }
        ],
    }


def _report(quantity: str, value: float) -> dict[str, Any]:
    kind, uom = MEASURES.get(quantity, TEMPERATURE)
    return {"type": kind, "value": value, "uom": uom}


def _time(time_ms: int) -> str:
    return dt.datetime.fromtimestamp(time_ms / 1000, ZONE).isoformat(timespec="milliseconds")
