"""JSON Schemas as files, and those of this version, for comparing two versions of the product."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streams.topic_reference import topic_pages
from topics.errors import ConfigurationError

ENDING = ".schema.json"


def schemas_in(place: Path) -> dict[str, Any]:
    """The schemas of a folder, or the one of a file, by topic. Raises ``ConfigurationError`` where there is none."""
    files = [place] if place.is_file() else sorted(place.glob(f"*{ENDING}"))
    if not files:
        raise ConfigurationError(f"{place}: expected files *{ENDING}, got none")
    found = {}
    for file in files:
        try:
            found[file.name.removesuffix(ENDING)] = json.loads(file.read_text(encoding="utf-8"))
        except (ValueError, OSError) as error:
            raise ConfigurationError(f"{file}: expected a JSON Schema, got: {error}") from error
    return found


def own_schemas() -> dict[str, Any]:
    """Those of this version, by topic."""
    pages = {path: page for path, page in topic_pages().items() if path.name.endswith(ENDING)}
    return {path.name.removesuffix(ENDING): json.loads(page()) for path, page in pages.items()}


def pairs(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Old and new schema of each topic that both have; a topic that comes or goes is no change of a schema."""
    return {name: (old[name], new[name]) for name in sorted(old.keys() & new.keys())}
