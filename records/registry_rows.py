"""From the bytes of a registry file to rows of cells: CSV, a JSON array, or JSON Lines. Pure.

All forms give the same flat cells. A JSON object may nest ``title`` and ``quantities`` as the records
themselves do (so what ``registry list --json`` prints can be imported again); it is flattened here.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

Form = Literal["csv", "json"]


class Refusal(msgspec.Struct, frozen=True):
    """Why one line was not taken. ``column`` is empty where the line as a whole is meant."""

    line: int
    column: str
    required: str
    got: str

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", {self.column}" if self.column else "")
        return f"{where}: required {self.required}, got {self.got}"


class Row(msgspec.Struct, frozen=True):
    """One line's cells; absent and empty cells are left out."""

    line: int
    cells: dict[str, Any]


def shown(value: object, limit: int = 60) -> str:
    """A value as a refusal quotes it: on one line, cut where it is long."""
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def read_rows(data: bytes, form: Form, columns: frozenset[str]) -> Iterator[Row | Refusal]:
    """The rows of a file in its order, and a refusal for each line that has none."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")  # what Chinese spreadsheets save
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            yield Refusal(line, "", "UTF-8 or GB 18030 text", f"byte 0x{data[error.start]:02x}")
            return
    yield from _csv_rows(text, columns) if form == "csv" else _json_rows(text, columns)


def _csv_rows(text: str, columns: frozenset[str]) -> Iterator[Row | Refusal]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    line = 1
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                pass
            elif not header:
                header = [cell.strip() for cell in cells]
                yield from (_unknown(line, name) for name in header if name not in columns)
            elif len(cells) > len(header):
                yield Refusal(line, "", f"{len(header)} cells as in the header", f"{len(cells)}")
            else:
                named = zip(header, cells, strict=False)
                yield Row(line, {name: cell.strip() for name, cell in named if cell.strip() and name in columns})
            line = reader.line_num + 1
    except csv.Error as error:
        yield Refusal(line, "", "a line of comma-separated cells, quotes closed", str(error))
    if not header:
        yield Refusal(1, "", "a header with the names of the columns", "an empty file")


def _unknown(line: int, name: str) -> Refusal:
    return Refusal(line, name, "a column of docs/registry.md", "an unknown column")


def _json_rows(text: str, columns: frozenset[str]) -> Iterator[Row | Refusal]:
    decoder = json.JSONDecoder()
    array = text.lstrip().startswith("[")
    at = text.index("[") + 1 if array else 0
    counted, line = 0, 1
    while True:
        while at < len(text) and (text[at].isspace() or (array and text[at] == ",")):
            at += 1
        if at >= len(text):
            if array:
                yield Refusal(line, "", "a ] at the end of the list", "the end of the file")
            return
        line += text.count("\n", counted, at)
        counted = at
        if array and text[at] == "]":
            return
        try:
            item, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            yield Refusal(line, "", "one JSON object", str(error))
            end = text.find("\n", at)
            if array or end < 0:
                return  # inside a list nobody can say where the next object begins
            at = end
            continue
        yield from _flat(line, item, columns)


def _flat(line: int, item: object, columns: frozenset[str]) -> Iterator[Row | Refusal]:
    if not isinstance(item, dict):
        yield Refusal(line, "", "one JSON object", shown(item))
        return
    cells = {name: value for name, value in item.items() if name not in ("title", "quantities", "schema")}
    _titles(cells, item.get("title"), "")
    quantities = item.get("quantities")
    if not quantities:
        yield from _known_row(line, cells, columns)
    elif not isinstance(quantities, dict):
        yield Refusal(line, "quantities", "an object of quantities by code", shown(quantities))
    else:
        for code, meta in quantities.items():
            if not isinstance(meta, dict):
                yield Refusal(line, f"quantities.{code}", "an object", shown(meta))
                continue
            more = {name: value for name, value in meta.items() if name != "title"}
            _titles(more, meta.get("title"), "quantity_")
            yield from _known_row(line, cells | more | {"quantity": code}, columns)


def _titles(cells: dict[str, Any], title: object, prefix: str) -> None:
    if isinstance(title, Mapping):
        for language in ("zh", "en"):
            cells[f"{prefix}title_{language}"] = title.get(language)
    elif title is not None:
        cells[f"{prefix}title_zh"] = cells[f"{prefix}title_en"] = title


def _known_row(line: int, cells: dict[str, Any], columns: frozenset[str]) -> Iterator[Row | Refusal]:
    yield from (_unknown(line, name) for name in cells if name not in columns)
    kept = {name: value for name, value in cells.items() if value not in (None, "", []) and name in columns}
    yield Row(line, kept)
