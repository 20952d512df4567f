"""A person says that what a series shows is its new normal: it is learnt at once, and the finding says who said so."""

from detectors.base import Outcome
from detectors.kernel import Kernel
from detectors.series import BLOCKS
from tests.detectors.small_pack import MINUTE, START, domain, quantity
from tests.detectors.test_kernel import assert_equal_state, assert_same
from tests.detectors.written_log import Log
from topics.reading import Control

SERIES = "works/p1/temp/Rtd"
MOVED = 350


def moved_works(said: bool) -> Log:
    """A series that stays at another level for good from minute 350; at minute 370 a person says that it may."""
    log = Log()
    for minute in range(1000):
        now = START + minute * MINUTE
        log.tick(now)
        if said and minute == MOVED + 20:
            log.entries.append(Control("~normal", now, subject=SERIES, by="Li", reason="new burner"))
        wobble = (minute * 7919 % 13 - 6) / 50
        for series in (SERIES, "works/p2/temp/Rtd"):
            log.read(series, now + 1000, 20.0 + wobble + (400.0 if minute >= MOVED and series == SERIES else 0.0))
    return log


def kernel() -> Kernel:
    return Kernel(domain({"temp": quantity()}), "readings.trial", 0)


def anomaly_minutes(outcome: Outcome, phase: str) -> list[int]:
    return [
        (each.time - START) // MINUTE
        for each in outcome.findings
        if each.detector == "anomaly" and each.phase == phase and each.subject == SERIES
    ]


def test_it_is_learnt_at_once_and_the_finding_says_who_said_so() -> None:
    left_alone, said = moved_works(False).play(kernel()), moved_works(True).play(kernel())
    assert anomaly_minutes(left_alone, "open") == anomaly_minutes(said, "open") == [MOVED]
    told = next(each for each in said.findings if "new_normal_by" in each.facts)
    assert (told.phase, told.subject, told.facts["new_normal_by"]) == ("update", SERIES, "Li")
    assert told.text.en == "Temperature 1: what it shows was declared its new normal by Li: new burner"
    assert told.text.zh == "一号温度 现状由 Li 认定为新常态：new burner"
    assert anomaly_minutes(left_alone, "close")[0] - anomaly_minutes(said, "close")[0] > 200


def test_it_depends_on_the_log_alone() -> None:
    log = moved_works(True)
    whole, pieces, torn = kernel(), kernel(), kernel()
    assert_same(log.play(pieces, range(0, len(log.entries), 7)), log.play(whole))
    middle = 3 * MOVED + 300
    log.play(torn, stop=middle)
    heir = kernel()
    heir.load_shared(torn.export_shared(), middle)
    for block in range(BLOCKS):
        heir.load(torn.export(block), middle)
    log.play(heir, start=1200)  # what the state has seen already is not heard twice
    for block in range(BLOCKS):
        assert_equal_state(heir.export(block), whole.export(block))


def test_of_another_partitions_series_or_where_nothing_is_open_nothing_is_said() -> None:
    log = Log()
    log.read(SERIES, START, 20.0)
    log.entries += [Control("~normal", START, subject=name, by="Li", reason="-") for name in (SERIES, "x/y/temp/Rtd")]
    judged = log.play(kernel())
    assert judged.findings == [] and judged.rejects == []
