"""The benchmark of watched boxes at a tenth: judge and oracle say the same, and a judge that errs is found out."""

import pytest

from detectors.rules.box.course import hours_to
from streams.bench_boxes import bench_boxes
from streams.judges import box_memory, box_rules
from topics.domain_file import load_domains

(CARGO,) = (each for each in load_domains() if each.name == "cargo")


def test_the_judge_says_what_the_oracle_says_to_the_second_on_both_sides_of_each_bound() -> None:
    told = bench_boxes(CARGO, 40, 6.0, 2, print)
    assert told["kept"] and told["expected"] == told["found"] > 30
    assert all(told["by_rule"].values()), "each rule of the oracle was needed"
    assert all(count >= 2 for side in told["sides"].values() for count in side.values()), "told and not told alike"


@pytest.mark.parametrize(
    ("hours", "seed", "fault"),
    [
        (3.0, 8, (box_memory, "median_of", lambda values: float(max(values)))),
        (3.0, 2, (box_rules, "KINDS", ("ceiling", "control", "emergency"))),
        (6.0, 2, (box_rules, "hours_to", lambda *asked: (hours_to(*asked) or 0.0) / 2)),
    ],
    ids=["the greatest value for the median", "no SADT", "half the time that is left"],
)
def test_a_judge_that_errs_is_found_out(
    monkeypatch: pytest.MonkeyPatch, hours: float, seed: int, fault: tuple[object, str, object]
) -> None:
    monkeypatch.setattr(*fault)
    told = bench_boxes(CARGO, 20, hours, seed, print)
    wrong = told["at_another_time"] + told["other_time_left"] + told["extra"] + told["missed"]
    assert not told["kept"] and wrong > 0
