"""IFTDGN, the dangerous goods notification of EDIFACT (UN directories D.95A and later): from a message to forms. Pure.

One message is one voyage; a form comes of each box of each consignment. What a form needs and the message does not say
is an error that names the segment. Segments that say nothing a form has are passed over and counted.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from records.declaration_form import Form, Handling
from records.edifact import EdifactError, Segment, read_interchange
from records.iftdgn_codes import (
    EMERGENCY,
    FORMATS,
    GROSS,
    HANDLING,
    NET,
    ems,
    flash_point_c,
    mass_t,
    packages_of,
    packing_group,
    subsidiary,
)
from topics.events import Goods


class Notification(msgspec.Struct, frozen=True):
    """One message: its document number, its forms, and how often each tag was passed over."""

    document: str
    forms: tuple[Form, ...]
    passed_over: dict[str, int]


def read_iftdgn(text: str, site: str, zone: ZoneInfo, contact: str = "") -> list[Notification]:
    """All notifications of an interchange, for one site; times without a zone are of ``zone``. ``contact`` answers in
    an emergency where a message names nobody. Raises ``EdifactError``.
    """
    interchange = read_interchange(text)
    found = [_Reading(message, site, zone, contact, interchange.decimal).read() for message in interchange.messages]
    if not found:
        raise EdifactError(1, "", 1, "expected a message IFTDGN, got none")
    return found


class _Where:
    """What holds from here on: for the message, then for a consignment."""

    def __init__(self, above: "_Where | None" = None) -> None:
        self.handling: Handling | None = above.handling if above else None
        self.names: dict[str, str] = dict(above.names) if above else {}
        self.contact: str = above.contact if above else ""


class _Item:
    """A goods item (GID): packages, what DGS says, net mass, boxes with their own packages and mass."""

    def __init__(self, at: Segment) -> None:
        self.at = at
        self.packages: int | None = None
        self.kind = ""
        self.description = ""
        self.dgs: Segment | None = None
        self.names: tuple[str, ...] = ()
        self.net_t: float | None = None
        self.boxes: list[tuple[Segment, int | None]] = []
        self.box_net_t: dict[int, float] = {}


class _Reading:
    """Goes through one message once; ``box`` and ``item`` are what the present segment belongs to."""

    def __init__(self, message: Sequence[Segment], site: str, zone: ZoneInfo, contact: str, decimal: str) -> None:
        self.message, self.site, self.zone, self.decimal = message, site, zone, decimal
        self.whole = _Where()
        self.whole.contact = contact
        self.where = self.whole
        self.voyage = self.vessel = self.document = self.calling = ""
        self.times: dict[str, int] = {}
        self.gross_t: dict[str, float] = {}
        self.box = ""
        self.item: _Item | None = None
        self.items: list[tuple[int, _Where, _Item]] = []
        self.consignment = 0
        self.passed_over: Counter[str] = Counter()

    def read(self) -> Notification:
        header = self.message[0]
        if header.get(2) != "IFTDGN":
            raise header.error(f"expected a message IFTDGN, got {header.get(2)!r}")
        for segment in self.message[1:-1]:
            reader = getattr(self, f"_{segment.tag.lower()}", None)
            if reader is None:
                self.passed_over[segment.tag] += 1
            else:
                reader(segment)
        if not self.items:
            raise self.message[-1].error("expected a goods item (GID) with DGS, got none")
        return Notification(self.document, tuple(self._forms()), dict(sorted(self.passed_over.items())))

    def _bgm(self, segment: Segment) -> None:
        self.document = segment.get(2)
        if segment.get(3) not in ("", "9"):
            raise segment.error(
                f"expected message function 9 (original), got {segment.get(3)!r}: amend or take back by number instead"
            )

    def _han(self, segment: Segment) -> None:
        handling = HANDLING.get(segment.get(1))
        if handling is None:
            raise segment.error(f"expected a handling of {', '.join(HANDLING)}, got {segment.get(1)!r}")
        self.where.handling = handling

    def _tdt(self, segment: Segment) -> None:
        if segment.get(1) == "20":
            self.voyage, self.vessel = segment.get(2), segment.get(8, 4) or segment.get(8, 1)

    def _dtm(self, segment: Segment) -> None:
        kind, value, form = (segment.get(1, place) for place in (1, 2, 3))
        if kind not in ("132", "133", "136", "178", "186"):
            self.passed_over["DTM"] += 1
            return
        shape = FORMATS.get(form)
        try:
            if shape is None:
                raise ValueError(f"format {form!r}")
            moment = dt.datetime.strptime(value, shape).replace(tzinfo=self.zone)
        except ValueError as error:
            raise segment.error(
                f"expected a time in a format of {', '.join(FORMATS)}, got {value!r} ({error})"
            ) from None
        self.times[kind] = round(moment.timestamp() * 1000)

    def _nad(self, segment: Segment) -> None:
        self.calling = segment.get(1)
        if self.calling in ("CZ", "CN", "MS"):
            name = " ".join(filter(None, (segment.get(4, place) for place in range(1, 6))))
            self.where.names[self.calling] = name or segment.get(3) or segment.get(2)

    def _cta(self, segment: Segment) -> None:
        self.calling = segment.get(1)
        if self.calling in EMERGENCY:
            self.where.contact = segment.get(2, 2) or segment.get(2)

    def _com(self, segment: Segment) -> None:
        if self.calling in EMERGENCY:
            self.where.contact = f"{self.where.contact} {segment.get(1)}".strip()

    def _eqd(self, segment: Segment) -> None:
        self.item, self.box = None, segment.get(2)

    def _cni(self, segment: Segment) -> None:
        self.item, self.box = None, ""
        self.consignment += 1
        self.where = _Where(self.whole)

    def _gid(self, segment: Segment) -> None:
        self.box = ""
        self.item = _Item(segment)
        self.item.packages = packages_of(segment, 2)
        self.item.kind = segment.get(2, 5) or segment.get(2, 2)
        self.items.append((self.consignment, self.where, self.item))

    def _ftx(self, segment: Segment) -> None:
        if self.item is None or segment.get(1) not in ("AAA", "AAD"):
            self.passed_over["FTX"] += 1
        elif segment.get(1) == "AAA":
            self.item.description = segment.get(4)
        else:
            said = tuple(segment.get(4, place) for place in range(1, 6))
            self.item.names = (*self.item.names, *filter(None, said))

    def _dgs(self, segment: Segment) -> None:
        if self.item is None:
            raise segment.error("expected DGS within a goods item (GID)")
        if self.item.dgs is not None:
            raise segment.error("expected one DGS for a goods item, got a second")
        if segment.get(1) != "IMD":
            raise segment.error(f"expected regulation IMD (the IMDG code), got {segment.get(1)!r}")
        self.item.dgs = segment

    def _mea(self, segment: Segment) -> None:
        kind = segment.get(2)
        if kind not in NET + GROSS:
            self.passed_over["MEA"] += 1
            return
        mass = mass_t(segment, self.decimal)
        if self.item is None:
            if self.box and kind in GROSS:
                self.gross_t[self.box] = mass
        elif kind in NET:
            if self.item.boxes:
                self.item.box_net_t[len(self.item.boxes) - 1] = mass
            else:
                self.item.net_t = mass

    def _sgp(self, segment: Segment) -> None:
        if self.item is None:
            raise segment.error("expected SGP within a goods item (GID)")
        self.item.boxes.append((segment, packages_of(segment, 2)))

    def _forms(self) -> list[Form]:
        found: dict[tuple[int, str], tuple[_Where, Segment, list[Goods]]] = {}
        for consignment, where, item in self.items:
            for place, (segment, packages) in enumerate(self._boxes(item)):
                line = self._line(item, place, packages)
                key = (consignment, segment.get(1))
                found.setdefault(key, (where, segment, []))[2].append(line)
        return [self._form(box, *each) for (_, box), each in found.items()]

    def _boxes(self, item: _Item) -> list[tuple[Segment, int | None]]:
        if not item.boxes:
            raise item.at.error("expected the box of each goods item (SGP), got none")
        if len(item.boxes) > 1 and len(item.box_net_t) < len(item.boxes):
            raise item.at.error("expected a net mass (MEA) after each SGP where goods are split, got fewer")
        return item.boxes

    def _line(self, item: _Item, place: int, packages: int | None) -> Goods:
        dgs = item.dgs
        if dgs is None:
            raise item.at.error("expected DGS in the goods item, got none")
        net = item.box_net_t.get(place, item.net_t)
        if net is None:
            raise item.at.error(f"expected a net mass (MEA with one of {', '.join(NET)}), got none")
        names = item.names or ((item.description,) if item.description else ())
        if not names:
            raise dgs.error("expected the proper shipping name (FTX+AAD), got none")
        flags = {name.upper() for name in names[1:]}
        technical = [name for name in names[1:] if name.upper() not in ("MARINE POLLUTANT", "LIMITED QUANTITY")]
        body = {
            "un": dgs.get(3), "name": names[0][:120], "hazard_class": dgs.get(2), "mass_t": net,
            "subsidiary": subsidiary(dgs), "packing_group": packing_group(dgs),
            "technical_name": " ".join(technical)[:120],
            "packages": packages if packages is not None else item.packages, "package_kind": item.kind[:60],
            "flash_point_c": flash_point_c(dgs, self.decimal), "ems": ems(dgs),
            "marine_pollutant": "MARINE POLLUTANT" in flags, "limited_quantity": "LIMITED QUANTITY" in flags,
        }  # fmt: skip
        try:
            return msgspec.convert(body, Goods)
        except msgspec.ValidationError as error:
            raise dgs.error(str(error)) from None

    def _form(self, box: str, where: _Where, segment: Segment, goods: Sequence[Goods]) -> Form:
        handling = where.handling or "load"
        kinds = ("133", "136", "186") if handling == "load" else ("132", "178")
        operation = next((self.times[kind] for kind in kinds if kind in self.times), None)
        if operation is None:
            raise self.message[0].error(f"expected the time of the operation (DTM {' or '.join(kinds)}), got none")
        consignor = where.names.get("CZ") or where.names.get("MS", "")
        for what, value in (("a consignor (NAD+CZ)", consignor), ("an emergency contact (CTA+HE)", where.contact)):
            if not value:
                raise segment.error(f"expected {what} for box {box}, got none")
        body = {
            "site": self.site, "container": box, "goods": goods, "consignor": consignor[:120],
            "emergency_contact": where.contact[:120], "operation": operation, "handling": handling,
            "voyage": self.voyage[:60], "vessel": self.vessel[:60], "consignee": where.names.get("CN", "")[:120],
            "gross_t": self.gross_t.get(box), "reference": self.document[:60],
        }  # fmt: skip
        try:
            return msgspec.convert(body, Form)
        except msgspec.ValidationError as error:
            raise segment.error(str(error)) from None
