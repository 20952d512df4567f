"""JSON Schemas of what travels, made from the message types themselves.

Written for whoever produces straight to the topics; docs/schemas holds them and a test keeps them true.
Messages may carry more than a schema says: unknown fields are ignored and counted (D14).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, get_args

import msgspec

from topics.topic import Topic

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def message_types(kind: Any) -> tuple[Any, ...]:
    """The members of a union of message types, or the one type there is."""
    return get_args(kind) if "|" in str(kind) else (kind,)


def schema_of(kinds: Sequence[Any], title: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a message that is one of ``kinds``."""
    schemas, components = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    one = schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}
    return {"$schema": _DIALECT, "title": title, **one, "$defs": components}


def schema_text(topic: Topic, types: Mapping[str, Sequence[Any]] | None = None) -> str | None:
    """The schema of a topic's messages as a file's text; ``None`` where they are not JSON of ours.

    ``types`` gives the message types that topics/ does not know, by the topic's name (``registry``).
    """
    kinds = (types or {}).get(topic.page) or message_types(topic.type)
    if bytes in kinds:
        return None
    return json.dumps(schema_of(kinds, topic.page), ensure_ascii=False, indent=2) + "\n"


def stem(topic: Topic) -> str:
    """``readings`` for ``readings.<domain>``: the name of the topic's page and schema."""
    return topic.page.removesuffix(".<domain>")
