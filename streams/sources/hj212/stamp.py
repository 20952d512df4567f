"""What a device's field is to the city: its series, its unit, and what its values are multiplied by."""

import msgspec

from records.registry import Device
from records.series_unit import series_unit
from streams.sources.hj212.factors import code_of_2017, unit_of
from streams.unregistered_series import UNKNOWN_SITE
from topics.domain import Domain


class Stamp(msgspec.Struct, frozen=True):
    """``factor`` is 1 where the station sends the pack's unit, or one that does not convert (``unit`` is then its
    own); else values are converted to ``unit``, and ``sent_unit`` says what they were sent in.
    """

    series: str
    unit: str
    factor: float = 1.0
    sent_unit: str = ""


def stamp_of(mn: str, device: Device | None, domain: Domain | None, sent_code: str, field: str) -> Stamp:
    """The stamp of one field of one factor as the device sent it.

    The unit is the station's own where the registry names one, else the default of Annex B. Only a unit that
    the registry names is converted: of what nobody said nothing is known.
    """
    code = code_of_2017(sent_code)
    unit = unit_of(code, field)
    if device is None:
        return Stamp(f"{UNKNOWN_SITE}/{mn}/{code}/{field}", unit)
    quantity = quantity_of(device, sent_code)
    series = f"{device.site}/{mn}/{quantity}/{field}"
    meta = device.quantities.get(quantity)
    if meta is None or not meta.unit or field in ("Cou", "RS", "RT"):
        return Stamp(series, unit)
    known = None if domain is None else domain.quantities.get(quantity)
    if known is None:
        return Stamp(series, meta.unit)
    unit, factor = series_unit(known, meta)
    return Stamp(series, unit) if factor == 1.0 else Stamp(series, unit, factor, meta.unit)


def quantity_of(device: Device, sent_code: str) -> str:
    """What the device means by a code: as registered under the code it sent, else under that of 2017."""
    quantity = device.quantity_called(sent_code)
    return quantity if quantity in device.quantities else device.quantity_called(code_of_2017(sent_code))
