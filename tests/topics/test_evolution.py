"""Messages evolve (D14): a newer message is read by us, ours by an older reader; tried on every message type."""

from typing import Any

import msgspec
import pytest

from topics.domain import PublishedPack
from topics.events import Custody, Declared, Event, GateIn, GateOut, Goods, Observed, Stacked
from topics.finding import Finding, Origin, Text
from topics.pulse import Pulse
from topics.reading import Control, Reading

T = 1_700_000_000_000
GOODS = (Goods("1942", "AMMONIUM NITRATE", "5.1", 20.0),)
MESSAGES: tuple[Any, ...] = (
    Reading("s/d/q/Rtd", T, 1.0),
    Control("~tick", T),
    Declared("1", "s", T, "d", "c", GOODS),
    GateIn("1", "s", T, "c"),
    Stacked("1", "s", T, "c", "A", 1, 2, 3),
    GateOut("1", "s", T, "c"),
    Observed("1", "s", T, "smoke"),
    Custody("1", "s", T, {"type": "ObjectEvent"}),
    Finding(
        "f", "open", 0, "food", "s", "s/d/q/Rtd", "q", "limit", "limit", 1, "red", T, T, Text("超", "over"),
        Origin("readings.food", 0, 1, 1),
    ),
    Pulse("w", "food", T),
    PublishedPack("food", "0" * 64, T, {"name": "food"}),
)  # fmt: skip


def reader_of(message: Any) -> Any:
    return Event if isinstance(message, Event) else type(message)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_newer_message_is_read_here(message: Any) -> None:
    newer = msgspec.json.decode(msgspec.json.encode(message)) | {"invented later": {"x": [1]}, "schema": 9}
    read = msgspec.json.decode(msgspec.json.encode(newer), type=reader_of(message))
    assert read == msgspec.structs.replace(message, schema=9)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_an_older_message_without_the_optional_fields_is_read_here(message: Any) -> None:
    kind = type(message)
    required = {field.encode_name for field in msgspec.structs.fields(kind) if field.required}
    tag = {"event"} if reader_of(message) is Event else set()
    older = {key: value for key, value in msgspec.to_builtins(message).items() if key in required | tag}
    read = msgspec.json.decode(msgspec.json.encode(older), type=reader_of(message))
    assert isinstance(read, kind)
    assert read.schema == 1


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_first_edition_reader_takes_what_we_write(message: Any) -> None:
    fields = [field for field in msgspec.structs.fields(type(message)) if field.required]
    first_edition = msgspec.defstruct("FirstEdition", [(field.name, field.type) for field in fields])
    read = msgspec.json.decode(msgspec.json.encode(message), type=first_edition)
    assert all(getattr(read, field.name) == getattr(message, field.name) for field in fields)
