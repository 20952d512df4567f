"""The domain that load is sent to: one quantity with one limit, under the whole default chain of detectors."""

import datetime as dt

from load_tests.workload import Workload
from topics.domain import Domain, Guidance, Limit, Quantity
from topics.finding import Text

#: Every member of the default chain, with its default settings.
CHAIN = ("limit", "stuck", "missing", "rate_of_change", "ewma_level", "hour_of_day", "isolation_forest")


def load_domain(workload: Workload, chain: tuple[str, ...] = CHAIN) -> Domain:
    """The pack for a workload: its breaches are beyond the limit, its healthy values are not."""
    limit = Limit(
        level="H",
        value=(workload.level + workload.breach) / 2,
        severity="orange",
        standard="load test",
        source="load test",
        valid_from=dt.date(2000, 1, 1),
        confirmed=True,
    )
    quantity = Quantity(
        title=Text("负载", "load"),
        unit=workload.unit,
        sensor_class="load",
        interval_s=workload.interval_ms / 1000,
        span=(0.0, 10 * workload.breach),
        resolution=0.001,
        decimals=3,
        limits=(limit,),
    )
    return Domain(
        name=workload.name,
        title=Text("负载测试", "Load test"),
        order=99,
        cap_category="Other",
        quantities={workload.quantity: quantity},
        detectors={name: {} for name in chain},
        routes=(),
        guidance={"default": Guidance(Text("无", "none"), Text("无", "none"), 600, Text("无", "none"))},
        partitions=workload.partitions,
    )
