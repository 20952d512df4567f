"""Every type of message on every topic, read by the product's own readers: from newer and from older writers (D14)."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from alerts.intake import read_finding
from detectors.base import Outcome
from streams.event_lane import EventLane, decode_event
from streams.packs import load_packs
from streams.topic_reference import TYPES
from tests.streams.written_records import Kept
from tests.topics.whole_messages import UNHEARD, optional_of, whole
from topics.catalog import catalog
from topics.codec import decode_readings
from topics.events import GateIn
from topics.positions import read_told
from topics.published_pack import PublishedPack, content_hash, from_published, publish_form
from topics.reading import Control
from topics.schema import message_types
from topics.topic import Topic

#: Readers that are more than the decoding of the topic's type.
READERS: dict[str, Callable[[bytes], Any]] = {
    "readings.<domain>": lambda value: decode_readings([value])[0],
    "events.<domain>": decode_event,
    "findings": read_finding,
    "positions": read_told,
}

SHOWN = {topic.page: topic for topic in catalog(load_packs())}


def types_of(topic: Topic) -> tuple[Any, ...]:
    return tuple(each for each in TYPES.get(topic.page) or message_types(topic.type) if each is not bytes)


CASES = [(topic, kind) for topic in SHOWN.values() for kind in types_of(topic)]
NAMES = [f"{topic.page} {kind.__name__}" for topic, kind in CASES]

every_type = pytest.mark.parametrize(("topic", "kind"), CASES, ids=NAMES)


def read(topic: Topic, kind: Any, message: dict[str, Any]) -> Any:
    """As the product reads the topic; the types of a union tell themselves apart."""
    reader = READERS.get(topic.page) or (lambda value: msgspec.json.decode(value, type=kind))
    return reader(msgspec.json.encode(message))


def good(topic: Topic, kind: Any, *, unheard: bool = False) -> dict[str, Any]:
    """A message of that type with every field filled in."""
    message = whole(kind, unheard=unheard)
    if topic.page == "findings":
        message |= {"opened": 1_767_225_600_000, "time": 1_767_225_600_000, "closed": 1_767_225_600_000}
    if topic.page == "readings.<domain>" and kind is not Control:
        message |= {"series": "site/device/quantity/Rtd"}
    return message


def test_only_topics_of_bytes_are_left_out() -> None:
    left_out = {page for page, topic in SHOWN.items() if not types_of(topic)}
    assert left_out == {"state.<domain>", "models", "dead-letters", "positions-state", "cargo-conditions-state"}


@every_type
def test_fields_nobody_knows_change_nothing(topic: Topic, kind: Any) -> None:
    plain, newer = (good(topic, kind, unheard=unheard) for unheard in (False, True))
    assert newer["unheard-of"] and newer != plain
    assert read(topic, kind, newer) == read(topic, kind, plain)


@every_type
def test_optional_fields_of_a_newer_version_may_be_missing(topic: Topic, kind: Any) -> None:
    message = good(topic, kind)
    optional, _ = optional_of(kind)
    for name in optional:
        assert read(topic, kind, {key: value for key, value in message.items() if key != name}) is not None, name
    assert read(topic, kind, {key: value for key, value in message.items() if key not in optional}) is not None


@every_type
def test_a_required_field_that_is_missing_is_refused_by_its_name(topic: Topic, kind: Any) -> None:
    message = good(topic, kind)
    _, required = optional_of(kind)
    assert required
    for name in required:
        less = {key: value for key, value in message.items() if key != name}
        # What is neither a control nor an event is refused as an event.
        with pytest.raises((ValueError, msgspec.ValidationError), match=f"missing required field `({name}|event)`"):
            read(topic, kind, less)


@every_type
def test_a_reader_of_the_required_fields_alone_takes_what_we_write(topic: Topic, kind: Any) -> None:
    fields = [field for field in msgspec.structs.fields(kind) if field.required]
    first = msgspec.defstruct("FirstEdition", [(field.encode_name, field.type) for field in fields])
    ours = read(topic, kind, good(topic, kind))
    message = msgspec.convert(good(topic, kind), kind) if not isinstance(ours, kind) else ours
    taken = msgspec.json.decode(msgspec.json.encode(message), type=first)
    assert all(getattr(taken, each.encode_name) == getattr(message, each.name) for each in fields)


def test_events_of_other_versions_are_judged_and_incomplete_ones_are_dead_letters() -> None:
    """In the lane that a Faust worker and a Flink job judge events with."""
    whole_one = whole(GateIn) | {"site": "yard", "time": 1_767_225_600_000}
    judged: list[Any] = []

    class Judge:
        def apply(self, event: Any, offset: int, stamp: int) -> Outcome:
            judged.append(event)
            return Outcome()

        def tick(self, time_ms: int, offset: int, stamp: int) -> Outcome:
            return Outcome()

    required = optional_of(GateIn)[1]
    said = [
        whole_one | UNHEARD,
        {key: value for key, value in whole_one.items() if key in (*required, "event")},
        {key: value for key, value in whole_one.items() if key != "container"},
    ]
    records = [Kept(at, 0, b"yard", msgspec.json.encode(message)) for at, message in enumerate(said)]
    refused = EventLane(Judge(), 0, 1, 0).judge(records).refused
    assert [type(event) for event in judged] == [GateIn, GateIn]
    ((record, reason, detail),) = refused
    assert (record.offset, reason) == (2, "schema_mismatch") and "missing required field `container`" in detail


def test_a_pack_of_a_newer_version_is_read_without_what_is_new_in_it() -> None:
    (pack, *_) = load_packs()
    published = publish_form(pack, 1_767_225_600_000)
    newer = msgspec.json.decode(msgspec.json.encode(published.domain))
    newer |= {"unheard-of": {"mood": "good"}}
    newer["quantities"] = {name: table | {"mood": 1} for name, table in newer["quantities"].items()}
    said = PublishedPack(pack.name, content_hash(newer), published.effective, newer)
    assert from_published(said) == from_published(published)
