"""From the rows of a file to records of the registry: each line is taken or refused with its reasons. Pure.

A row with a ``site`` is a device, one row for each of its quantities; a row without is a site. An import
adds and changes; it never takes a quantity away, and never changes what a series id stands for.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from records.registry import Device, Registry, SeriesMeta, Site
from records.registry_columns import COLUMNS, read_cells
from records.registry_rows import Form, Refusal, Row, read_rows, shown
from topics.finding import Text


@dataclass(slots=True)
class Import:
    """What an import would do: ``records`` to publish (new or changed), how many are as before, and the refusals.

    ``lines`` counts the lines that hold a record, good or bad.
    """

    records: list[Site | Device] = field(default_factory=list)
    unchanged: int = 0
    lines: int = 0
    refusals: list[Refusal] = field(default_factory=list)


def plan_import(data: bytes, form: Form, registry: Registry, domains: Collection[str], zone: ZoneInfo) -> Import:
    """Read a whole file against the registry as it is; ``domains`` are the names of the packs there are.

    ``zone`` is the city's, for days and moments that name none.
    """
    plan = _Plan(registry, domains, zone)
    devices: list[Row] = []
    for row in read_rows(data, form, frozenset(COLUMNS)):
        if isinstance(row, Refusal):
            plan.result.refusals.append(row)
        elif "site" in row.cells:
            devices.append(row)
        else:
            plan.take(row, "s", plan.site)
    for row in devices:  # after all sites, wherever those stand in the file
        plan.take(row, "d", plan.device)
    return plan.finished()


class _Plan:
    def __init__(self, registry: Registry, domains: Collection[str], zone: ZoneInfo) -> None:
        self.registry = registry
        self.domains = domains
        self.zone = zone
        self.result = Import()
        self.sites: dict[str, Site] = {}
        self.devices: dict[str, Device] = {}
        self.given: set[tuple[str, str | None]] = set()
        #: Ids without regard to case, so that "mn1" is not taken for another device than "MN1".
        self.spellings = {("s", each.id.casefold()): each.id for each in registry.sites()}
        self.spellings |= {("d", each.id.casefold()): each.id for each in registry.devices()}

    def take(self, row: Row, kind: str, make: Callable[[int, dict[str, Any]], Refusal | None]) -> None:
        """Check each cell alone, then the record; a row with any fault leaves nothing behind."""
        self.result.lines += 1
        values, faults = read_cells(row, kind, self.zone)
        if not faults:
            spelling = (kind, values["id"].casefold())
            if (fault := self._spelling(row.line, spelling, values["id"]) or make(row.line, values)) is not None:
                faults.append(fault)
            else:
                self.spellings[spelling] = values["id"]
        self.result.refusals += faults

    def _spelling(self, line: int, spelling: tuple[str, str], name: str) -> Refusal | None:
        known = self.spellings.get(spelling, name)
        return None if known == name else Refusal(line, "id", f"{known!r} as it is known", shown(name))

    def site(self, line: int, values: dict[str, Any]) -> Refusal | None:
        """Take a site, or say why not."""
        if values["domain"] not in self.domains:
            return Refusal(line, "domain", f"one of {', '.join(sorted(self.domains))}", shown(values["domain"]))
        if values["id"] in self.sites:
            return Refusal(line, "id", "each site once in a file", shown(values["id"]))
        before = self.registry.site(values["id"])
        if before is not None and before.domain != values["domain"]:
            required = f"{before.domain!r} as before: what a series id stands for never changes"
            return Refusal(line, "domain", required, shown(values["domain"]))
        rest = {name: value for name, value in values.items() if not name.startswith("title_")}
        self.sites[values["id"]] = Site(**rest, title=Text(values["title_zh"], values["title_en"]))
        return None

    def device(self, line: int, values: dict[str, Any]) -> Refusal | None:
        """Take a device with one of its quantities, or say why not."""
        name, site, quantity = values["id"], values["site"], values.get("quantity")
        if site not in self.sites and self.registry.site(site) is None:
            return Refusal(line, "site", "a site of the registry or of a good line of this file", shown(site))
        before = self.devices.get(name) or self.registry.device(name)
        if before is not None and before.site != site:
            return Refusal(line, "site", f"{before.site!r} as before: series ids never change", shown(site))
        if (name, quantity) in self.given:
            return Refusal(line, "quantity", "each quantity of a device once in a file", shown(quantity))
        quantities = dict(before.quantities) if before is not None else {}
        if quantity is not None:
            quantities[quantity] = _meta(values)
        own = ("id", "site", "kind", "aliases", "group", "valid_from", "valid_to", "retired")
        rest = {column: values[column] for column in own if column in values}
        device = Device(**rest, quantities=quantities, title=_title(values, ""))
        if name in self.devices and msgspec.structs.replace(self.devices[name], quantities=quantities) != device:
            return Refusal(line, "", f"the same as in the other lines of device {name}", "another kind, title or time")
        self.devices[name] = device
        self.given.add((name, quantity))
        return None

    def finished(self) -> Import:
        """The records that differ from the registry's, sites first, and the refusals in the order of lines."""
        records: list[Site | Device] = [*self.sites.values(), *self.devices.values()]
        for record in records:
            before = self.registry.site(record.id) if isinstance(record, Site) else self.registry.device(record.id)
            if record == before:
                self.result.unchanged += 1
            else:
                self.result.records.append(record)
        self.result.refusals.sort(key=lambda refusal: refusal.line)
        return self.result


def _meta(values: dict[str, Any]) -> SeriesMeta:
    own = {name: values[name] for name in ("unit", "sensor_class", "statistics", "sent_as") if name in values}
    return SeriesMeta(**own, title=_title(values, "quantity_"))


def _title(values: dict[str, Any], prefix: str) -> Text | None:
    chinese, english = values.get(f"{prefix}title_zh", ""), values.get(f"{prefix}title_en", "")
    return Text(chinese or english, english or chinese) if chinese or english else None
