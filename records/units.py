"""Units of measure that stations send, and what one is in another. Pure.

Spellings differ in the field (``µg/L``, ``ug/l``, ``mg/m³``); two units convert where both are of one dimension.
Names that are no multiples of one another (pH, NTU, °C) convert to nothing but themselves.
"""

#: Dimension → unit, as spelled plainly → how many of the dimension's own unit it is.
_DIMENSIONS: dict[str, dict[str, float]] = {
    "mass in a volume": {
        "ng/l": 1e-6, "ug/l": 1e-3, "mg/l": 1.0, "g/l": 1e3,
        "ng/m3": 1e-9, "ug/m3": 1e-6, "mg/m3": 1e-3, "g/m3": 1.0,
    },
    "flow": {"l/s": 1e-3, "l/min": 1e-3 / 60, "l/h": 1e-3 / 3_600, "m3/s": 1.0, "m3/min": 1 / 60, "m3/h": 1 / 3_600},
    "pressure": {"pa": 1.0, "hpa": 1e2, "kpa": 1e3, "mpa": 1e6, "bar": 1e5},
    "speed": {"m/s": 1.0, "km/h": 1 / 3.6},
    "length": {"mm": 1e-3, "cm": 1e-2, "m": 1.0},
    "area": {"cm2": 1e-4, "m2": 1.0},
    "conductivity": {"us/cm": 1.0, "ms/cm": 1e3, "ms/m": 10.0},
    "share": {"%": 1e-2, "ppm": 1e-6, "ppb": 1e-9},
}  # fmt: skip

_BY_UNIT = {unit: (dimension, size) for dimension, units in _DIMENSIONS.items() for unit, size in units.items()}
_PLAIN = str.maketrans({"µ": "u", "μ": "u", "³": "3", "²": "2", "℃": "°", " ": None, "^": None})


def plain_unit(unit: str) -> str:
    """One spelling for units that differ in case or in signs alone.

    >>> plain_unit("µg/L"), plain_unit("mg/m³")
    ('ug/l', 'mg/m3')
    """
    return unit.translate(_PLAIN).lower()


def factor_between(sent: str, wanted: str) -> float | None:
    """What a value in ``sent`` is to be multiplied by to be one in ``wanted``; ``None`` where nothing converts.

    >>> factor_between("ug/L", "mg/L")
    0.001
    >>> factor_between("pH", "mg/L") is None
    True
    """
    one, other = plain_unit(sent), plain_unit(wanted)
    if one == other:
        return 1.0
    here, there = _BY_UNIT.get(one), _BY_UNIT.get(other)
    if here is None or there is None or here[0] != there[0]:
        return None
    return float(f"{here[1] / there[1]:.12g}")


def converted(value: float, factor: float) -> float:
    """``value`` times ``factor`` without the noise of binary fractions: twelve digits.

    >>> converted(12.6, 0.001)
    0.0126
    """
    return float(f"{value * factor:.12g}")
