"""The table of metrics: names that carry their unit, each once."""

import re

import pytest

from streams.metric_table import METRICS, Metric


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_names_carry_their_unit(metric: Metric) -> None:
    assert re.fullmatch(r"citybrain_[a-z_]+", metric.name)
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    if metric.kind == "histogram":
        assert metric.name.endswith("_seconds")
        assert list(metric.buckets) == sorted(metric.buckets)


def test_a_name_stands_once() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)
