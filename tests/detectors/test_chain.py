"""A detector that raises: the row goes, the rest goes on, and no memory has a trace of it."""

import dataclasses
from typing import Any

import numpy as np

from detectors.base import Outcome, Rows, Scores, State
from detectors.kernel import Kernel
from detectors.rate_of_change import RateOfChange
from detectors.registry import DETECTORS, Member
from detectors.series import BLOCKS
from tests.detectors.small_pack import MINUTE, START, domain
from tests.detectors.written_log import Log, Row


class Faints(RateOfChange):
    """Cannot bear a value of exactly 13."""

    def update(self, rows: Rows, state: State) -> Scores:
        scores = super().update(rows, state)
        if (rows.x == 13.0).any():
            raise ZeroDivisionError("thirteen")
        return scores


class FaintsAlways(RateOfChange):
    def update(self, rows: Rows, state: State) -> Scores:
        raise RuntimeError("never")


def kernel(kind: type[RateOfChange] = Faints) -> Kernel:
    members = DETECTORS | {"rate_of_change": Member(lambda tables: kind())}
    return Kernel(domain(), "readings.trial", 0, members=members)


def log(*poison: int) -> Log:
    """Seven series for fifty minutes; the offsets in ``poison`` hold a 13."""
    noise, written = np.random.default_rng(3), Log()
    for minute in range(50):
        written.tick(START + minute * MINUTE)
        for place in range(7):
            value = 70.0 if minute == 40 else float(np.round(20 + noise.standard_normal(), 3))
            written.read(f"works/p{place}/temp/Rtd", START + minute * MINUTE, value)
    for offset in poison:
        row = written.entries[offset]
        assert isinstance(row, Row)
        written.entries[offset] = dataclasses.replace(row, value=13.0)
    return written


def without(written: Log, *offsets: int) -> Log:
    """The same log with rows at these offsets that say nothing and mean nothing (long past)."""
    entries = list(written.entries)
    for offset in offsets:
        row = entries[offset]
        assert isinstance(row, Row)
        entries[offset] = dataclasses.replace(row, time=START - MINUTE, usable=False)
    return Log(entries)


def test_poison_is_set_aside_row_by_row() -> None:
    poison = (81, 83, 206, 325)
    subject, healthy = kernel(), kernel()
    outcome, expected = log(*poison).play(subject), without(log(), *poison).play(healthy)
    assert [(each.offset, each.reason) for each in outcome.rejects] == [(place, "detector_failed") for place in poison]
    assert outcome.rejects[0].detail == "works/p0/temp/Rtd: rate_of_change: ZeroDivisionError: thirteen"
    assert [each.id for each in outcome.findings] == [each.id for each in expected.findings]
    assert_same_memory(subject, healthy)


def test_the_same_rows_are_set_aside_however_the_log_is_cut() -> None:
    poison = (81, 83, 206)
    whole, pieces = log(*poison).play(kernel()), log(*poison).play(kernel(), range(400))
    assert whole == pieces


def test_a_detector_that_always_raises_leaves_nothing_but_dead_letters() -> None:
    subject = kernel(FaintsAlways)
    outcome: Outcome = log().play(subject)
    assert len(outcome.rejects) == 350 and outcome.findings == []
    assert not np.isfinite(subject.series.last_t).any()


def assert_same_memory(one: Kernel, other: Kernel) -> None:
    for block in range(BLOCKS):
        mine: dict[str, Any] = one.export(block).get("memory", {})
        theirs: dict[str, Any] = other.export(block).get("memory", {})
        assert mine.keys() == theirs.keys()
        for name, state in mine.items():
            for key, array in state.items():
                np.testing.assert_array_equal(array, theirs[name][key], err_msg=f"{name}.{key}")
