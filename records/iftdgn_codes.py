"""The codes of IFTDGN's segments as a declaration has them: masses, packing groups, labels, EmS, flash points. Pure.

Each raises ``EdifactError`` with the segment for what it cannot read.
"""

import datetime as dt
import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from records.declaration_form import Handling
from records.edifact import Segment

#: Handling operations as ports of the PROTECT group write them.
HANDLING: Mapping[str, Handling] = {
    "L": "load", "LOA": "load", "D": "discharge", "DIS": "discharge", "T": "transit", "TRA": "transit",
}  # fmt: skip
PACKING = {"1": "I", "2": "II", "3": "III", "I": "I", "II": "II", "III": "III"}
#: Tonnes of one unit (UN/ECE recommendation 20).
TONNES = {"KGM": 0.001, "TNE": 1.0, "GRM": 1e-6, "LBR": 0.000_453_592_37}
NET = ("AAF", "AAL", "AAA", "N")
GROSS = ("AAB", "G", "VGM", "AAD", "AET")
#: DTM's formats (code list 2379): what they look like for ``strptime``.
FORMATS = {"102": "%Y%m%d", "203": "%Y%m%d%H%M", "101": "%y%m%d", "201": "%y%m%d%H%M", "204": "%Y%m%d%H%M%S"}
#: Those that end in three characters for the zone (ZZZ).
ZONED = {"301": "%y%m%d%H%M", "303": "%Y%m%d%H%M", "304": "%Y%m%d%H%M%S"}
#: What may stand there: names that mean one offset, or the offset in hours. CST is four zones, so it is none here.
ZONE = re.compile(r"^(UTC|GMT|([+-])([0-9]{2}))$")
FLASH = re.compile(r"^[+-]?[0-9]{1,3}(\.[0-9]+)?$")
EMS = re.compile(r"^(F-?[A-J])[\s,/]*(S-?[A-Z])$")
EMERGENCY = ("HE", "HG")


def mass_t(segment: Segment, decimal: str) -> float:
    """The tonnes of a MEA."""
    unit, value = segment.get(3), segment.get(3, 2).replace(decimal, ".")
    factor = TONNES.get(unit)
    if factor is None or not re.fullmatch(r"[0-9]{1,12}(\.[0-9]+)?", value):
        raise segment.error(
            f"质量单位须为 {'、'.join(TONNES)} 之一，实为 {segment.get(3, 2)!r} {unit!r}",
            f"expected a mass in {', '.join(TONNES)}, got {segment.get(3, 2)!r} {unit!r}",
        )
    return round(float(value) * factor, 9)


def moment_ms(value: str, form: str, zone: ZoneInfo) -> int:
    """ms UTC of a DTM; ``zone`` is of those that name none. Raises ``ValueError`` with what cannot be read."""
    shape = FORMATS.get(form)
    if shape is not None:
        moment = dt.datetime.strptime(value, shape).replace(tzinfo=zone)
    elif form in ZONED:
        found = ZONE.match(value[-3:])
        if found is None:
            raise ValueError(f"zone {value[-3:]!r}: UTC, GMT or an offset like +08 is read")
        hours = int(f"{found[2]}{found[3]}") if found[3] else 0
        named = dt.timezone(dt.timedelta(hours=hours))
        moment = dt.datetime.strptime(value[:-3], ZONED[form]).replace(tzinfo=named)
    else:
        raise ValueError(f"format {form!r}")
    return round(moment.timestamp() * 1000)


def flash_point_c(dgs: Segment, decimal: str) -> float | None:
    """°C of a DGS, of the shipment before that of the substance; ``None`` where none is given."""
    value, unit = (dgs.get(4), dgs.get(4, 2)) if dgs.get(4) else (dgs.get(3, 2), "CEL")
    if not value:
        return None
    if not FLASH.match(value.replace(decimal, ".")):
        raise dgs.error(f"须为闪点，实为 {value!r}", f"expected a flash point, got {value!r}")
    number = float(value.replace(decimal, "."))
    if unit not in ("CEL", "FAH", ""):
        raise dgs.error(
            f"闪点单位须为 CEL 或 FAH，实为 {unit!r}", f"expected a flash point in CEL or FAH, got {unit!r}"
        )
    return round((number - 32) / 1.8, 1) if unit == "FAH" else number


def packages_of(segment: Segment, element: int) -> int | None:
    """How many, ``None`` where that is not said."""
    value = segment.get(element)
    if not value:
        return None
    if not value.isdecimal() or not value.isascii():
        raise segment.error(f"须为件数，实为 {value!r}", f"expected a number of packages, got {value!r}")
    return int(value) or None


def packing_group(dgs: Segment) -> str:
    """I, II or III, "" where none is given."""
    value = dgs.get(5)
    if value and value not in PACKING:
        raise dgs.error(
            f"包装类须为 1、2、3 之一，实为 {value!r}", f"expected a packing group of 1, 2, 3, got {value!r}"
        )
    return PACKING.get(value, "")


def subsidiary(dgs: Segment) -> list[str]:
    """The labels beside the one of the class itself."""
    labels = [dgs.get(10, place) for place in range(1, 5)]
    return [label for label in labels if label and label != dgs.get(2)]


def ems(dgs: Segment) -> str:
    """As ``F-A, S-Q``, "" where none is given."""
    value = dgs.get(6).upper()
    if not value:
        return ""
    match = EMS.match(value)
    if match is None:
        raise dgs.error(f"EmS 须如 F-A, S-Q，实为 {value!r}", f"expected an EmS like F-A, S-Q, got {value!r}")
    fire, spillage = (each if "-" in each else f"{each[0]}-{each[1]}" for each in match.groups())
    return f"{fire}, {spillage}"
