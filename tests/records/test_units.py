"""Units of stations: what converts into what, and what does not."""

import pytest

from records.units import converted, factor_between


@pytest.mark.parametrize(
    ("sent", "wanted", "factor"),
    [
        ("ug/L", "mg/L", 1e-3),
        ("µg/L", "mg/l", 1e-3),
        ("mg/m³", "ug/m3", 1e3),
        ("g/m3", "mg/L", 1.0),
        ("m3/h", "L/s", 1 / 3.6),
        ("Pa", "kPa", 1e-3),
        ("mg/L", "mg/L", 1.0),
        ("℃", "°", 1.0),
    ],
)
def test_what_converts(sent: str, wanted: str, factor: float) -> None:
    assert factor_between(sent, wanted) == pytest.approx(factor, rel=1e-11)


@pytest.mark.parametrize(("sent", "wanted"), [("pH", "mg/L"), ("mg/L", "m3/h"), ("ppm", "mg/m3"), ("", "mg/L")])
def test_what_does_not(sent: str, wanted: str) -> None:
    assert factor_between(sent, wanted) is None


def test_no_noise_of_binary_fractions() -> None:
    assert converted(12.1, 0.001) == 0.0121
