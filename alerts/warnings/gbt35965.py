"""The same warning in the form of GB/T 35965.1-2018, as the city's release system takes it.

It looks like CAP and is not: no namespace, ``sendTime`` and ``senderCode``, an ``eventType`` code, the colour as
``severity``, times as ``2015-08-12 22:52:00+08:00``, references by identifier alone. What is known of it only from
copies stands in gbt35965.toml, with its source. Pure.
"""

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
from lxml import etree

from alerts.warnings.cap import SENDER_NAME, clean
from alerts.warnings.statement import Statement
from topics.city_zone import CITY_ZONE

FILE = Path(__file__).with_name("gbt35965.toml")

#: Digits of a place: a district of GB/T 2260 has six, the rest says which part of it; none is known, so zeros.
PLACE_DIGITS = 12


class _Row(msgspec.Struct, frozen=True):
    source: str
    confirmed: bool


class _Identifier(_Row, frozen=True):
    sender_digits: int


class _AllClear(_Row, frozen=True):
    msg_type: str


class _Method(_Row, frozen=True):
    method_name: str


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """gbt35965.toml. ``severity`` and ``event_types`` hold their ``source`` and ``confirmed`` beside their words."""

    severity: dict[str, str | bool]
    identifier: _Identifier
    all_clear: _AllClear
    event_types: dict[str, str | bool]
    method: _Method


@cache
def load_form() -> Form:
    """The form as this house has it."""
    return msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8")), Form)


def gb_identifier(sender_code: str, slot: int) -> str:
    """``ZZZZZZDDDUUUXX_YYYYMMDDhhmmss_N``; the slot is seconds UTC x 10 + N, the time shown in the city's zone.

    Raises ``ValueError`` for a sender code that has not its digits.
    """
    digits = load_form().identifier.sender_digits
    if not (sender_code.isdecimal() and len(sender_code) == digits):
        raise ValueError(f"GB/T 35965 sender code: expected {digits} digits, got {sender_code!r}")
    moment = dt.datetime.fromtimestamp(slot // 10, CITY_ZONE)
    return f"{sender_code}_{moment:%Y%m%d%H%M%S}_{slot % 10}"


def gb_time(time_ms: int) -> str:
    """``2015-08-12 22:52:00+08:00``"""
    return dt.datetime.fromtimestamp(time_ms // 1000, CITY_ZONE).isoformat(" ", "seconds")


def to_gbt35965(said: Statement, names: Mapping[str, str], sender_code: str, form: Form | None = None) -> bytes:
    """The message as UTF-8 XML; equal arguments give equal bytes. ``names`` gives the form's own identifier for ours.

    Raises ``ValueError`` for a level that has no colour in the form.
    """
    form = form or load_form()
    severity = form.severity.get(said.gb_level)
    if not isinstance(severity, str) or said.gb_level in ("source", "confirmed"):
        raise ValueError(f"GB/T 35965 level: expected I, II, III or IV, got {said.gb_level!r} ({said.level})")
    ends = said.over and said.msg_type != "Alert"
    alert = etree.Element("alert")
    _add(alert, "identifier", names[said.identifier])
    _add(alert, "sender", SENDER_NAME.zh)
    _add(alert, "senderCode", sender_code)
    _add(alert, "sendTime", gb_time(said.sent))
    _add(alert, "status", said.status)
    _add(alert, "msgType", form.all_clear.msg_type if ends else said.msg_type)
    _add(alert, "scope", "Private")
    method = etree.SubElement(etree.SubElement(alert, "code"), "method")
    _add(method, "methodName", form.method.method_name)
    _add(method, "message", f"{said.headline.zh}：{said.description.zh}")
    _add(method, "audienceGrp", said.authority_title.zh)
    _add(alert, "secClassification", "None")
    _add(alert, "note", said.note)
    if said.references:
        _add(alert, "references", " ".join(names[each.identifier] for each in said.references))
    _add_info(alert, said, str(severity), str(form.event_types.get(said.category, form.event_types["Other"])))
    return bytes(etree.tostring(alert, xml_declaration=True, encoding="UTF-8"))


def _add_info(alert: etree._Element, said: Statement, severity: str, event_type: str) -> None:
    info = etree.SubElement(alert, "info")
    _add(info, "language", "zh-CN")
    _add(info, "eventType", event_type)
    _add(info, "urgency", said.urgency)
    _add(info, "severity", severity)
    _add(info, "certainty", said.certainty)
    _add(info, "effective", gb_time(said.sent))
    _add(info, "onset", gb_time(said.onset))
    _add(info, "expires", gb_time(said.expires))
    _add(info, "senderName", SENDER_NAME.zh)
    _add(info, "headline", said.headline.zh)
    _add(info, "description", said.description.zh)
    if said.instruction.zh:
        _add(info, "instruction", said.instruction.zh)
    area = etree.SubElement(info, "area")
    _add(area, "areaDesc", said.area.title.zh)
    if said.area.polygon:
        _add(area, "polygon", " ".join(f"{lat:.6f},{lon:.6f}" for lat, lon in said.area.polygon))
    if said.area.lat is not None and said.area.lon is not None:
        _add(area, "circle", f"{said.area.lat:.6f},{said.area.lon:.6f} {said.area.radius_km:.3f}")
    if said.area.district:
        _add(area, "geocode", said.area.district.ljust(PLACE_DIGITS, "0"))


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = clean(text)
