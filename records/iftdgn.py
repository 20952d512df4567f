"""IFTDGN, the dangerous goods notification of EDIFACT (UN directories D.95A and later): from a message to forms. Pure.

One message is one voyage; a form comes of each box of each consignment (``records/iftdgn_forms.py``). Segments that say
nothing a form has are passed over and counted.
"""

from collections import Counter
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from records.declaration_form import Form
from records.edifact import EdifactError, Segment, read_interchange
from records.iftdgn_codes import EMERGENCY, FORMATS, GROSS, HANDLING, NET, ZONED, mass_t, moment_ms, packages_of
from records.iftdgn_forms import Consignment, Item, Voyage


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
        raise EdifactError(1, "", 1, "须有 IFTDGN 报文，实无", "expected a message IFTDGN, got none")
    return found


class _Reading:
    """Goes through one message once; ``box`` and ``item`` are what the present segment belongs to."""

    def __init__(self, message: Sequence[Segment], site: str, zone: ZoneInfo, contact: str, decimal: str) -> None:
        self.message, self.zone, self.decimal = message, zone, decimal
        self.voyage = Voyage(message[0], site)
        self.whole = Consignment()
        self.whole.contact = contact
        self.where = self.whole
        self.calling = self.box = ""
        self.item: Item | None = None
        self.items: list[Item] = []
        self.passed_over: Counter[str] = Counter()

    def read(self) -> Notification:
        header = self.message[0]
        if header.get(2) != "IFTDGN":
            raise header.error(
                f"须为 IFTDGN 报文，实为 {header.get(2)!r}", f"expected a message IFTDGN, got {header.get(2)!r}"
            )
        for segment in self.message[1:-1]:
            reader = getattr(self, f"_{segment.tag.lower()}", None)
            if reader is None:
                self.passed_over[segment.tag] += 1
            else:
                reader(segment)
        if not self.items:
            raise self.message[-1].error(
                "须有带 DGS 的货物项（GID），实无", "expected a goods item (GID) with DGS, got none"
            )
        forms = self.voyage.forms(self.items, self.decimal)
        return Notification(self.voyage.document, forms, dict(sorted(self.passed_over.items())))

    def _bgm(self, segment: Segment) -> None:
        self.voyage.document = segment.get(2)
        if segment.get(3) not in ("", "9"):
            raise segment.error(
                f"报文功能须为 9（原始），实为 {segment.get(3)!r}：更改或撤回请按申报编号办理",
                f"expected message function 9 (original), got {segment.get(3)!r}: amend or take back by number instead",
            )

    def _han(self, segment: Segment) -> None:
        handling = HANDLING.get(segment.get(1))
        if handling is None:
            raise segment.error(
                f"作业须为 {'、'.join(HANDLING)} 之一，实为 {segment.get(1)!r}",
                f"expected a handling of {', '.join(HANDLING)}, got {segment.get(1)!r}",
            )
        self.where.handling = handling

    def _tdt(self, segment: Segment) -> None:
        if segment.get(1) == "20":
            self.voyage.number, self.voyage.vessel = segment.get(2), segment.get(8, 4) or segment.get(8, 1)

    def _dtm(self, segment: Segment) -> None:
        kind, value, form = (segment.get(1, place) for place in (1, 2, 3))
        if kind not in ("132", "133", "136", "178", "186"):
            self.passed_over["DTM"] += 1
            return
        try:
            self.voyage.times[kind] = moment_ms(value, form, self.zone)
        except ValueError:
            known, got = [*FORMATS, *ZONED], f"{value!r} {form!r}"
            raise segment.error(
                f"时间格式须为 {'、'.join(known)} 之一（时区写 UTC、GMT 或如 +08），实为 {got}",
                f"expected a time in a format of {', '.join(known)} (zones as UTC, GMT or +08), got {got}",
            ) from None

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
        self.where = Consignment(self.where.number + 1, self.whole)

    def _gid(self, segment: Segment) -> None:
        self.box = ""
        self.item = Item(segment, self.where)
        self.item.packages = packages_of(segment, 2)
        self.item.kind = segment.get(2, 5) or segment.get(2, 2)
        self.items.append(self.item)

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
            raise segment.error("DGS 须在货物项（GID）之内", "expected DGS within a goods item (GID)")
        if self.item.dgs is not None:
            raise segment.error(
                "每个货物项只能有一个 DGS，实有第二个", "expected one DGS for a goods item, got a second"
            )
        if segment.get(1) != "IMD":
            raise segment.error(
                f"规则须为 IMD（IMDG 规则），实为 {segment.get(1)!r}",
                f"expected regulation IMD (the IMDG code), got {segment.get(1)!r}",
            )
        self.item.dgs = segment

    def _mea(self, segment: Segment) -> None:
        kind = segment.get(2)
        if kind not in NET + GROSS:
            self.passed_over["MEA"] += 1
            return
        mass = mass_t(segment, self.decimal)
        if self.item is None:
            if self.box and kind in GROSS:
                self.voyage.gross_t[self.box] = mass
        elif kind in NET:
            if self.item.boxes:
                self.item.box_net_t[len(self.item.boxes) - 1] = mass
            else:
                self.item.net_t = mass

    def _sgp(self, segment: Segment) -> None:
        if self.item is None:
            raise segment.error("SGP 须在货物项（GID）之内", "expected SGP within a goods item (GID)")
        self.item.boxes.append((segment, packages_of(segment, 2)))
