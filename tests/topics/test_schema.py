"""JSON Schemas: written from the types, valid themselves, and saying yes and no where the codec does."""

import json
from typing import Any

import jsonschema
import pytest

from streams.topic_reference import TYPES, topic_pages
from topics.catalog import catalog
from topics.codec import decode_fetch, encode
from topics.domain_file import load_domains
from topics.pages import EXAMPLES
from topics.schema import schema_text, stem
from topics.topic import Topic

SHOWN = {topic.page: topic for topic in catalog(load_domains())}


def schema(page: str) -> Any:
    text = schema_text(SHOWN[page], TYPES)
    assert text is not None
    return json.loads(text)


@pytest.mark.parametrize("topic", SHOWN.values(), ids=lambda topic: topic.page)
def test_each_json_topic_has_a_valid_schema_and_a_page(topic: Topic) -> None:
    pages = {str(path) for path in topic_pages()}
    assert f"docs/topics/{stem(topic)}.md" in pages
    text = schema_text(topic, TYPES)
    assert (text is None) == (
        topic.name in {"models", "dead-letters", "positions-state", "cargo-conditions-state"}
        or topic.name.startswith("state.")
    )
    if text is not None:
        assert f"docs/schemas/{stem(topic)}.schema.json" in pages
        jsonschema.Draft202012Validator.check_schema(json.loads(text))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_on_the_pages_fit(name: str) -> None:
    topic = next(topic for topic in SHOWN.values() if stem(topic) == name)
    assert EXAMPLES[name] or schema_text(topic, TYPES) is None, "only bytes have no example"
    for example in EXAMPLES[name]:
        message = json.loads(encode(example))
        assert list(jsonschema.Draft202012Validator(schema(topic.page)).iter_errors(message)) == []


@pytest.mark.parametrize(
    "message",
    [
        {"series": "a/b/c/d", "time": 1_700_000_000_000, "value": "1"},
        {"series": "a/b/c/d", "time": 17, "value": 1},
        {"series": "a/b/c/d", "time": 1_700_000_000_000},
        {"series": "", "time": 1_700_000_000_000, "value": 1},
        {"series": "a/b/c/d", "time": 1_700_000_000_000, "value": 1, "flag": "NN"},
        {"series": "a/b/c/d", "time": 1_700_000_000_000, "value": 1, "schema": 0},
    ],
)
def test_schema_and_codec_refuse_alike(message: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(message, schema("readings.<domain>"))
    assert decode_fetch([encode(message)]).refused


def test_an_unknown_field_is_no_fault() -> None:
    message = {"series": "a/b/c/d", "time": 1_700_000_000_000, "value": 1, "mood": "good"}
    jsonschema.validate(message, schema("readings.<domain>"))
    assert not decode_fetch([encode(message)]).refused
