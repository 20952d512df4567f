"""From what a notification said of a voyage, its consignments and goods items to forms, one for each box. Pure.

What a form needs and the message does not say is an error that names the segment.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from records.declaration_fault import fault
from records.declaration_form import Form, Handling
from records.edifact import Segment
from records.iftdgn_codes import NET, ems, flash_point_c, packing_group, subsidiary
from topics.events import Goods

ModelT = TypeVar("ModelT")

#: Words that stand among the names of goods (FTX+AAD) and are flags.
FLAGS = ("MARINE POLLUTANT", "LIMITED QUANTITY")


class Consignment:
    """What holds from here on: for the whole message, then for a consignment (``number`` from 1)."""

    def __init__(self, number: int = 0, above: "Consignment | None" = None) -> None:
        self.number = number
        self.handling: Handling | None = above.handling if above else None
        self.names: dict[str, str] = dict(above.names) if above else {}
        self.contact: str = above.contact if above else ""


class Item:
    """A goods item (GID): packages, what DGS says, net mass, boxes with their own packages and mass."""

    def __init__(self, at: Segment, of: Consignment) -> None:
        self.at = at
        self.of = of
        self.packages: int | None = None
        self.kind = ""
        self.description = ""
        self.dgs: Segment | None = None
        self.names: tuple[str, ...] = ()
        self.net_t: float | None = None
        self.boxes: list[tuple[Segment, int | None]] = []
        self.box_net_t: dict[int, float] = {}

    def split(self) -> list[tuple[Segment, int | None]]:
        """Its boxes, each with its own packages. Raises ``EdifactError`` where the mass of each is not told."""
        if not self.boxes:
            raise self.at.error(
                "每个货物项须有箱号（SGP），实无", "expected the box of each goods item (SGP), got none"
            )
        if len(self.boxes) > 1 and len(self.box_net_t) < len(self.boxes):
            raise self.at.error(
                "货物分装多箱时每个 SGP 之后须有净质量（MEA），实有缺",
                "expected a net mass (MEA) after each SGP where goods are split, got fewer",
            )
        return self.boxes

    def line(self, place: int, packages: int | None, decimal: str) -> Goods:
        """The goods of it in its box number ``place`` (from 0). Raises ``EdifactError`` for what is missing."""
        dgs = self.dgs
        if dgs is None:
            raise self.at.error("货物项须有 DGS，实无", "expected DGS in the goods item, got none")
        net = self.box_net_t.get(place, self.net_t)
        if net is None:
            raise self.at.error(
                f"须有净质量（MEA 为 {'、'.join(NET)} 之一），实无",
                f"expected a net mass (MEA with one of {', '.join(NET)}), got none",
            )
        names = self.names or ((self.description,) if self.description else ())
        if not names:
            raise dgs.error(
                "须有正确运输名称（FTX+AAD），实无", "expected the proper shipping name (FTX+AAD), got none"
            )
        flags = {name.upper() for name in names[1:]}
        technical = [name for name in names[1:] if name.upper() not in FLAGS]
        body = {
            "un": dgs.get(3), "name": names[0][:120], "hazard_class": dgs.get(2), "mass_t": net,
            "subsidiary": subsidiary(dgs), "packing_group": packing_group(dgs),
            "technical_name": " ".join(technical)[:120],
            "packages": packages if packages is not None else self.packages, "package_kind": self.kind[:60],
            "flash_point_c": flash_point_c(dgs, decimal), "ems": ems(dgs),
            "marine_pollutant": "MARINE POLLUTANT" in flags, "limited_quantity": "LIMITED QUANTITY" in flags,
        }  # fmt: skip
        return _made(body, Goods, dgs)


class Voyage:
    """What one message says of the whole: ``times`` (ms UTC) by DTM qualifier, ``gross_t`` by box."""

    def __init__(self, header: Segment, site: str) -> None:
        self.header = header
        self.site = site
        self.document = self.number = self.vessel = ""
        self.times: dict[str, int] = {}
        self.gross_t: dict[str, float] = {}

    def forms(self, items: Sequence[Item], decimal: str) -> tuple[Form, ...]:
        """One for each box of each consignment, in the order of the message. Raises ``EdifactError``."""
        found: dict[tuple[int, str], tuple[Consignment, Segment, list[Goods]]] = {}
        for item in items:
            for place, (segment, packages) in enumerate(item.split()):
                line = item.line(place, packages, decimal)
                key = (item.of.number, segment.get(1))
                found.setdefault(key, (item.of, segment, []))[2].append(line)
        return tuple(self._form(box, *each) for (_, box), each in found.items())

    def _form(self, box: str, where: Consignment, segment: Segment, goods: Sequence[Goods]) -> Form:
        handling = where.handling or "load"
        kinds = ("133", "136", "186") if handling == "load" else ("132", "178")
        operation = next((self.times[kind] for kind in kinds if kind in self.times), None)
        if operation is None:
            raise self.header.error(
                f"须有作业时间（DTM {' 或 '.join(kinds)}），实无",
                f"expected the time of the operation (DTM {' or '.join(kinds)}), got none",
            )
        consignor = where.names.get("CZ") or where.names.get("MS", "")
        required = (
            ("发货人（NAD+CZ）", "a consignor (NAD+CZ)", consignor),
            ("应急联系人（CTA+HE）", "an emergency contact (CTA+HE)", where.contact),
        )
        for zh, en, value in required:
            if not value:
                raise segment.error(f"箱 {box} 须有{zh}，实无", f"expected {en} for box {box}, got none")
        body = {
            "site": self.site, "container": box, "goods": goods, "consignor": consignor[:120],
            "emergency_contact": where.contact[:120], "operation": operation, "handling": handling,
            "voyage": self.number[:60], "vessel": self.vessel[:60], "consignee": where.names.get("CN", "")[:120],
            "gross_t": self.gross_t.get(box), "reference": self.document[:60],
        }  # fmt: skip
        return _made(body, Form, segment)


def _made(body: dict[str, Any], model: type[ModelT], at: Segment) -> ModelT:
    try:
        return msgspec.convert(body, model)
    except msgspec.ValidationError as error:
        said = fault(error, body)
        raise at.error(said.zh, said.en) from None
