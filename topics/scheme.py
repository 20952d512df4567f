"""Severity schemes: levels and colours are data of a scheme, never an enum in code."""

import tomllib
from pathlib import Path

import msgspec

from topics.finding import Text

FOLDER = Path(__file__).parent / "schemes"


class Level(msgspec.Struct, frozen=True):
    """One level; a higher ``rank`` is worse. ``cap_severity`` is CAP 1.2's word for it."""

    code: str
    rank: int
    title: Text
    colour: str
    cap_severity: str
    gb_level: str = ""


class Scheme(msgspec.Struct, frozen=True):
    """An ordered set of levels under one name."""

    name: str
    source: str
    levels: tuple[Level, ...]

    def level(self, code: str) -> Level:
        """The level with this code; ``KeyError`` lists the codes there are."""
        for level in self.levels:
            if level.code == code:
                return level
        raise KeyError(f"scheme {self.name}: expected one of {[each.code for each in self.levels]}, got {code!r}")

    def rank(self, code: str) -> int:
        """How grave a level is, higher = graver. Raises ``KeyError`` for a code there is not."""
        return self.level(code).rank


def load_scheme(name: str = "four-colours") -> Scheme:
    """Read ``schemes/<name>.toml``."""
    path = FOLDER / f"{name}.toml"
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Scheme)
