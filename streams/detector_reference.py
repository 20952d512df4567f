"""The generated page of detectors: the one table of detectors as its own docstrings and defaults say it."""

import dataclasses
import inspect
import re
from typing import Any

from detectors.calibration import DEFAULT_RATE, FUSED, LEAST_SCORES
from detectors.groups.members import DEFAULT as GROUP_DEFAULT
from detectors.groups.members import MEMBERS
from detectors.isolation_forest import FEATURES
from detectors.pack_tables import PackTables
from detectors.registry import DETECTORS
from topics.domain_file import load_domains

_SEES = {
    "rows": "every reading",
    "ticks": "every tick of city time",
    "late rows": "readings that come late or again",
    "minutes": "all series once a minute of city time",
}


def detectors_page() -> str:
    """docs/detector-table.md."""
    tables = PackTables(load_domains()[0])
    lines = [
        "# The table of detectors",
        "",
        "Written from `detectors/registry.py`. A pack chooses detectors by these names and sets what is set below",
        "(`[detectors.<name>]`); every number must be at least 0. What they see and answer is told in",
        "[detectors](detectors.md).",
        "",
        "| detector | family | looks at | version |",
        "|---|---|---|---|",
    ]
    built = {name: member.build(tables) for name, member in DETECTORS.items()}
    for name, member in DETECTORS.items():
        each = built[name]
        lines.append(f"| [`{name}`](#{name}) | {each.family} | {_SEES[member.sees]} | {each.version} |")
    for name, each in built.items():
        lines += ["", f"## `{name}`", ""]
        module = inspect.getmodule(type(each))
        lines += [_plain((module.__doc__ or "") if module else ""), "", _plain(type(each).__doc__ or ""), ""]
        settings = [field for field in dataclasses.fields(each) if field.repr]  # type: ignore[arg-type]
        if settings:
            lines += ["| setting | default |", "|---|---|"]
            lines += [f"| `{field.name}` | {_default(field.default)} |" for field in settings]
        else:
            lines.append("Nothing to set: what it needs stands in the quantity.")
    lines += [
        "",
        "## What is fused and what the forest sees",
        "",
        f"Fused into one rarity: {_names(FUSED)}. Features of the forest: {_names(FEATURES)}.",
        f"A class is calibrated from {LEAST_SCORES:,} pooled scores on.",
        f"The knob stands at {DEFAULT_RATE:g} false alerts per sensor and day.",
        "",
    ]
    return "\n".join(lines + _groups())


def _groups() -> list[str]:
    """The detectors of groups of channels."""
    lines = [
        "## Groups of channels",
        "",
        "Written from `detectors/groups/members.py`. A pack chooses one for each group (`[groups.<name>]`: `detector`,",
        f"`settings`), `{GROUP_DEFAULT}` where it names none. How they are fitted, judged and told stands in",
        "[groups of channels](channel-groups.md).",
        "",
        "| detector | parts of its score | channels at least | version |",
        "|---|---|---|---|",
    ]
    for name, kind in MEMBERS.items():
        lines.append(f"| [`{name}`](#{name}) | {_names(kind.PARTS)} | {kind.LEAST_CHANNELS} | {kind.version} |")
    for name, kind in MEMBERS.items():
        module = inspect.getmodule(kind)
        lines += ["", f"### `{name}`", "", _plain((module.__doc__ or "") if module else ""), ""]
        lines += [_plain(kind.__doc__ or ""), "", "| setting | default | from | to |", "|---|---|---|---|"]
        for field in dataclasses.fields(kind):  # type: ignore[arg-type]  # every member is a dataclass
            least, most = kind.BOUNDS[field.name]
            lines.append(f"| `{field.name}` | {field.default:g} | {least:g} | {most:g} |")
    return [*lines, ""]


def _plain(text: str) -> str:
    """A docstring as Markdown: its own line breaks, single backquotes."""
    return re.sub(r"``([^`]*)``", r"`\1`", inspect.cleandoc(text)).strip()


def _default(value: Any) -> str:
    return f"`{value}`" if isinstance(value, str) else f"{value:g}"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
