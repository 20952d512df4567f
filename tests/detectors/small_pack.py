"""A small domain to test detection with: every value is given here, none is a fact of the world."""

import datetime as dt
from typing import Any

from detectors.base import SeriesSpec
from topics.domain import Domain, Guidance, Limit, Quantity
from topics.finding import Text

#: 2015-08-12 00:00 in the city.
START = 1_439_308_800_000
MINUTE = 60_000
NOWHERE = Text("无", "none")


def limit(level: str, value: float, severity: str, **more: Any) -> Limit:
    """A limit of the test's own making."""
    return Limit(level, value, severity, "test", "this test", more.pop("valid_from", dt.date(2000, 1, 1)), **more)


def quantity(sensor_class: str = "probe", **more: Any) -> Quantity:
    """A quantity read each minute within -100 to 1000."""
    given: dict[str, Any] = {"interval_s": 60, "span": (-100.0, 1000.0), "resolution": 0.001} | more
    return Quantity(Text("温度", "Temperature"), "°C", sensor_class, **given)


def domain(quantities: dict[str, Quantity] | None = None, detectors: dict[str, dict[str, Any]] | None = None) -> Domain:
    """One quantity ``temp`` with limits L, H and HH, unless told otherwise."""
    limits = (
        limit("L", -20.0, "yellow", side="low"),
        limit("H", 60.0, "yellow", deadband=2.0),
        limit("HH", 80.0, "red"),
    )
    return Domain(
        name="trial",
        title=Text("试验", "Trial"),
        order=1,
        cap_category="Other",
        quantities=quantities or {"temp": quantity(limits=limits)},
        detectors=detectors or {},
        routes=(),
        guidance={"default": Guidance(NOWHERE, NOWHERE, 600, NOWHERE)},
        partitions=1,
    )


def spec(series: str, sensor_class: str = "probe", unit: str = "°C") -> SeriesSpec:
    """The spec of ``site/device/quantity/statistic``."""
    site, _, name, statistic = series.split("/")
    return SeriesSpec(
        series, site, name, statistic, unit, sensor_class, "一号温度", "Temperature 1", "一号厂", "Works 1"
    )
