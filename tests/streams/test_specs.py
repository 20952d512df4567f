"""From series id to spec: what registry and pack say, and why a series cannot be judged."""

import pytest

from load_tests.pack import load_domain
from load_tests.workload import Workload
from records.registry import Device, SeriesMeta, Site, registry_of
from streams.specs import SpecBook, site_of
from topics.finding import Text

WORKLOAD = Workload(seed=1, partitions=2)
TIME = 1_767_225_600_000


def book(**device: object) -> SpecBook:
    site = Site("plant", "load", Text("厂", "Plant"), "Firm", "120116", 39.0, 117.7)
    made = Device("MN1", "plant", "logger", {"so2": SeriesMeta(unit="ppm", sensor_class="own")}, **device)  # type: ignore[arg-type]
    return SpecBook(registry_of([site, made]), load_domain(WORKLOAD))


def test_the_station_s_own_unit_and_class_win_over_the_pack_s() -> None:
    spec, always = book().look_up("plant/MN1/so2/Rtd", TIME)
    assert not isinstance(spec, str)
    assert (spec.unit, spec.sensor_class, spec.site, spec.quantity, spec.statistic) == (
        "ppm",
        "own",
        "plant",
        "so2",
        "Rtd",
    )
    assert (spec.title_zh, spec.title_en) == ("厂 负载", "Plant load")
    assert always is True


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        ("nowhere/MN1/so2/Rtd", "unknown_site"),
        ("plant/MN2/so2/Rtd", "unknown_device"),
        ("plant/MN1/no2/Rtd", "unknown_quantity"),
        ("plant/MN1/so2", "schema_mismatch"),
    ],
)
def test_a_series_that_cannot_be_judged_has_a_reason(series: str, reason: str) -> None:
    assert book().look_up(series, TIME)[0] == reason


def test_a_device_with_a_validity_must_be_asked_for_each_reading() -> None:
    bounded = book(valid_from=TIME)
    spec, always = bounded.look_up("plant/MN1/so2/Rtd", TIME)
    assert not isinstance(spec, str) and always is False
    assert bounded.look_up("plant/MN1/so2/Rtd", TIME - 1)[0] == "unknown_device"


def test_the_site_of_what_is_no_series_is_empty() -> None:
    assert site_of("plant/MN1/so2/Rtd") == "plant"
    assert site_of("nonsense") == ""
