"""CAP 1.2 (OASIS) from a warning: one message with the same information in Chinese and in English.

Elements stand in the order of the schema, times have an offset and neither ``Z`` nor fractions, and
characters that XML cannot carry become U+FFFD, so that no text from a device can spoil a message.
"""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from lxml import etree

from alerts.warnings.statement import Area, Reference, Statement
from topics.city_zone import CITY_ZONE
from topics.finding import Text

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SENDER_NAME = Text("城市大脑", "City Brain")

#: The language of an info block and how to say a text in it.
LANGUAGES: tuple[tuple[str, Callable[[Text], str]], ...] = (
    ("zh-CN", lambda text: text.zh),
    ("en-US", lambda text: text.en),
)

#: What XML 1.0 does not allow (its production 2), lone surrogates among it.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: What an identifier or sender of CAP must not have.
NOT_A_NAME = re.compile(r"[\s,<&]")


def to_cap(said: Statement) -> bytes:
    """The message as UTF-8 XML; equal statements give equal bytes.

    Raises ``ValueError`` for an identifier, sender or polygon that CAP does not allow, and for an Update
    or Cancel that refers to nothing.
    """
    check(said)
    alert = etree.Element(_tag("alert"), nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # the stubs forget the default namespace
    _add(alert, "identifier", said.identifier)
    _add(alert, "sender", said.sender)
    _add(alert, "sent", cap_time(said.sent))
    _add(alert, "status", said.status)
    _add(alert, "msgType", said.msg_type)
    _add(alert, "scope", "Private")
    _add(alert, "addresses", _address(said.authority))
    if said.note:
        _add(alert, "note", said.note)
    if said.references:
        _add(alert, "references", " ".join(reference_text(each) for each in said.references))
    _add(alert, "incidents", said.alarm)
    for language, say in LANGUAGES:
        _add_info(alert, said, language, say)
    return bytes(etree.tostring(alert, xml_declaration=True, encoding="UTF-8"))


def cap_time(time_ms: int) -> str:
    """``2015-08-12T22:52:00+08:00``: seconds, with the city's offset."""
    return dt.datetime.fromtimestamp(time_ms // 1000, CITY_ZONE).isoformat(timespec="seconds")


def reference_text(reference: Reference) -> str:
    """``sender,identifier,sent``"""
    return f"{reference.sender},{reference.identifier},{cap_time(reference.sent)}"


def clean(text: str) -> str:
    """The text with U+FFFD for whatever XML cannot carry."""
    return NOT_XML.sub("\ufffd", text)


def _add_info(alert: etree._Element, said: Statement, language: str, say: Callable[[Text], str]) -> None:
    info = etree.SubElement(alert, _tag("info"))
    _add(info, "language", language)
    _add(info, "category", said.category)
    _add(info, "event", say(said.event))
    _add(info, "responseType", said.response_type)
    _add(info, "urgency", said.urgency)
    _add(info, "severity", said.severity)
    _add(info, "certainty", said.certainty)
    _add(info, "onset", cap_time(said.onset))
    _add(info, "expires", cap_time(said.expires))
    _add(info, "senderName", say(SENDER_NAME))
    _add(info, "headline", say(said.headline))
    _add(info, "description", say(said.description))
    if say(said.instruction):
        _add(info, "instruction", say(said.instruction))
    _add_pair(info, "parameter", "level", said.level)
    if said.gb_level:
        _add_pair(info, "parameter", "GB level", said.gb_level)
    _add_pair(info, "parameter", "released by rule", say(said.rule))
    if said.acknowledged_by:
        _add_pair(info, "parameter", "acknowledged by", said.acknowledged_by)
    if said.ledger_head:
        _add_pair(info, "parameter", "ledger head", said.ledger_head)
    for name, value in said.parameters.items():
        _add_pair(info, "parameter", name, value)
    _add_area(info, said.area, say)


def _add_area(info: etree._Element, area: Area, say: Callable[[Text], str]) -> None:
    element = etree.SubElement(info, _tag("area"))
    _add(element, "areaDesc", say(area.title))
    if area.polygon:
        _add(element, "polygon", " ".join(f"{lat:.6f},{lon:.6f}" for lat, lon in area.polygon))
    if area.lat is not None and area.lon is not None:
        _add(element, "circle", f"{area.lat:.6f},{area.lon:.6f} {area.radius_km:.3f}")
    if area.district:
        _add_pair(element, "geocode", "GB/T 2260", area.district)


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, _tag(name)).text = clean(text)


def _add_pair(parent: etree._Element, name: str, value_name: str, value: str) -> None:
    pair = etree.SubElement(parent, _tag(name))
    _add(pair, "valueName", value_name)
    _add(pair, "value", value)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _address(authority: str) -> str:
    """CAP divides addresses by spaces and quotes those that have some."""
    plain = authority.replace('"', "'")
    return f'"{plain}"' if re.search(r"\s", plain) else plain


def check(said: Statement) -> None:
    """Raises ``ValueError`` for names that no format and no header can carry, and for a reference that is missing."""
    names = [said.sender, said.identifier]
    for each in said.references:
        names += [each.sender, each.identifier]
    for name in names:
        if not name or NOT_A_NAME.search(name) or NOT_XML.search(name):
            raise ValueError(f"CAP name: expected text without space, comma, < and &, got {name!r}")
    if said.msg_type != "Alert" and not said.references:
        raise ValueError(f"CAP {said.msg_type} {said.identifier}: expected references, got none")
    check_polygon(said.area.polygon)


def check_polygon(points: Sequence[tuple[float, float]]) -> None:
    """Raises ``ValueError`` unless there are none, or at least four of which the last is the first again and
    no two sides cross.
    """
    if not points:
        return
    if len(points) < 4 or points[0] != points[-1]:
        raise ValueError(f"CAP polygon: expected at least four points, the last the first again, got {list(points)}")
    sides = list(pairwise(points))
    for place, (a, b) in enumerate(sides):
        for c, d in sides[place + 2 :]:
            if {a, b}.isdisjoint({c, d}) and _cross(a, b, c, d):
                raise ValueError(f"CAP polygon: expected sides that do not cross, got {a}-{b} across {c}-{d}")


def _cross(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]) -> bool:
    def turn(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float]) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return turn(a, b, c) * turn(a, b, d) <= 0 and turn(c, d, a) * turn(c, d, b) <= 0
