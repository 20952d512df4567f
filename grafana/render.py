"""Walls as JSON files in ``rendered/``, committed, so that they can be imported by hand and their changes read."""

import json
from collections.abc import Sequence
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from grafana.walls import LANGUAGES, wall, wall_uid
from topics.domain import Domain

RENDERED = Path(__file__).parent / "rendered"


def rendered(domains: Sequence[Domain]) -> dict[str, str]:
    """File name → JSON text of each wall."""
    return {
        f"{wall_uid(language)}.json": json.dumps(
            json.loads(JSONEncoder(sort_keys=True, indent=2).encode(wall(domains, language))),
            ensure_ascii=False, indent=2, sort_keys=True,
        )
        + "\n"
        for language in LANGUAGES
    }  # fmt: skip


def write(files: dict[str, str], folder: Path = RENDERED) -> list[str]:
    """Write the files; gives the names of those that changed."""
    changed = stale(files, folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in changed:
        (folder / name).write_text(files[name], encoding="utf-8")
    return changed


def stale(files: dict[str, str], folder: Path = RENDERED) -> list[str]:
    """Names of the files that are not what the code says, missing ones included."""
    return [
        name
        for name, text in files.items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text
    ]
