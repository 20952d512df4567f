"""What detectors are told of a row that comes in time: whether its value may be used, and whether it teaches."""

import doctest

import numpy as np

from detectors import live_rows, writes
from detectors.base import Columns, Rows
from detectors.episodes import RELEARN_MS
from detectors.kernel import Kernel
from tests.detectors.small_pack import MINUTE, START, domain, limit, quantity, spec

SLOTS = np.arange(4)


def watched() -> Kernel:
    """Four series of one site, with a limit at 60 within a span of -100 to 1000."""
    kernel = Kernel(domain({"temp": quantity(limits=(limit("H", 60.0, "yellow"),))}), "readings.trial", 0)
    for number in SLOTS:
        kernel.bind(spec(f"works1/p{number}/temp/Rtd"))
    return kernel


def at(time: float, *value: float, usable: tuple[bool, ...] = (True,) * 4) -> Columns:
    times, offsets = np.full(4, int(time)), np.arange(4) + int(time) // MINUTE * 4
    return Columns(SLOTS, times, np.array(value), np.array(usable), np.zeros(4, np.bool_), offsets, times)


def gathered(kernel: Kernel, columns: Columns) -> Rows:
    gap = columns.time_ms - kernel.series.last_t[SLOTS]
    bounds = int(columns.time_ms.min()), int(columns.time_ms.max())
    return kernel.live_rows.gather(columns, slice(0, 4), SLOTS, gap, bounds)


def test_the_examples_hold() -> None:
    assert doctest.testmod(live_rows).failed == doctest.testmod(writes).failed == 0


def test_what_did_not_come_is_disowned_or_lies_outside_the_span_is_not_used() -> None:
    rows = gathered(watched(), at(START, 20.0, np.nan, 20.0, 1000.1, usable=(True, True, False, True)))
    assert rows.mask.tolist() == [True, False, False, False]
    assert rows.learn is rows.mask and rows.forced is None
    assert np.isnan(rows.clean).tolist() == [False, True, True, True]


def test_in_an_episode_nothing_is_learnt_until_it_is_the_new_normal() -> None:
    kernel = watched()
    kernel.apply(at(START, 20.0, 20.0, 20.0, 20.0))
    kernel.apply(at(START + MINUTE, 20.0, 90.0, 20.0, 20.0))
    within = gathered(kernel, at(START + 2 * MINUTE, 20.0, 90.0, 20.0, 20.0))
    assert within.mask.all() and within.learn.tolist() == [True, False, True, True] and within.forced is None
    after = gathered(kernel, at(START + MINUTE + RELEARN_MS, 20.0, 90.0, 20.0, 20.0))
    assert after.learn.all()
    assert after.forced is not None and after.forced.tolist() == [False, True, False, False]
