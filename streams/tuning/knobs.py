"""What of a pack may be searched, in which bounds, and the pack with other values. Pure."""

import fnmatch
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from topics.domain import Domain, Limit, Quantity

Values = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Knob:
    """One number of a pack: ``path`` as ``detectors.NAME.SETTING`` or ``quantities.NAME.limits.PLACE.FIELD``;
    searched in [``low``, ``high``], in equal ratios where ``log``."""

    path: str
    low: float
    high: float
    log: bool = False


#: Bounds in which a detector's setting still means what its name says; a detector without a line is left alone.
DETECTOR_KNOBS = (
    Knob("detectors.ewma_level.alpha", 0.002, 0.05, log=True),
    Knob("detectors.ewma_level.fast_alpha", 0.03, 0.5, log=True),
    Knob("detectors.hour_of_day.day_share", 0.05, 0.5, log=True),
    Knob("detectors.stuck.factor", 2.0, 10.0, log=True),
    Knob("detectors.stuck.least_rows", 20.0, 240.0, log=True),
    Knob("detectors.missing.intervals", 2.0, 12.0, log=True),
)
#: A limit may have to last for up to so long, ms of event time over 1000, and clear so far back of its value.
LONGEST_HOLD_S, WIDEST_DEADBAND = 3_600.0, 0.1


def knobs_of(domain: Domain, quantities: Collection[str], only: Sequence[str] = ()) -> tuple[Knob, ...]:
    """The knobs of this pack for these quantities; ``only``: patterns such as ``detectors.ewma_level.*``."""
    found = [knob for knob in DETECTOR_KNOBS if knob.path.split(".")[1] in domain.detectors]
    for name in sorted(quantities):
        quantity = domain.quantities.get(name)
        for place, limit in enumerate(quantity.limits if quantity else ()):
            path = f"quantities.{name}.limits.{place}"
            found.append(Knob(f"{path}.hold_s", 0.0, LONGEST_HOLD_S))
            if limit.value:
                found.append(Knob(f"{path}.deadband", 0.0, WIDEST_DEADBAND * abs(limit.value)))
    return tuple(knob for knob in found if not only or any(fnmatch.fnmatchcase(knob.path, pattern) for pattern in only))


def rounded(value: float) -> float:
    """Three places that count: nobody can defend more of them."""
    return float(f"{value:.3g}")


def with_values(domain: Domain, values: Values) -> Domain:
    """The pack with these values at these paths; the others as they are."""
    detectors: dict[str, dict[str, Any]] = {name: dict(each) for name, each in domain.detectors.items()}
    quantities: dict[str, Quantity] = dict(domain.quantities)
    for path, value in values.items():
        kind, name, *rest = path.split(".")
        if kind == "detectors":
            detectors[name][rest[0]] = value
            continue
        limits: list[Limit] = list(quantities[name].limits)
        place = int(rest[1])
        limits[place] = msgspec.structs.replace(limits[place], **{rest[2]: value})
        quantities[name] = msgspec.structs.replace(quantities[name], limits=tuple(limits))
    return msgspec.structs.replace(domain, detectors=detectors, quantities=quantities)
