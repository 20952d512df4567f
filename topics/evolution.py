"""What a change of a topic's schema does to those who read and those who write, told from two JSON Schemas (D14).

A reader ignores fields it does not know and fills in optional ones that are missing. So a field may come or go as long
as it is optional; everything else that narrows what a reader takes, or widens what a writer says, is told here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Node = Mapping[str, Any]

ANYTHING = "anything"

#: Bounds of which the reader's must not be tighter: its name, and whether greater is tighter.
_BOUNDS = (
    ("minimum", True), ("exclusiveMinimum", True), ("minLength", True), ("minItems", True),
    ("maximum", False), ("exclusiveMaximum", False), ("maxLength", False), ("maxItems", False),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evolution:
    """``breaks``: what new readers may refuse of messages that are in the logs already: never allowed.
    ``readers_first``: what old readers may refuse of new messages: readers must be upgraded before writers."""

    breaks: tuple[str, ...]
    readers_first: tuple[str, ...]


def compare(old: Node, new: Node) -> Evolution:
    """What came of ``old`` in ``new``, two whole schemas as in docs/schemas."""
    return Evolution(tuple(_Look(new, old).at(new, old, "")), tuple(_Look(old, new).at(old, new, "")))


class _Look:
    """What a reader with one schema may refuse of what a writer with another says."""

    def __init__(self, reader: Node, writer: Node) -> None:
        self._reader = reader
        self._writer = writer
        self._seen: set[tuple[str, str]] = set()

    def at(self, reader: Node, writer: Node, path: str) -> Iterator[str]:
        names = reader.get("$ref", ""), writer.get("$ref", "")
        if all(names) and names in self._seen:
            return
        self._seen.add(names)
        reader, writer = _resolved(self._reader, reader), _resolved(self._writer, writer)
        if "anyOf" in writer or "anyOf" in reader:
            yield from self._unions(reader, writer, path)
            return
        where = path or "the message"
        if not _within(writer, reader):
            yield f"{where}: expected {_words(reader)}, may be {_words(writer)}"
            return
        yield from _values(reader, writer, where)
        if "properties" in reader and "properties" in writer:
            yield from self._fields(reader, writer, path)
        for key in ("items", "additionalProperties"):
            if isinstance(reader.get(key), Mapping) and isinstance(writer.get(key), Mapping):
                yield from self.at(reader[key], writer[key], f"{path}[]")

    def _fields(self, reader: Node, writer: Node, path: str) -> Iterator[str]:
        sure = writer.get("required", ())
        for name in reader.get("required", ()):
            if name not in sure:
                yield f"{path}.{name}: expected always, may be missing"
        for name, field in writer["properties"].items():
            if name in reader["properties"]:
                yield from self.at(reader["properties"][name], field, f"{path}.{name}")
            elif reader.get("additionalProperties") is False:
                yield f"{path}.{name}: expected no field that is not known, may be there"

    def _unions(self, reader: Node, writer: Node, path: str) -> Iterator[str]:
        for each in _alternatives(self._writer, writer):
            found = [list(_Look(self._reader, self._writer).at(one, each, path)) for one in self._of(reader, each)]
            if not found:
                yield f"{path or 'the message'}: expected one of {_kinds(self._reader, reader)}, may be {_kind(each)}"
            elif all(found):
                yield from min(found, key=len)

    def _of(self, reader: Node, alternative: Node) -> list[Node]:
        """Those of the reader's alternatives that are of the same kind: the same tag or name, else the same type."""
        every = _alternatives(self._reader, reader)
        return [each for each in every if _kind(each) == _kind(alternative)] or [
            each for each in every if "properties" not in each and _within(alternative, each)
        ]


def _resolved(root: Node, node: Node) -> Node:
    while "$ref" in node:
        node = root["$defs"][node["$ref"].rpartition("/")[2]]
    return node


def _alternatives(root: Node, node: Node) -> list[Node]:
    return [_resolved(root, each) for each in node.get("anyOf", [node])]


def _types(node: Node) -> set[str]:
    if "type" not in node:
        values = node.get("enum", [node["const"]] if "const" in node else None)
        if values is None:
            return {ANYTHING}
        return {"string" if isinstance(each, str) else "integer" for each in values}
    types = {node["type"]} if isinstance(node["type"], str) else set(node["type"])
    return types | {"integer"} if "number" in types else types


def _within(writer: Node, reader: Node) -> bool:
    return _types(writer) <= _types(reader) or _types(reader) == {ANYTHING}


def _values(reader: Node, writer: Node, where: str) -> Iterator[str]:
    known, said = _enumerated(reader), _enumerated(writer)
    if known is not None and (said is None or set(said) - set(known)):
        more = "anything" if said is None else sorted(set(said) - set(known))
        yield f"{where}: expected one of {sorted(known)}, may be {more}"
    for name, greater in _BOUNDS:
        bound, other = reader.get(name), writer.get(name)
        if said is None and bound is not None and (other is None or (other < bound if greater else other > bound)):
            yield f"{where}: expected {name} {bound}, may be {other if other is not None else 'anything'}"
    if "pattern" in reader and said is None and reader["pattern"] != writer.get("pattern"):
        yield f"{where}: expected the pattern {reader['pattern']}, may be {writer.get('pattern', 'anything')}"


def _enumerated(node: Node) -> Sequence[Any] | None:
    values: Sequence[Any] | None = node.get("enum", [node["const"]] if "const" in node else None)
    return values


def _kind(node: Node) -> str:
    """A tagged message's tag, another's name, of what is no message the type."""
    for field in node.get("properties", {}).values():
        if "const" in field:
            return str(field["const"])
        if len(field.get("enum", ())) == 1:
            return str(field["enum"][0])
    return str(node.get("title") or _words(node))


def _kinds(root: Node, node: Node) -> list[str]:
    return sorted(_kind(each) for each in _alternatives(root, node))


def _words(node: Node) -> str:
    return " or ".join(sorted(_types(node)))
