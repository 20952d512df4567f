"""The identity of an EPCIS event by its content: the EPCIS event hash of CBV 2.0, section 8.9. Pure.

The pre-hash string holds every element in the canonical order of properties; how values are brought into one form is
said at each step below. Where the standard's table and its published hashes differ, the hashes are followed, since two
systems must find the same: lists of business transactions, destinations and sources stand *behind* sensor elements
(destinations before sources) and a type stands before what it is the type of.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from records.digital_link import canonical
from records.epcis_values import plain_number, utc_moment

VERSION = "CBV2.0"

#: Namespaces that EPCIS documents need not declare (the standard's own JSON-LD context).
PREFIXES = {
    "gs1": "https://gs1.org/voc/",
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
}

#: What says nothing of the event itself: identity, when it was recorded, that it was wrong, words to people.
LEFT_OUT = frozenset({"type", "eventID", "recordTime", "errorDeclaration", "@context", "rdfs:comment", "comment"})

#: What a bare word of each field stands for.
VOCABULARY = {
    "bizStep": "https://ref.gs1.org/cbv/BizStep-",
    "disposition": "https://ref.gs1.org/cbv/Disp-",
    "set": "https://ref.gs1.org/cbv/Disp-",
    "unset": "https://ref.gs1.org/cbv/Disp-",
    "bizTransactionList": "https://ref.gs1.org/cbv/BTT-",
    "sourceList": "https://ref.gs1.org/cbv/SDT-",
    "destinationList": "https://ref.gs1.org/cbv/SDT-",
    "component": "https://ref.gs1.org/cbv/Comp-",
    "exception": "https://gs1.org/voc/",
    "sensorReport": "https://gs1.org/voc/",
}

#: The older names of the vocabulary.
OLD_VOCABULARY = {
    "urn:epcglobal:cbv:bizstep:": "https://ref.gs1.org/cbv/BizStep-",
    "urn:epcglobal:cbv:disp:": "https://ref.gs1.org/cbv/Disp-",
    "urn:epcglobal:cbv:btt:": "https://ref.gs1.org/cbv/BTT-",
    "urn:epcglobal:cbv:sdt:": "https://ref.gs1.org/cbv/SDT-",
    "urn:epcglobal:cbv:er:": "https://ref.gs1.org/cbv/ER-",
}

_FIRST = ("eventTime", "eventTimeZoneOffset", "certificationInfo")
_METADATA = (
    "time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules",
)  # fmt: skip
_REPORT = (
    "type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time", "microorganism",
    "chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue", "uriValue", "minValue",
    "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem",
)  # fmt: skip
_QUANTITY = ("epcClass", "quantity", "uom")
_TIMES = frozenset({"eventTime", "time", "startTime", "endTime"})

#: List → what each of its members is called, or the fields that a member has.
_NAMES = {"epcList": "epc", "inputEPCList": "epc", "childEPCs": "epc", "outputEPCList": "epc"}
_MEMBERS = {"bizTransactionList": "bizTransaction", "destinationList": "destination", "sourceList": "source"}

#: The canonical order behind ``_FIRST`` and before the lists of ``_MEMBERS``.
_ORDER = (
    "epcList", "parentID", "inputEPCList", "childEPCs", "quantityList", "childQuantityList", "inputQuantityList",
    "outputEPCList", "outputQuantityList", "action", "transformationID", "bizStep", "disposition",
    "persistentDisposition", "readPoint", "bizLocation", "sensorElementList",
)  # fmt: skip
_KNOWN = LEFT_OUT | {*_FIRST, *_ORDER, *_MEMBERS, "ilmd"}

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_BARE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def event_hash(event: Mapping[str, Any], context: Any = None) -> str:
    """``ni:///sha-256;<digest>?ver=CBV2.0`` of an event; ``context`` is the ``@context`` of its document."""
    digest = hashlib.sha256(pre_hash(event, context).encode()).hexdigest()
    return f"ni:///sha-256;{digest}?ver={VERSION}"


def pre_hash(event: Mapping[str, Any], context: Any = None) -> str:
    """The string that is hashed: all elements in canonical order, with nothing between them."""
    words = _Words({**PREFIXES, **_prefixes(context), **_prefixes(event.get("@context"))})
    parts = [f"eventType={words.key(_text(event.get('type')))}"]
    parts += [words.field(name, event.get(name)) for name in (*_FIRST, *_ORDER)]
    # What follows is sorted by its own text in the published hashes; ``ilmd`` stands between the two lists by that.
    parts += [
        words.pairs("bizTransactionList", event),
        words.pairs("destinationList", event),
        words.extensions("ilmd", event.get("ilmd")),
        words.pairs("sourceList", event),
    ]
    parts.append(words.own(event, _KNOWN))
    return "".join(parts)


