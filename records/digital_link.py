"""GS1 identifiers in one form: the constrained canonical GS1 Digital Link URI that CBV 2.0 8.9.2 asks of event hashes.

Read are EPC URIs (``urn:epc:id``, ``class``, ``idpat``; EPC Tag Data Standard 6 and 7) and Digital Link URIs of any
domain (GS1 Digital Link: URI Syntax 1.2, sections 4 and 4.11). Pure.
"""

import functools
import re
from collections.abc import Callable
from urllib.parse import urlsplit

BASE = "https://id.gs1.org"

#: What a key's value looks like, by its application identifier (GS1 General Specifications 3.2).
KEYS: dict[str, str] = {
    "00": r"\d{18}",
    "01": r"\d{8}|\d{12,14}",
    "253": r"\d{13}\S{0,17}",
    "255": r"\d{13}\d{0,12}",
    "401": r"\S{1,90}",
    "402": r"\d{17}",
    "414": r"\d{13}",
    "417": r"\d{13}",
    "8003": r"\d{14}\S{0,48}",
    "8004": r"\S{1,90}",
    "8006": r"\d{18}",
    "8010": r"\S{1,90}",
    "8017": r"\d{18}",
    "8018": r"\d{18}",
}

#: The qualifiers that may stand behind a key: those that are kept, the finest first, and those that are dropped.
QUALIFIERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "01": (("21", "235", "10"), ("22",)),
    "8006": (("21", "10"), ("22",)),
    "8010": (("8011",), ()),
    "414": (("254",), ()),
    "8017": ((), ("8019",)),
    "8018": ((), ("8019",)),
}

#: Short names in place of application identifiers (Digital Link 1.2, 4.9).
SHORT = {
    "sscc": "00", "gtin": "01", "gdti": "253", "gcn": "255", "ginc": "401", "gsin": "402", "gln": "414",
    "party": "417", "grai": "8003", "giai": "8004", "itip": "8006", "cpid": "8010", "gsrnp": "8017", "gsrn": "8018",
    "lot": "10", "ser": "21", "cpv": "22", "glnx": "254", "cpsn": "8011", "refno": "8019", "srin": "8019",
}  # fmt: skip

#: Symbols that a path needs escaped and that an EPC URI does not (Digital Link 1.2, table 7-1).
_ESCAPED = str.maketrans({symbol: f"%{ord(symbol):02X}" for symbol in "!()*+,:"})

_URN = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(\d{6,12})\.(.*)")


@functools.lru_cache(maxsize=65_536)  # places, devices and goods are named again and again
def canonical(uri: str) -> str | None:
    """The canonical form, ``None`` for what names no GS1 key."""
    if uri.startswith("urn:epc:"):
        return _of_urn(uri)
    if uri.startswith(("https://", "http://")):
        return _of_link(uri)
    return None


def one_name(uri: str) -> str:
    """One name for what is called by an EPC URI here and by a link there; what names no GS1 key is called as it is.

    >>> one_name("urn:epc:class:lgtin:6900000.000888.L9")
    'https://id.gs1.org/01/06900000008881/10/L9'
    >>> one_name("urn:uuid:1")
    'urn:uuid:1'
    """
    return canonical(uri) or uri


def check_digit(digits: str) -> str:
    """The check digit of a GS1 key without it (General Specifications 7.9)."""
    total = sum(int(each) * (1 if place % 2 else 3) for place, each in enumerate(reversed(digits)))
    return str(-total % 10)


def _of_urn(uri: str) -> str | None:
    matched = _URN.fullmatch(uri)
    if matched is None:
        return None
    form, scheme, prefix, rest = matched.groups()
    reading = _SCHEMES.get(scheme)
    if reading is None:
        return None
    parts = rest.split(".", reading[0] - 1)
    if form == "idpat":
        # A pattern's last part stands for any: what is left is the class.
        if parts[-1] != "*" or "*" in "".join(parts[:-1]):
            return None
        parts[-1] = ""
    if len(parts) != reading[0]:
        return None
    path = reading[1](prefix, parts)
    return None if path is None else f"{BASE}/{path}"


def _numbered(digits: str, length: int) -> str | None:
    """A key of ``length`` digits with its check digit behind it, ``None`` where it is not of that length."""
    return digits + check_digit(digits) if len(digits) == length and digits.isdecimal() else None


