"""The benchmark of watched boxes at a tenth: judge and oracle say the same, and a judge that errs is found out."""

import pytest

from streams.bench_boxes import bench_boxes
from streams.judges import box_memory
from topics.domain_file import load_domains

(CARGO,) = (each for each in load_domains() if each.name == "cargo")


def test_the_judge_says_what_the_oracle_says_to_the_second() -> None:
    told = bench_boxes(CARGO, 40, 3.0, 2, print)
    assert told["kept"] and told["expected"] == told["found"] > 15
    assert all(told["by_rule"].values()), "each rule of the oracle was needed"


def test_a_judge_that_takes_the_greatest_value_for_the_median_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box_memory, "median_of", lambda values: float(max(values)))
    told = bench_boxes(CARGO, 40, 3.0, 2, print)
    assert not told["kept"] and told["at_another_time"] + told["extra"] + told["missed"] > 0
