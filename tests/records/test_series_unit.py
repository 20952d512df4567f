"""One unit for a series, from the station's instrument to limits and models."""

import pytest

from records.registry import Device, SeriesMeta
from records.series_unit import series_unit
from streams.sources.hj212.stamp import stamp_of
from streams.sources.simulator.city import load_city
from topics.domain import Quantity
from topics.domain_file import load_domains
from topics.finding import Text

SO2 = Quantity(Text("二氧化硫", "SO2"), "mg/m3", "stack", 60, (0.0, 2860.0), 0.1, class_units={"street": "ug/m3"})


@pytest.mark.parametrize(
    ("meta", "unit", "factor"),
    [
        (SeriesMeta(), "mg/m3", 1.0),
        (SeriesMeta(unit="ug/m3"), "mg/m3", 1e-3),
        (SeriesMeta(sensor_class="street"), "ug/m3", 1.0),
        (SeriesMeta(unit="ug/m3", sensor_class="street"), "ug/m3", 1.0),
        (SeriesMeta(unit="mg/m3", sensor_class="street"), "ug/m3", 1e3),
        (SeriesMeta(unit="µg/m³", sensor_class="street"), "ug/m3", 1.0),
        (SeriesMeta(unit="ppb", sensor_class="street"), "ppb", 1.0),
    ],
)
def test_the_unit_is_that_of_the_class_and_what_converts_is_converted(
    meta: SeriesMeta, unit: str, factor: float
) -> None:
    judged, by = series_unit(SO2, meta)
    assert (judged, by) == (unit, factor)


def test_the_gateway_leaves_every_value_of_the_model_city_as_its_models_were_taught() -> None:
    packs = {each.name: each for each in load_domains(None)}
    city = load_city()
    domain_of = {site.id: site.domain for site in city.sites}
    devices = [each for each in city.registry_records() if isinstance(each, Device)]
    stamps = {
        (device.kind, quantity): stamp_of(device.id, device, packs[domain_of[device.site]], quantity, "Rtd").factor
        for device in devices
        for quantity in device.quantities
        if city.kinds[device.kind].wire == "hj212"
    }
    assert len(stamps) > 15
    assert set(stamps.values()) == {1.0}
