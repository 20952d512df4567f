"""Which unit the values of a series stand in on its topic, and how a station's own is converted into it. Pure.

A pack states one unit for a quantity, and for instruments of another class another (``class_units``: a street's SO2 is
judged in ug/m3, a stack's in mg/m3). A station that the registry says to send a third is converted at the door, so that
limits, models and pictures all speak of one.
"""

from records.registry import SeriesMeta
from records.units import factor_between
from topics.domain import Quantity


def series_unit(quantity: Quantity, meta: SeriesMeta) -> tuple[str, float]:
    """The unit of the series' values, and what a value in the station's own unit is multiplied by to be in it.

    A station's unit that converts into none of the pack's (another dimension) stays as it is, with factor 1.

    >>> from topics.finding import Text
    >>> lead = Quantity(Text("铅", "lead"), "mg/L", "lead", 60, (0, 1), 0.001)
    >>> series_unit(lead, SeriesMeta(unit="ug/L"))
    ('mg/L', 0.001)
    >>> series_unit(lead, SeriesMeta(unit="V"))
    ('V', 1.0)
    """
    wanted = quantity.class_units.get(meta.sensor_class or quantity.sensor_class, quantity.unit)
    if meta.unit in ("", wanted):  # nearly every reading that comes over HTTP: no spelling is looked at
        return wanted, 1.0
    factor = factor_between(meta.unit, wanted)
    return (meta.unit, 1.0) if factor is None else (wanted, factor)
