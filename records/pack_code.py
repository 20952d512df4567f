"""What a pack says of its lot in full, GTIN and lot, which tell equal lot codes of two products apart; and how a lot or
a piece is called in a sentence. Pure.
"""

import re
from urllib.parse import unquote, urlsplit

from records.digital_link import BASE, canonical
from topics.finding import Text

#: Element strings as printed under a bar code: "(01)06900000000021(17)150901(10)Y0812" (General Specifications 4.14).
_PRINTED = re.compile(r"\((\d{2,4})\)([^()]+)")
#: A product's lot or piece in its canonical form.
_CANONICAL = re.compile(rf"{BASE}/01/(\d{{14}})/(10|21)/(.+)")
#: GTIN and lot of a GS1 Digital Link, as in the picture code of a pack; other qualifiers may stand between and behind.
_LINKED = re.compile(r"/(?:01|gtin)/(\d{8,14})/(?:[^/]+/[^/]+/)*?(?:10|lot)/([^/]+)")


def pack_code(text: str) -> tuple[str, str] | None:
    """The lot code and the lot's canonical Digital Link; ``None`` for what does not name both.

    >>> pack_code("(01)06900000000021(10)Y0812")
    ('Y0812', 'https://id.gs1.org/01/06900000000021/10/Y0812')
    >>> pack_code("https://shop.example/01/06900000000021/10/Y0812/21/7?17=150901")
    ('Y0812', 'https://id.gs1.org/01/06900000000021/10/Y0812')
    >>> pack_code("Y0812") is None
    True
    """
    if text.startswith("("):
        said = dict(_PRINTED.findall(text))
        gtin, lot = said.get("01", ""), said.get("10", "").strip()
    elif text.startswith(("https://", "http://")):
        matched = _LINKED.search(_path(text))
        gtin, lot = (matched[1], unquote(matched[2])) if matched else ("", "")
    else:
        return None
    link = canonical(f"{BASE}/01/{gtin.strip()}/10/{lot}") if gtin and lot else None
    return (lot, link) if link else None


def _path(uri: str) -> str:
    try:
        return urlsplit(uri).path
    except ValueError:
        return ""


def spoken(name: str) -> Text:
    """What a reader calls a lot or a piece of which the record has a name of EPC; other names as they are.

    >>> spoken("urn:epc:id:sgtin:6900000.010734.3").en
    'GTIN 06900000107348, serial 3'
    """
    matched = _CANONICAL.fullmatch(canonical(name) or "")
    if matched is None:
        return Text(name, name)
    gtin, kind, code = matched[1], matched[2], unquote(matched[3])
    zh, en = ("批号", "lot") if kind == "10" else ("序列号", "serial")
    return Text(f"GTIN {gtin} {zh} {code}", f"GTIN {gtin}, {en} {code}")
