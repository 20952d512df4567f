"""`citybrain bench detectors` answers with the figures that others read, from one run."""

import pytest

from detectors.benchmarks import throughput
from streams.commands.bench_detectors import measured


def test_the_chain_and_its_peer_are_measured_in_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput, "WARM_ROUNDS", 60)
    told = measured(series=40, rounds=10, seed=1)
    assert told["default_chain_readings_per_s"] > 0
    assert told["by_width"].keys() == {"dense, 40 series", "mixed, 40 series", "quarter, 10 series"}
    assert told["peers"]["scikit-learn IsolationForest, batch"] > 0
    assert 0 <= told["findings"] < 0.1
    assert 500 <= told["memory_bytes_per_series"] <= 2_048
