"""Which temperatures hold for what is in a box: declared, listed, derived from the SADT, or unknown. Pure.

What nobody says stays unknown and is said to be: no figure is made up for goods the list does not know.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from records.box_terms import BoxTerms
from topics.events import Goods
from topics.finding import Text
from topics.goods import GoodsEntry
from topics.sources import from_sadt

Kind = Literal["ceiling", "control", "emergency", "sadt"]
#: In the order in which a box that heats reaches them.
KINDS: tuple[Kind, ...] = ("ceiling", "control", "emergency", "sadt")

DECLARED = Text("申报", "as declared")
LISTED = Text("货物清单", "goods list")
DERIVED = Text("由自加速分解温度推得", "derived from the SADT")
BY_CLASS = Text("按类别的通用上限", "general ceiling of its class")


#: What each kind is called.
TITLES: dict[Kind, Text] = {
    "ceiling": Text("温度上限", "ceiling"),
    "control": Text("控制温度", "control temperature"),
    "emergency": Text("应急温度", "emergency temperature"),
    "sadt": Text("自加速分解温度", "self-accelerating decomposition temperature"),
}


class Limit(msgspec.Struct, frozen=True):
    """A temperature (°C) that goods of ``un`` must not pass. ``basis`` says in short where it is from, ``source`` in
    full; ``confirmed`` whether the row was checked (a declaration counts as it stands).
    """

    kind: Kind
    value: float
    un: str
    basis: Text
    source: str
    confirmed: bool

    @property
    def text(self) -> Text:
        """``control temperature -5 °C (as declared)``, with its doubt."""
        title, sure = TITLES[self.kind], self.confirmed
        return Text(
            f"{title.zh} {self.value:g} °C（{self.basis.zh}{'' if sure else '，未核实'}）",
            f"{title.en} {self.value:g} °C ({self.basis.en}{'' if sure else ', not confirmed'})",
        )


class BoxLimits(msgspec.Struct, frozen=True):
    """The lowest of each kind over all goods in a box. ``unknown``: UN numbers of which no temperature is known."""

    limits: dict[Kind, Limit] = {}
    unknown: tuple[str, ...] = ()

    @property
    def controlled(self) -> bool:
        """Whether something in it stands under temperature control."""
        return "control" in self.limits or "emergency" in self.limits

    def own(self) -> list[Limit]:
        """Those of the cargo itself, the general ceiling left out, the lowest first."""
        return sorted((each for each in self.limits.values() if each.kind != "ceiling"), key=lambda each: each.value)


def box_limits(lines: Sequence[Goods], goods: Mapping[str, GoodsEntry], terms: BoxTerms) -> BoxLimits:
    """The limits of a box with these lines of goods."""
    lowest: dict[Kind, Limit] = {}
    unknown = []
    for line in lines:
        found = _of_line(line, goods.get(line.un), terms)
        if not found:
            unknown.append(line.un)
        for each in found:
            known = lowest.get(each.kind)
            if known is None or (each.value, each.un) < (known.value, known.un):
                lowest[each.kind] = each
    ordered: dict[Kind, Limit] = {kind: lowest[kind] for kind in KINDS if kind in lowest}
    return BoxLimits(ordered, tuple(dict.fromkeys(unknown)))


def _of_line(line: Goods, entry: GoodsEntry | None, terms: BoxTerms) -> list[Limit]:
    listed = entry.temperatures if entry is not None else None
    sadt = listed.sadt_c if listed is not None else None
    found: list[Limit] = []
    for kind, declared in (("control", line.control_c), ("emergency", line.emergency_c)):
        told: float | None = getattr(listed, f"{kind}_c", None)
        named: Kind = "control" if kind == "control" else "emergency"
        if declared is not None:
            found.append(Limit(named, declared, line.un, DECLARED, "declaration", True))
        elif told is not None and listed is not None:
            found.append(Limit(named, told, line.un, LISTED, listed.source, listed.confirmed))
        elif sadt is not None and listed is not None and (below := _below(sadt, kind, terms)) is not None:
            source = from_sadt(sadt, listed.source, terms.from_sadt_source)
            sure = listed.confirmed and terms.from_sadt_confirmed
            found.append(Limit(named, sadt - below, line.un, DERIVED, source, sure))
    if sadt is not None and listed is not None:
        found.append(Limit("sadt", sadt, line.un, LISTED, listed.source, listed.confirmed))
    if listed is not None and listed.ceiling_c is not None:
        found.append(Limit("ceiling", listed.ceiling_c, line.un, LISTED, listed.source, listed.confirmed))
    elif not found and (general := _by_class(line.hazard_class, terms)) is not None:
        found.append(Limit("ceiling", general, line.un, BY_CLASS, terms.source, terms.confirmed))
    return found


def _below(sadt: float, kind: str, terms: BoxTerms) -> float | None:
    """How far below the SADT it lies, by the row with the lowest ``up_to_c`` that covers it."""
    rows = [each for each in terms.from_sadt if sadt <= each.up_to_c]
    if not rows:
        return None
    row = min(rows, key=lambda each: each.up_to_c)
    return row.control_below_c if kind == "control" else row.emergency_below_c


def _by_class(hazard_class: str, terms: BoxTerms) -> float | None:
    exact = terms.ceilings_c.get(hazard_class)
    return exact if exact is not None else terms.ceilings_c.get(hazard_class.split(".")[0])
