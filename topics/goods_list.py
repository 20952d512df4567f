"""A user's own goods list (CSV) as the rows that a pack adds to ours, and the pack with them. Pure.

The list of the IMDG code is licensed: it is never part of this product, and comes from the user's own copy.
"""

import csv
import datetime as dt
import hashlib
import io
import json
import math
import re
from collections.abc import Mapping

import msgspec

from topics.errors import ConfigurationError
from topics.finding import Text
from topics.goods import GoodsEntry, GoodsTemperatures, disordered
from topics.segregation_rules import load_groups

COLUMNS = ("un", "name_en", "class")
MORE = ("name_zh", "subsidiary", "packing_group", "groups", "no_water", "ems")
#: Columns of temperatures, °C; an empty cell stays unknown.
TEMPERATURES = ("sadt_c", "control_c", "emergency_c", "ceiling_c")

#: Around what an import wrote, for the next one to write anew: the list of now, and the one of before each day.
BEGIN = "# --- goods list, brought in by `citybrain goods import`; written anew by the next one"
BEGIN_OLDER = (
    "# --- goods list until {day}, brought in by `citybrain goods import --until`; written anew by the next one"
)
END = "# --- end of the goods list"
_WRITTEN = re.compile(r"(?ms)^# --- goods list\b.*?^# --- end of the goods list$")

UN = re.compile(r"^[0-9]{4}$")
CLASS = re.compile(r"^[1-9](\.[1-6])?[A-S]?$")
GROUP = re.compile(r"^(|I|II|III)$")
EMS = re.compile(r"^(|F-[A-J], ?S-[A-Z])$")


class Refusal(msgspec.Struct, frozen=True):
    """A line (from 1, with the heading) that is not taken, and why."""

    line: int
    why: str


class GoodsList(msgspec.Struct, frozen=True):
    """What a file gives: entries by UN number and the lines refused; ``source`` and ``confirmed`` as whoever brought it
    in said, ``digest`` the SHA-256 (hex) of its UTF-8.
    """

    entries: dict[str, GoodsEntry]
    refusals: tuple[Refusal, ...]
    source: str
    confirmed: bool
    digest: str


