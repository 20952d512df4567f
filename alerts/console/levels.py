"""How a severity looks: colours, order and words are the scheme's; the shape comes from its place in the order.

Colour alone never carries a level (one man in twelve cannot tell red from orange): each has a shape,
the scheme's numeral inside it, and its name beside it.
"""

import re
from typing import Any

from topics.scheme import FOLDER, Level, Scheme, load_scheme

#: From the worst level down; a scheme with more levels repeats the last shape.
SHAPES = ("square", "triangle", "diamond", "circle")
DARK, LIGHT = "#000000", "#ffffff"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.x, 0 black to 1 white) of ``#rrggbb``."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def ink_on(colour: str) -> str:
    """The text colour, dark or light, that reads better on this ground."""
    return max((DARK, LIGHT), key=lambda ink: contrast(ink, colour))


def load_schemes() -> tuple[Scheme, ...]:
    """Every scheme there is; where two share a code the first by name gives its look."""
    return tuple(load_scheme(path.stem) for path in sorted(FOLDER.glob("*.toml")))


def looks(schemes: tuple[Scheme, ...]) -> list[dict[str, Any]]:
    """What the pages' scripts need to draw each level, worst first within its scheme."""
    found: dict[str, dict[str, Any]] = {}
    for scheme in schemes:
        for place, level in enumerate(sorted(scheme.levels, key=lambda each: -each.rank)):
            found.setdefault(level.code, _look(level, place))
    return list(found.values())


def _look(level: Level, place: int) -> dict[str, Any]:
    return {
        "code": level.code,
        "rank": level.rank,
        "shape": SHAPES[min(place, len(SHAPES) - 1)],
        "numeral": level.gb_level or str(place + 1),
        "title": {"zh": level.title.zh, "en": level.title.en},
    }


def style_sheet(schemes: tuple[Scheme, ...]) -> str:
    """A rule per level that sets its colour and the ink that reads on it.

    Raises ``ValueError`` for a code or colour that is not safe to write into a style sheet.
    """
    rules: dict[str, str] = {}
    for scheme in schemes:
        for level in scheme.levels:
            if not _CODE.fullmatch(level.code) or not _COLOUR.fullmatch(level.colour):
                raise ValueError(
                    f"scheme {scheme.name}, level {level.code!r}: expected a plain code and a colour #rrggbb, "
                    f"got {level.colour!r}"
                )
            rule = f".level-{level.code} {{ --level: {level.colour}; --level-ink: {ink_on(level.colour)}; }}"
            rules.setdefault(level.code, rule)
    return "\n".join(rules.values()) + "\n"
