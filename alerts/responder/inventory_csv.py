"""What is in a yard as a table for spreadsheets: a row for each line of goods, and one for a box with none."""

from collections.abc import Iterator, Mapping, Set
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from alerts.csv_table import as_csv
from alerts.responder.api import local_time
from records.stays import Box, Place
from topics.city_zone import CITY_ZONE
from topics.events import Goods
from topics.finding import Text
from topics.goods import GoodsEntry

NOBODY = Text("", "")


class YardTable(msgspec.Struct, frozen=True):
    """What a row says beside its box: the yard and the moment (ms UTC) it shows, what the list knows of goods, and how
    many conflicts each box was in; ``past_limit`` are those that have stood longer than their class may.
    """

    site: str
    title: Text
    time: int
    goods: Mapping[str, GoodsEntry]
    conflicts: Mapping[str, int]
    past_limit: Set[str] = frozenset()
    zone: ZoneInfo = CITY_ZONE

    def csv(self, boxes: tuple[Box, ...]) -> str:
        """The table; of an empty yard its head alone."""
        rows = [row for box in boxes for row in self._rows(box)]
        if rows:
            return as_csv(rows)
        head, _, _ = as_csv(list(self._rows(Box("", self.time)))).partition("\r\n")
        return f"{head}\r\n"

    def _rows(self, box: Box) -> Iterator[dict[str, Any]]:
        for line in box.goods or (None,):
            yield {
                "site": self.site, "site_title": _both(self.title), "moment_city": local_time(self.time, self.zone),
                "container": box.container, **_place(box.place), "since_city": local_time(box.since, self.zone),
            } | self._goods(line) | {
                "owner": box.consignor, "emergency_contact": box.emergency_contact, "declaration": box.declaration,
                "too_close_to": self.conflicts.get(box.container, 0),
                "past_limit": "yes" if box.container in self.past_limit else "no",
            }  # fmt: skip

    def _goods(self, line: Goods | None) -> dict[str, Any]:
        """An empty cell = not known; ``no_water`` yes, no, or empty where the list does not have the goods."""
        entry = self.goods.get(line.un) if line is not None else None
        return {
            "un": line.un if line else "", "goods_title": _both(entry.title if entry else NOBODY),
            "declared_name": line.name if line else "", "hazard_class": line.hazard_class if line else "",
            "subsidiary": " ".join(line.subsidiary) if line else "",
            "packing_group": line.packing_group if line else "", "mass_t": line.mass_t if line else "",
            "ems": (line.ems if line else "") or (entry.ems if entry else ""),
            "no_water": ("yes" if entry.no_water else "no") if entry else "",
            "control_c": _number(line.control_c if line else None),
            "emergency_c": _number(line.emergency_c if line else None),
        }  # fmt: skip


def _place(place: Place | None) -> dict[str, Any]:
    if place is None:
        return dict.fromkeys(("block", "bay", "row", "tier"), "")
    return {"block": place.block, "bay": place.bay, "row": place.row, "tier": place.tier}


def _number(value: float | None) -> float | str:
    return "" if value is None else value


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
