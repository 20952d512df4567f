"""The columns of a registry file and how one cell becomes a value. Pure."""

import datetime as dt
import math
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from records.credit_code import credit_code_fault
from records.registry import District, Id, Unit
from records.registry_rows import Refusal, Row, shown
from topics.reading import EARLIEST_MS, LATEST_MS


class Column(msgspec.Struct, frozen=True):
    """A column: of which records (s = site, d = device), those that must have it, its type, and what is required."""

    name: str
    of: str
    must: str
    type: Any
    required: str


_MOMENT = "a day or moment of ISO 8601 (the city's zone where it has none) or ms UTC"

COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("id", "sd", "sd", Id, "1 to 80 characters without / and blanks in front, not starting with ~"),
        Column("domain", "s", "s", str, "the name of a domain pack"),
        Column("title_zh", "sd", "s", str, "the name in Chinese"),
        Column("title_en", "sd", "s", str, "the name in English"),
        Column("firm", "s", "s", str, "the firm's name"),
        Column("district", "s", "s", District, "six digits (GB/T 2260)"),
        Column("lat", "s", "s", float, "degrees north (WGS-84), 3 to 54"),
        Column("lon", "s", "s", float, "degrees east (WGS-84), 73 to 136"),
        Column("source_type", "s", "", str, "text"),
        Column("credit_code", "s", "", str, "the firm's unified social credit code (GB 32100)"),
        Column("site", "d", "d", Id, "the id of a site"),
        Column("kind", "d", "d", str, "what it is: hj212, tag, gauge, …"),
        Column("quantity", "d", "", Id, "a quantity's code"),
        Column("unit", "d", "", Unit, "the station's unit of measure, up to 20 characters"),
        Column("sensor_class", "d", "", str, "text"),
        Column("statistics", "d", "", tuple[str, ...], "names like Rtd Avg, separated by blanks"),
        Column("sent_as", "d", "", tuple[str, ...], "codes the device sends it under, separated by blanks"),
        Column("quantity_title_zh", "d", "", str, "the quantity's name in Chinese"),
        Column("quantity_title_en", "d", "", str, "the quantity's name in English"),
        Column("aliases", "sd", "", tuple[str, ...], "other names such as GS1 URIs, separated by blanks"),
        Column("group", "sd", "", str, "text"),
        Column("valid_from", "sd", "", int, _MOMENT),
        Column("valid_to", "sd", "", int, _MOMENT),
        Column("retired", "sd", "", bool, "true or false"),
    )
}

#: Whole China with its seas: a point outside has its numbers swapped or is no degrees.
BOUNDS = {"lat": (3.0, 54.0), "lon": (73.0, 136.0)}


def read_cells(row: Row, kind: str, zone: ZoneInfo) -> tuple[dict[str, Any], list[Refusal]]:
    """The typed values of a row of this kind (s or d), and a refusal for each cell its column does not take."""
    values: dict[str, Any] = {}
    faults: list[Refusal] = []
    what = {"s": "a site", "d": "a device"}[kind]
    for name, cell in row.cells.items():
        column = COLUMNS[name]
        if kind not in column.of:
            faults.append(Refusal(row.line, name, f"nothing, as this line is {what}", shown(cell)))
            continue
        try:
            values[name] = _value(column, cell, zone)
        except ValueError as error:
            faults.append(Refusal(row.line, name, str(error) or column.required, shown(cell)))
    for column in COLUMNS.values():
        if kind in column.must and column.name not in row.cells:
            faults.append(Refusal(row.line, column.name, column.required, "nothing"))
    if not faults:
        faults = _validity(row.line, values)
    return values, faults


def _value(column: Column, cell: Any, zone: ZoneInfo) -> Any:
    if column.name in ("valid_from", "valid_to"):
        return _moment(cell, zone)
    if column.type == tuple[str, ...] and isinstance(cell, str):
        cell = cell.split()
    try:
        value = msgspec.convert(cell, column.type, strict=False)
    except msgspec.ValidationError:
        raise ValueError(column.required) from None
    if column.name in BOUNDS:
        low, high = BOUNDS[column.name]
        if not (math.isfinite(value) and low <= value <= high):
            raise ValueError(column.required)
    if column.name == "credit_code" and (fault := credit_code_fault(value)):
        raise ValueError(fault)
    return value


def _moment(cell: Any, zone: ZoneInfo) -> int:
    """Ms UTC of a day or moment."""
    try:
        if isinstance(cell, str) and not cell.isdecimal():
            moment = dt.datetime.fromisoformat(cell)
            time = int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1000)
        else:
            time = msgspec.convert(cell, int, strict=False)
    except (ValueError, OverflowError):
        raise ValueError(_MOMENT) from None
    if not EARLIEST_MS <= time <= LATEST_MS:
        raise ValueError("a moment from 2000 to 2100")
    return time


def _validity(line: int, values: dict[str, Any]) -> list[Refusal]:
    start, end = values.get("valid_from"), values.get("valid_to")
    if start is not None and end is not None and end <= start:
        return [Refusal(line, "valid_to", "a moment after valid_from", shown(end))]
    if values.get("retired") and end is None:
        return [Refusal(line, "valid_to", "the moment from which it is retired", "nothing")]
    return []