def read_goods_list(text: str, source: str, confirmed: bool) -> GoodsList:
    """Rows of a CSV with the columns ``un``, ``name_en``, ``class`` and any of ``name_zh``, ``subsidiary``, ``groups``
    (both separated by blanks or commas), ``packing_group``, ``no_water`` (yes or no), ``ems``, and the temperatures.

    A number that stands several times with other packing groups has none of its own; of temperatures that differ it
    has the lowest. Raises ``ConfigurationError`` for
    a file without the columns it needs.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    heading = [name.strip().lower() for name in rows.fieldnames or ()]
    rows.fieldnames = heading
    if missing := [name for name in COLUMNS if name not in heading]:
        raise ConfigurationError(f"goods list: expected the columns {', '.join(COLUMNS)}, got no {', '.join(missing)}")
    entries: dict[str, GoodsEntry] = {}
    refusals = []
    for row in rows:
        cells = {name: (row.get(name) or "").strip() for name in (*COLUMNS, *MORE, *TEMPERATURES)}
        try:
            entry = _entry(cells, source, confirmed)
            entries[entry.un] = _joined(entries.get(entry.un), entry)
        except ValueError as error:
            refusals.append(Refusal(rows.line_num, str(error)))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return GoodsList(dict(sorted(entries.items())), tuple(refusals), source, confirmed, digest)


def with_goods(pack: str, found: GoodsList, until: dt.date | None = None) -> str:
    """The text of a pack with this list at its end, in place of the last import's; with ``until`` it is an older list,
    which held before that day of the city, and takes the place of the last one of that day.

    Raises ``ConfigurationError`` for a pack that has such a table of its own elsewhere.
    """
    begin = BEGIN if until is None else BEGIN_OLDER.format(day=until)
    before, written, rest = pack.partition(f"{begin}\n")
    after = rest.partition(f"{END}\n")[2] if written else ""
    kept = "\n\n".join(part for part in (before.rstrip(), after.strip()) if part) + "\n"
    by_hand = re.search(r"(?m)^\s*\[\[?facts\.(goods|goods_list|goods_until)\b", _WRITTEN.sub("", kept))
    if by_hand is not None:
        table = f"[facts.{by_hand[1]}]"
        raise ConfigurationError(f"pack: expected no {table} of its own beside the imported list, got one")
    head, rows = ("facts.goods_list", "facts.goods")
    if until is not None:
        head = f'facts.goods_until."{until}"'
        rows = f"{head}.rows"
    sure = "true" if found.confirmed else "false"
    lines = [begin, "", f"[{head}]", f"source = {_text(found.source)}"]
    lines += [f"digest = {_text(found.digest)}", f"confirmed = {sure}"]
    lines += [f"[{rows}]"] if not found.entries else []
    for entry in found.entries.values():
        lines += ["", f"[{rows}.{json.dumps(entry.un)}]", *_fields(entry)]
    return "\n".join([kept, *lines, END, ""])


def _entry(cells: Mapping[str, str], source: str, confirmed: bool) -> GoodsEntry:
    for name, shape in (("un", UN), ("class", CLASS), ("packing_group", GROUP), ("ems", EMS)):
        if not shape.match(cells[name]):
            raise ValueError(f"{name}: expected {shape.pattern}, got {cells[name]!r}")
    subsidiary = _words(cells["subsidiary"])
    if wrong := [each for each in subsidiary if not CLASS.match(each)]:
        raise ValueError(f"subsidiary: expected classes, got {wrong[0]!r}")
    if not cells["name_en"]:
        raise ValueError("name_en: expected a proper shipping name, got nothing")
    if cells["no_water"].lower() not in ("", "yes", "no"):
        raise ValueError(f"no_water: expected yes or no, got {cells['no_water']!r}")
    return GoodsEntry(
        cells["un"],
        Text(cells["name_zh"] or cells["name_en"], cells["name_en"]),
        cells["class"],
        source,
        confirmed,
        subsidiary,
        cells["packing_group"],
        _groups(cells["groups"]),
        cells["no_water"].lower() == "yes",
        cells["ems"],
        _temperatures(cells, source, confirmed),
    )


def _temperatures(cells: Mapping[str, str], source: str, confirmed: bool) -> GoodsTemperatures | None:
    values = {name: _degrees(name, cells[name]) for name in TEMPERATURES if cells[name]}
    if not values:
        return None
    known = GoodsTemperatures(source, confirmed, **values)
    if wrong := disordered(known):
        raise ValueError(wrong)
    return known


def _degrees(name: str, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not -100.0 <= value <= 300.0:
        raise ValueError(f"{name}: expected degrees Celsius from -100 to 300, got {cell!r}")
    return value


def _joined(known: GoodsEntry | None, entry: GoodsEntry) -> GoodsEntry:
    if known is None:
        return entry
    if (known.hazard_class, known.subsidiary) != (entry.hazard_class, entry.subsidiary):
        raise ValueError(f"un {entry.un}: expected class and subsidiary hazards as before, got {entry.hazard_class}")
    return msgspec.structs.replace(
        known, packing_group="", temperatures=_lowest(known.temperatures, entry.temperatures)
    )


def _lowest(first: GoodsTemperatures | None, second: GoodsTemperatures | None) -> GoodsTemperatures | None:
    """The lower of each: which of the rows a box holds its number does not say."""
    if first is None or second is None:
        return first or second
    lowest = {}
    for name in TEMPERATURES:
        values = [value for each in (first, second) if (value := getattr(each, name)) is not None]
        lowest[name] = min(values, default=None)
    return msgspec.structs.replace(first, **lowest)


def _words(text: str) -> tuple[str, ...]:
    return tuple(each for each in re.split(r"[,;\s]+", text) if each)


def _groups(text: str) -> tuple[str, ...]:
    """Groups by the names our rules use; the list's own codes are read (``SGG1``, older ``SGG1a``)."""
    names = {each.code: each.name for each in load_groups()}
    return tuple(dict.fromkeys(names.get(re.sub("[a-z]$", "", each), each) for each in _words(text)))


def _fields(entry: GoodsEntry) -> list[str]:
    title = f"{{ zh = {_text(entry.title.zh)}, en = {_text(entry.title.en)} }}"
    lines = [f"title = {title}", f"hazard_class = {_text(entry.hazard_class)}"]
    for name in ("subsidiary", "groups"):
        if getattr(entry, name):
            lines.append(f"{name} = [{', '.join(_text(each) for each in getattr(entry, name))}]")
    lines += [f"{name} = {_text(value)}" for name in ("packing_group", "ems") if (value := getattr(entry, name))]
    if entry.no_water:
        lines.append("no_water = true")
    if entry.temperatures is not None:
        known = entry.temperatures
        values = [f"{name} = {value:g}" for name in TEMPERATURES if (value := getattr(known, name)) is not None]
        told = [f"source = {_text(known.source)}", f"confirmed = {'true' if known.confirmed else 'false'}"]
        lines.append(f"temperatures = {{ {', '.join([*values, *told])} }}")
    return [*lines, f"source = {_text(entry.source)}", f"confirmed = {'true' if entry.confirmed else 'false'}"]


def _text(value: str) -> str:
    """A basic string of TOML; JSON's escapes are among TOML's."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
