"""Where a fact is from, in the reader's language: the Chinese of what packs and tables give as their source.

A pack says a source in one text; it is part of the pack's content, so it stays as it is and is looked up only where
somebody reads it. What the table does not have is shown as it stands.
"""

import re
import tomllib
from functools import cache
from pathlib import Path

import msgspec

from topics.errors import ConfigurationError
from topics.finding import Text

FILE = Path(__file__).parent / "sources.toml"


_FROM_SADT = re.compile(r"SADT (?P<degrees>-?[0-9.]+) °C \((?P<listed>.+?)\); (?P<by>.+)")


class Sources(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table: Chinese by the text of a pack, and English where that text is not English alone."""

    zh: dict[str, str]
    en: dict[str, str]


def read_sources(path: Path = FILE) -> Sources:
    """Raises ``ConfigurationError`` naming the file and what is wrong in it."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Sources)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error


@cache
def _sources() -> Sources:
    return read_sources()


def source_text(said: str) -> Text:
    """A source, standard, edition or clause as people read it; of one that was put together, each part."""
    table = _sources()
    if said not in table.zh and (parts := _FROM_SADT.fullmatch(said)) is not None:
        listed, by = source_text(parts["listed"]), source_text(parts["by"])
        degrees = f"{parts['degrees']} °C"
        return Text(
            f"自加速分解温度 {degrees}（{listed.zh}）；{by.zh}", f"SADT {degrees} ({listed.en}); {by.en}"
        )  # fmt: skip
    return Text(table.zh.get(said, said), table.en.get(said, said))


def from_sadt(sadt_c: float, listed: str, by: str) -> str:
    """The source of a temperature (°C) derived from the self-accelerating decomposition temperature: where that is
    ``listed``, and ``by`` what the other follows from it. ``source_text`` reads it.
    """
    return f"SADT {sadt_c:g} °C ({listed}); {by}"


def edition_text(standard: str, edition: str) -> Text:
    """``GB/T 50493 (2019)``; the standard alone where it names its edition or has none."""
    name = source_text(standard)
    if not edition or edition in standard:
        return name
    said = source_text(edition)
    return Text(f"{name.zh}（{said.zh}）", f"{name.en} ({said.en})")
