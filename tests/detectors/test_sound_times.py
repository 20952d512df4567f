"""Rows whose time no clock in order could have said: refused one by one, the rest of the batch is judged."""

from detectors.kernel import Kernel
from detectors.sound_times import AHEAD_MS
from tests.detectors.small_pack import START, domain
from tests.detectors.written_log import Log
from topics.reading import EARLIEST_MS

SERIES = "works1/p1/temp/Rtd"


def kernel() -> Kernel:
    return Kernel(domain(), "readings.trial", 0)


def test_a_broken_clock_in_the_field_is_refused() -> None:
    log = Log()
    log.tick(START)
    log.read(SERIES, START + 600_001, 20.0)
    log.read(SERIES, 1_000, 20.0)
    log.read(SERIES, START + 600_000, 20.0)
    judging = kernel()
    judged = log.play(judging)
    assert [(reject.offset, reject.reason) for reject in judged.rejects] == [(1, "time_ahead"), (2, "schema_mismatch")]
    assert "expected at most 600 s after city time" in judged.rejects[0].detail
    assert judged.rejects[1].detail == f"{SERIES}: time: expected at least {EARLIEST_MS}, got 1000"
    assert judging.series.last_t[0] == START + 600_000


def test_a_batch_of_nothing_but_broken_clocks_leaves_the_kernel_as_it_was() -> None:
    log = Log()
    log.tick(START)
    log.read(SERIES, START + 2 * AHEAD_MS, 90.0)
    log.read(SERIES, START + 3 * AHEAD_MS, 90.0)
    judged = log.play(kernel())
    assert [reject.reason for reject in judged.rejects] == ["time_ahead"] * 2
    assert judged.findings == [] and judged.late == judged.duplicate == 0


def test_before_the_first_tick_nothing_is_ahead_of_anything() -> None:
    log = Log()
    log.read(SERIES, START + 100 * AHEAD_MS, 20.0)
    log.read(SERIES, EARLIEST_MS - 1, 20.0)
    judged = log.play(kernel())
    assert [(reject.offset, reject.reason) for reject in judged.rejects] == [(1, "schema_mismatch")]