class _Words:
    """Brings keys and values into one form. ``prefixes``: those of compact URIs."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.prefixes = prefixes

    def key(self, name: str) -> str:
        """A key of an extension as ``{namespace}local``; one without a known prefix as it stands."""
        prefix, found, local = name.partition(":")
        return f"{{{self.prefixes[prefix]}}}{local}" if found and prefix in self.prefixes else name

    def value(self, value: Any, vocabulary: str = "") -> str:
        """A value in canonical form; ``vocabulary`` is what a bare word is a term of."""
        if isinstance(value, bool):
            return "true" if value else "false"
        text = str(value).strip()
        if _NUMBER.fullmatch(text):
            return plain_number(text)
        if vocabulary and _BARE.fullmatch(text):
            return vocabulary + text
        for old, new in OLD_VOCABULARY.items():
            if text.startswith(old):
                return new + text.removeprefix(old)
        prefix, found, local = text.partition(":")
        if found and prefix in self.prefixes and not local.startswith("//"):
            return self.prefixes[prefix] + local
        return canonical(text) or text

    def field(self, name: str, value: Any) -> str:
        """One property of the standard; empty where there is nothing in it."""
        if name in _NAMES:
            return self._list(name, (self._said(_NAMES[name], each) for each in _each(value)))
        if name.endswith("uantityList"):
            members = ("".join(self._said(key, each.get(key)) for key in _QUANTITY) for each in _dicts(value))
            return self._list(name, (f"quantityElement{each}" for each in members if each))
        match name:
            case "persistentDisposition":
                return self._persistent(value)
            case "readPoint" | "bizLocation":
                return self._fields(name, value, ("id",))
            case "sensorElementList":
                return self._list(name, (self._sensor(each) for each in _dicts(value)))
            case _:
                return "".join(sorted(self._said(name, each) for each in _each(value)))

    def pairs(self, name: str, event: Mapping[str, Any]) -> str:
        """Transactions, sources or destinations: each its type, then itself."""
        member = _MEMBERS[name]

        def said(each: Mapping[str, Any]) -> str:
            kind = each.get("type")
            typed = "" if kind in (None, "") else f"type={self.value(kind, VOCABULARY[name])}"
            return typed + self._said(member, each.get(member))

        return self._list(name, (said(each) for each in _dicts(event.get(name))))

    def extensions(self, name: str, value: Any) -> str:
        """Master data: elements of any namespace under one key."""
        if not isinstance(value, dict):
            return ""
        inner = self.own(value, frozenset())
        return f"{name}{inner}" if inner else ""

    def own(self, holder: Mapping[str, Any], known: Iterable[str]) -> str:
        """The elements of a holder that are none of the standard's, however deep, sorted."""
        return "".join(sorted(self._own(holder, known)))

    def _own(self, holder: Mapping[str, Any], known: Iterable[str]) -> Iterable[str]:
        for name, value in holder.items():
            if name in known or value is None:
                continue
            key = self.key(name)
            for each in _each(value):
                if isinstance(each, dict):
                    yield key + self.own(each, ())
                else:
                    text = self.value(each)
                    yield f"{key}={text}" if text else key

    def _said(self, name: str, value: Any) -> str:
        if value is None or value == "" or isinstance(value, dict | list):
            return ""
        if name in _TIMES:
            return f"{name}={utc_moment(str(value).strip())}"
        return f"{name}={self.value(value, VOCABULARY.get(name, ''))}"

    def _persistent(self, value: Any) -> str:
        if not isinstance(value, dict):
            return ""
        said = ["".join(sorted(self._said(name, each) for each in _each(value.get(name)))) for name in ("set", "unset")]
        inner = "".join(said)
        return f"persistentDisposition{inner}" if inner else ""

    def _fields(self, name: str, value: Any, order: Sequence[str], kinds: str = "") -> str:
        """An element with fields of the standard, then what else somebody put into it."""
        if not isinstance(value, dict):
            return ""
        said = [
            f"type={self.value(value['type'], kinds)}" if key == "type" and value.get("type") else self._said(key, each)
            for key in order
            for each in _each(value.get(key))
        ]
        inner = "".join(said) + self.own(value, order)
        return f"{name}{inner}" if inner else ""

    def _sensor(self, element: Mapping[str, Any]) -> str:
        metadata = self._fields("sensorMetadata", element.get("sensorMetadata"), _METADATA)
        reports = sorted(
            self._fields("sensorReport", each, _REPORT, VOCABULARY["sensorReport"])
            for each in _dicts(element.get("sensorReport"))
        )
        known = ("type", "sensorMetadata", "sensorReport")
        inner = metadata + "".join(reports) + self.own(element, known)
        return f"sensorElement{inner}" if inner else ""

    def _list(self, name: str, members: Iterable[str]) -> str:
        said = sorted(each for each in members if each)
        return name + "".join(said) if said else ""


def _prefixes(context: Any) -> dict[str, str]:
    """The prefixes that a JSON-LD context declares."""
    found: dict[str, str] = {}
    for each in context if isinstance(context, list) else [context]:
        if isinstance(each, dict):
            found |= {name: uri for name, uri in each.items() if isinstance(uri, str) and not name.startswith("@")}
    return found


def extra_context(context: Any) -> list[Any]:
    """What a document's context adds to the standard's own: an event that leaves its document must take it along."""
    return [each for each in (context if isinstance(context, list) else [context]) if isinstance(each, dict) and each]


def _each(value: Any) -> list[Any]:
    """The members of a list, a single value as a list of one."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in _each(value) if isinstance(each, dict)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