def _tail(identifier: str, value: str) -> str:
    return f"/{identifier}/{value.translate(_ESCAPED)}" if value else ""


def _item(prefix: str, item: str) -> str | None:
    return _numbered(item[:1] + prefix + item[1:], 13)


def _goods(qualifier: str) -> Callable[[str, list[str]], str | None]:
    def read(prefix: str, parts: list[str]) -> str | None:
        gtin = _item(prefix, parts[0])
        return None if gtin is None else f"01/{gtin}{_tail(qualifier, parts[1])}"

    return read


def _piece(prefix: str, parts: list[str]) -> str | None:
    gtin = _item(prefix, parts[0])
    return None if gtin is None else f"8006/{gtin}{parts[1]}{parts[2]}{_tail('21', parts[3])}"


def _key(identifier: str, length: int) -> Callable[[str, list[str]], str | None]:
    def read(prefix: str, parts: list[str]) -> str | None:
        key = _numbered(prefix + parts[0], length)
        return None if key is None else f"{identifier}/{key}"

    return read


def _box(prefix: str, parts: list[str]) -> str | None:
    key = _numbered(parts[0][:1] + prefix + parts[0][1:], 17)
    return None if key is None else f"00/{key}"


def _place(prefix: str, parts: list[str]) -> str | None:
    key = _numbered(prefix + parts[0], 12)
    return None if key is None else f"414/{key}{_tail('254', '' if parts[1] == '0' else parts[1])}"


def _serialised(identifier: str, lead: str) -> Callable[[str, list[str]], str | None]:
    def read(prefix: str, parts: list[str]) -> str | None:
        key = _numbered(prefix + parts[0], 12)
        return None if key is None else f"{identifier}/{lead}{key}{parts[1].translate(_ESCAPED)}"

    return read


def _free(identifier: str) -> Callable[[str, list[str]], str | None]:
    return lambda prefix, parts: f"{identifier}/{prefix}{parts[0].translate(_ESCAPED)}" if parts[0] else None


def _component(prefix: str, parts: list[str]) -> str | None:
    return f"8010/{prefix}{parts[0].translate(_ESCAPED)}{_tail('8011', parts[1])}"


#: EPC scheme → how many parts follow the company prefix, and how they become a path.
_SCHEMES: dict[str, tuple[int, Callable[[str, list[str]], str | None]]] = {
    "sgtin": (2, _goods("21")),
    "lgtin": (2, _goods("10")),
    "upui": (2, _goods("235")),
    "itip": (4, _piece),
    "sscc": (1, _box),
    "sgln": (2, _place),
    "pgln": (1, _key("417", 12)),
    "gsrn": (1, _key("8018", 17)),
    "gsrnp": (1, _key("8017", 17)),
    "gsin": (1, _key("402", 16)),
    "grai": (2, _serialised("8003", "0")),
    "gdti": (2, _serialised("253", "")),
    "sgcn": (2, _serialised("255", "")),
    "giai": (1, _free("8004")),
    "ginc": (1, _free("401")),
    "cpi": (2, _component),
}


def _of_link(uri: str) -> str | None:
    try:
        path = urlsplit(uri).path
    except ValueError:
        return None
    names = [part for part in path.split("/") if part]
    for at in range(len(names) - 1):
        found = _pairs(names[at:])
        if found is not None:
            return found
    return None


def _pairs(names: list[str]) -> str | None:
    """The key that begins here, where all that follows are its qualifiers."""
    if len(names) % 2:
        return None
    pairs = [(SHORT.get(name, name), value) for name, value in zip(names[::2], names[1::2], strict=True)]
    (identifier, value), *rest = pairs
    kept, dropped = QUALIFIERS.get(identifier, ((), ()))
    if identifier not in KEYS or not re.fullmatch(KEYS[identifier], value):
        return None
    if any(name not in kept and name not in dropped for name, _ in rest):
        return None
    if identifier == "01":
        value = value.zfill(14)
    said = dict(rest)
    finest = next((name for name in kept if name in said), None)
    tail = "" if finest is None else _tail(finest, said[finest])
    return f"{BASE}/{identifier}/{value.translate(_ESCAPED)}{tail}"
