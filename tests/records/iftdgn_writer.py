"""Writes notifications for the tests of the reader, as a carrier's agent would."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from records.declaration_form import Form
from topics.events import Goods

CODES = {"load": "L", "discharge": "D", "transit": "T"}
GROUPS = {"": "", "I": "1", "II": "2", "III": "3"}


def escaped(text: str) -> str:
    return "".join(f"?{each}" if each in "?+:'" else each for each in text)


def number(value: float | None) -> str:
    return "" if value is None else f"{value:.9f}".rstrip("0").rstrip(".")


def message(forms: Sequence[Form], zone: ZoneInfo, document: str) -> list[str]:
    """One message: all forms share the voyage and its times."""
    first = forms[0]
    moment = dt.datetime.fromtimestamp(first.operation / 1000, zone)
    stage = "133" if first.handling == "load" else "132"
    vessel = f"++++++:::{escaped(first.vessel)}" if first.vessel else ""
    lines = [
        "UNH+1+IFTDGN:D:03A:UN",
        f"BGM+890+{escaped(document)}+9",
        f"TDT+20+{escaped(first.voyage)}{vessel}",
        f"DTM+{stage}:{moment:%Y%m%d%H%M}:203",
    ]
    for form in forms:
        if form.gross_t is not None:
            lines += [f"EQD+CN+{form.container}", f"MEA+AAE+VGM+TNE:{number(form.gross_t)}"]
    for place, form in enumerate(forms, 1):
        lines += [f"CNI+{place}", f"HAN+{CODES[form.handling]}", f"NAD+CZ+++{escaped(form.consignor)}"]
        lines += [f"CTA+HE+:{escaped(form.emergency_contact)}"]
        if form.consignee:
            lines.append(f"NAD+CN+++{escaped(form.consignee)}")
        for count, goods in enumerate(form.goods, 1):
            lines += goods_item(count, goods, form.container)
    return [*lines, f"UNT+{len(lines) + 1}+1"]


def goods_item(count: int, goods: Goods, container: str) -> list[str]:
    labels = ":".join((goods.hazard_class, *goods.subsidiary))
    flash = f"{number(goods.flash_point_c)}:CEL" if goods.flash_point_c is not None else ""
    lines = [
        f"GID+{count}+{goods.packages or ''}::::{escaped(goods.package_kind)}",
        f"DGS+IMD+{goods.hazard_class}+{goods.un}+{flash}+{GROUPS[goods.packing_group]}+{goods.ems}++++{labels}",
        f"FTX+AAD+++{escaped(goods.name)}",
    ]
    if goods.technical_name:
        lines[-1] += f":{escaped(goods.technical_name)}"
    if goods.marine_pollutant:
        lines.append("FTX+AAD+++MARINE POLLUTANT")
    if goods.limited_quantity:
        lines.append("FTX+AAD+++LIMITED QUANTITY")
    return [*lines, f"MEA+AAE+AAL+TNE:{number(goods.mass_t)}", f"SGP+{container}"]


def interchange(lines: Sequence[str]) -> str:
    return "UNA:+.? '" + "'\n".join(["UNB+UNOC:3+AGENT+PORT+150810:0830+REF1", *lines, "UNZ+1+REF1", ""])
