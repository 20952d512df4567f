"""The items of an intake body and what is said of each. Pure.

A refusal says where (a JSON path), what was required, and what came. A number that JSON does not have
(NaN, Infinity, 1e999) spoils its own item only, and is told with its place.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import msgspec

#: Deeper than any message of ours or of EPCIS, far less than what the stack takes.
DEEPEST = 64

T = TypeVar("T")

_AT = re.compile(r"^(?P<said>.*?)(?: - at `(?P<path>.*)`)?$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(?P<name>.*)`$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


class Refused(Exception):
    """An item, or the whole body, is not taken. ``where`` is a path below the item (``$`` = all of it)."""

    def __init__(self, where: str, required: str, got: str) -> None:
        super().__init__(f"{where}: required {required}, got {got}")
        self.where = where
        self.required = required
        self.got = got


class Item(msgspec.Struct, omit_defaults=True):
    """The answer to one item: taken or refused; ``unregistered``: taken, but of a site or device nobody knows."""

    index: int
    ok: bool
    where: str = ""
    required: str = ""
    got: str = ""
    unregistered: bool = False
    readings: int = 0


class Answer(msgspec.Struct):
    """The answer to a body, item by item in its order; ``refusal`` where the body as a whole was no list of items."""

    accepted: int
    refused: int
    items: list[Item]
    refusal: dict[str, str] | None = None

    @property
    def status(self) -> int:
        """200 all taken, 207 some, 422 none."""
        if self.refusal is not None or (self.refused and not self.accepted):
            return 422
        return 207 if self.refused else 200


def answer(items: Sequence[Item]) -> Answer:
    """The answer made of its items."""
    accepted = sum(item.ok for item in items)
    return Answer(accepted, len(items) - accepted, list(items))


def refused_whole(refusal: Refused) -> Answer:
    """The answer to a body in which no items can be seen."""
    return Answer(0, 0, [], {"where": refusal.where, "required": refusal.required, "got": refusal.got})


def refused_item(index: int, refusal: Refused, base: str = "$") -> Item:
    """The answer to an item that is not taken; ``base`` is the path of the list it stands in."""
    return Item(index, False, f"{base}[{index}]{refusal.where[1:]}", refusal.required, refusal.got)


def shown(value: object, limit: int = 80) -> str:
    """A value as a refusal quotes it: plain text, on one line, cut where it is long."""
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    text = {"None": "null", "True": "true", "False": "false"}.get(text, text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def read_body(body: bytes) -> Any:
    """The JSON of a body. What Python reads and JSON forbids (NaN, lone surrogates) is left for ``read_item``.

    Raises ``Refused`` with the place of what is no JSON at all.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Refused("$", "UTF-8 text", f"byte 0x{body[error.start]:02x} at {error.start}") from None
    except json.JSONDecodeError as error:
        got = shown(error.doc[error.pos : error.pos + 20]) if error.pos < len(error.doc) else "the end of the body"
        raise Refused("$", "JSON", f"{got} at line {error.lineno}, column {error.colno} ({error.msg})") from None
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits, bottomless nesting
        raise Refused("$", "JSON of sensible size", str(error)) from None


def read_item(item: Any, kind: type[T] | Any) -> T:
    """An item as a message. Raises ``Refused``."""
    check_plain(item)
    try:
        found: T = msgspec.convert(item, kind)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), item) from None
    return found


def check_plain(item: Any) -> None:
    """Refuse what JSON cannot carry, and what is nested too deep, with its place."""
    for path, value, depth in _walk(item):
        if depth > DEEPEST:
            raise Refused(path, f"at most {DEEPEST} levels", "more")
        if isinstance(value, float) and not math.isfinite(value):
            raise Refused(
                path, "a finite JSON number", {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
            )
        if isinstance(value, str) and "\0" in value:
            raise Refused(path, "text without NUL", shown(value))
        if isinstance(value, str) and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise Refused(path, "text without lone surrogates", shown(value)) from None


def _walk(item: Any) -> Iterator[tuple[str, Any, int]]:
    """Every value and every key with its path, without recursion."""
    waiting: list[tuple[str, Any, int]] = [("$", item, 0)]
    while waiting:
        path, value, depth = waiting.pop()
        yield path, value, depth
        if depth > DEEPEST:
            continue
        if isinstance(value, dict):
            for name, inner in value.items():
                yield path, name, depth
                waiting.append((f"{path}.{shown_name(name)}", inner, depth + 1))
        elif isinstance(value, list):
            waiting += ((f"{path}[{place}]", inner, depth + 1) for place, inner in enumerate(value))


def shown_name(name: str) -> str:
    """A key in a path."""
    return name[:60] if name.isprintable() else ascii(name[:60])[1:-1]


def _refusal(text: str, item: Any) -> Refused:
    match = _AT.match(text)
    assert match is not None
    said, path = match["said"], match["path"] or "$"
    if missing := _MISSING.match(said):
        return Refused(f"{path}.{missing['name']}", f"field {missing['name']}", "nothing")
    required, _, got = said.removeprefix("Expected ").partition(", got ")
    found, value = _look_up(item, path)
    if found:
        got = shown(value)
    if said.startswith("Invalid value"):
        required = "one of the values the schema lists"
    return Refused(path, required.replace("`", ""), got.replace("`", "") or "something else")


def _look_up(item: Any, path: str) -> tuple[bool, Any]:
    for name, place in _STEP.findall(path):
        try:
            item = item[name] if name else item[int(place)]
        except (KeyError, IndexError, TypeError):
            return False, None
    return "..." not in path, item
