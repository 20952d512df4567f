"""Changes of a schema: what is told of each is what the product's own decoders do with messages of the other side."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
import pytest

from streams.topic_reference import TYPES
from topics.catalog import catalog
from topics.domain_file import load_domains
from topics.evolution import compare
from topics.schema import message_types, schema_of, schema_text

Short = Annotated[str, msgspec.Meta(max_length=5)]
Sure = Annotated[float, msgspec.Meta(ge=0)]


class Part(msgspec.Struct):
    n: int
    m: int = 0


@dataclass(frozen=True)
class Change:
    """The fields before and after, and messages that the old writer and the new writer say."""

    what: str
    old: tuple[Any, ...]
    new: tuple[Any, ...]
    old_says: dict[str, Any]
    new_says: dict[str, Any]


A = ("a", int)
CHANGES = (
    Change("an optional field comes", (A,), (A, ("b", int, 0)), {"a": 1}, {"a": 1, "b": 2}),
    Change("an optional field goes", (A, ("b", int, 0)), (A,), {"a": 1, "b": 2}, {"a": 1}),
    Change("a required field comes", (A,), (A, ("b", int)), {"a": 1}, {"a": 1, "b": 2}),
    Change("a required field goes", (A, ("b", int)), (A,), {"a": 1, "b": 2}, {"a": 1}),
    Change("a required field becomes optional", (A, ("b", int)), (A, ("b", int, 0)), {"a": 1, "b": 2}, {"a": 1}),
    Change("a field has another type", (A,), (("a", str),), {"a": 1}, {"a": "1"}),
    Change("a number may be null", (("a", float),), (("a", float | None),), {"a": 1.5}, {"a": None}),
    Change("whole numbers may have places", (A,), (("a", float),), {"a": 1}, {"a": 1.5}),
    Change("a word more", (("a", Literal["x"]),), (("a", Literal["x", "y"]),), {"a": "x"}, {"a": "y"}),
    Change("a text grows longer", (("a", Short),), (("a", str),), {"a": "short"}, {"a": "longer than five"}),
    Change("a bound comes", (("a", float),), (("a", Sure),), {"a": -1.0}, {"a": 1.0}),
    Change("within a list", (("a", list[int]),), (("a", list[str]),), {"a": [1]}, {"a": ["1"]}),
    Change("within a table", (("a", dict[str, int]),), (("a", dict[str, str]),), {"a": {"k": 1}}, {"a": {"k": "1"}}),
    Change("anything is taken", (A,), (("a", Any),), {"a": 1}, {"a": "1"}),
    Change("a part of its own comes", (A,), (A, ("p", Part | None, None)), {"a": 1}, {"a": 1, "p": {"n": 1}}),
    Change("nothing but the order", (A, ("b", int)), (("b", int), A), {"a": 1, "b": 2}, {"b": 2, "a": 1}),
)


def refused(kind: Any, message: Any) -> bool:
    """Whether a reader of this type refuses the message."""
    try:
        msgspec.json.decode(msgspec.json.encode(message), type=kind)
    except msgspec.ValidationError:
        return True
    return False


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.what)
def test_what_is_told_of_a_change_is_what_decoders_do(change: Change) -> None:
    old, new = (msgspec.defstruct("Message", fields) for fields in (change.old, change.new))
    told = compare(schema_of([old], "m"), schema_of([new], "m"))
    assert bool(told.breaks) == refused(new, change.old_says), told
    assert bool(told.readers_first) == refused(old, change.new_says), told


def test_a_kind_of_message_more_is_for_readers_first_and_one_less_breaks() -> None:
    one, two = (msgspec.defstruct(name, [A], tag=name, tag_field="event") for name in ("come", "gone"))
    less, more = schema_of([one], "m"), schema_of([one, two], "m")
    assert compare(less, more).breaks == ()
    assert compare(less, more).readers_first == ("the message: expected one of ['come'], may be gone",)
    assert compare(more, less).breaks == ("the message: expected one of ['come'], may be gone",)


def test_what_is_wrong_is_told_with_its_place() -> None:
    class Outer(msgspec.Struct):
        part: Part

    old = schema_of([Outer], "m")
    new = schema_of([Outer], "m")
    del new["$defs"]["Part"]["required"][0], new["$defs"]["Part"]["properties"]["n"]
    assert compare(old, new).readers_first == (".part.n: expected always, may be missing",)


@pytest.mark.parametrize(
    "topic", {topic.page: topic for topic in catalog(load_domains())}.values(), ids=lambda topic: topic.page
)
def test_no_change_is_no_change(topic: Any) -> None:
    kinds = TYPES.get(topic.page) or message_types(topic.type)
    if schema_text(topic, TYPES) is not None:
        schema = schema_of(kinds, topic.page)
        told = compare(schema, schema)
        assert told.breaks == told.readers_first == ()
