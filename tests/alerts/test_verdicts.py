"""What people say of alarms: the reasons, how each counts, and the interval of a precision."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.lifecycle import Judged
from alerts.verdicts import REASONS, require_reason, wilson
from streams.metrics import Metrics
from streams.server_metrics import ServerMetrics
from tests.alerts.city_parts import House, finding


@pytest.mark.parametrize(
    ("true", "of", "low", "high"), [(8, 10, 0.4902, 0.9433), (0, 5, 0.0, 0.4345), (5, 5, 0.5655, 1.0)]
)
def test_the_interval_is_wilson_s(true: int, of: int, low: float, high: float) -> None:
    assert list(wilson(true, of)) == pytest.approx([low, high], abs=5e-5)


@given(st.integers(0, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_holds_the_rate_and_lies_within_0_and_1(case: tuple[int, int]) -> None:
    true, of = case
    low, high = wilson(true, of)
    assert 0 <= low <= high <= 1
    assert of == 0 or low - 1e-12 <= true / of <= high + 1e-12


def test_only_real_and_threshold_wrong_make_a_precision() -> None:
    labels = {code: reason.counts_as for code, reason in REASONS.items()}
    assert [code for code, label in labels.items() if label == "true"] == ["real"]
    assert [code for code, label in labels.items() if label == "false"] == ["threshold-wrong"]
    assert labels["maintenance"] == labels["start-up"] == "maintenance"


def test_a_reason_is_one_of_the_list_and_other_says_what() -> None:
    require_reason("real", "")
    require_reason("other", "a bird")
    with pytest.raises(ValueError, match=r"expected one of real, instrument-fault, .*, got 'dunno'"):
        require_reason("dunno", "")
    with pytest.raises(ValueError, match="expected what it was"):
        require_reason("other", "  ")


def test_precision_stands_in_the_metrics(house: House) -> None:
    metrics = Metrics()
    page = ServerMetrics(metrics, house.store).page
    assert b"citybrain_detector_precision_ratio{" not in page()
    for number, verdict in enumerate(["real", "real", "threshold-wrong", "maintenance"]):
        (name,) = house.take(finding(quantity=f"q{number}", subject=f"s{number}"))
        house.desk.act(name, lambda _, now, said=verdict: Judged(now, "wang", verdict=said))  # type: ignore[misc]
    page()
    ratio = {"detector": "legal-limit", "bound": "middle"}
    assert metrics.value("citybrain_detector_precision_ratio", **ratio) == pytest.approx(2 / 3)
    reasons = {"detector": "legal-limit", "reason": "maintenance"}
    assert metrics.value("citybrain_detector_verdicts", **reasons) == 1
