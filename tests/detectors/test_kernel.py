"""What the kernel finds depends on the log alone: not on how it is cut, nor on where it was saved and loaded."""

import math
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.base import Outcome
from detectors.kernel import Kernel
from detectors.series import BLOCKS, block_of
from tests.detectors.small_bundle import MODELS_REF, models
from tests.detectors.small_pack import MINUTE, START, domain, limit, quantity, spec
from tests.detectors.written_log import Log, Row, bound
from topics.codec import encode
from topics.finding import Finding
from topics.published_pack import publish_form

SERIES = tuple(f"works{site}/p{place}/temp/Rtd" for site in range(4) for place in range(5))


def eventful_log(seed: int, minutes: int = 130) -> Log:
    """Twenty series of five sites with breaches, spikes, dropouts, a lost site, late, double and absurd rows."""
    noise, log = np.random.default_rng(seed), Log()
    for minute in range(minutes):
        now = START + minute * MINUTE
        log.tick(now)
        if minute == 40:
            log.switch("~model", now, MODELS_REF, models())
        if minute == 90:
            pack = publish_form(_later_pack(), now)
            log.switch("~config", now, pack.ref, encode(pack))
        for series in noise.permutation(SERIES).tolist():
            lost = series.startswith("works1/") and 60 <= minute < 80
            chance = noise.random()
            if lost or chance < 0.02:
                continue
            value = float(np.round(20.0 + noise.standard_t(4), 3))
            if chance > 0.97:
                value = float(noise.choice([70.0, 90.0, -40.0, 5000.0, math.nan, 35.0]))
            if series == SERIES[10] and 50 <= minute < 54:
                value = 65.0 + 8.0 * (minute % 3)
            time = now + int(noise.integers(0, 30_000))
            log.read(series, time, value, usable=chance < 0.995, backfill=0.5 < chance < 0.51)
            if chance > 0.99:
                log.read(series, time, value)
                log.read(series, time - 5 * MINUTE, 85.0)
            if 0.9 < chance < 0.905:
                log.read(series, now + 3_600_000, value)
    return log


def _later_pack() -> Any:
    limits = (
        limit("H", 30.0, "orange", deadband=1.0),
        limit("HH", 65.0, "red", hold_s=120),
        limit("L", 0.0, "blue", side="low"),
    )
    return domain({"temp": quantity(limits=(*limits, limit("LL", -30.0, "red", side="low")))})


def kernel() -> Kernel:
    return Kernel(domain(), "readings.trial", 0)


LOG = eventful_log(5)
WHOLE = LOG.play(kernel())


def test_the_log_has_everything_in_it() -> None:
    found = {(finding.detector, finding.phase) for finding in WHOLE.findings}
    expected = {"limit", "range", "missing", "mass_loss", "anomaly"}
    assert {(detector, phase) for detector in expected for phase in ("open", "close")} <= found
    assert ("limit", "update") in found and any(finding.late for finding in WHOLE.findings)
    assert {reject.reason for reject in WHOLE.rejects} == {"time_ahead"}
    assert WHOLE.late > 10 and WHOLE.duplicate > 10
    assert {len(finding.versions) for finding in WHOLE.findings} == {1, 2}  # before and after the models came


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, len(LOG.entries)), max_size=60))
def test_any_split_of_the_log_gives_the_same(cuts: list[int]) -> None:
    assert_same(LOG.play(kernel(), cuts), WHOLE)


def test_one_by_one_gives_the_same() -> None:
    assert_same(LOG.play(kernel(), range(len(LOG.entries))), WHOLE)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_torn_snapshots_give_the_same(data: st.DataObject) -> None:
    """Each block is saved at an offset of its own; the log is read again from the oldest."""
    shared_at = data.draw(st.integers(200, len(LOG.entries)))
    used = sorted({place for place in range(BLOCKS) if kernel_blocks()[place]})
    since = {block: data.draw(st.integers(max(0, shared_at - 150), shared_at)) for block in used}
    first, blocks = kernel(), {}
    before, reached = Outcome(), 0
    for block, offset in sorted(since.items(), key=lambda item: item[1]):
        before.findings += LOG.play(first, start=reached, stop=offset).findings
        reached = offset
        blocks[block] = first.export(block)
    LOG.play(first, start=reached, stop=shared_at)
    second = kernel()
    second.load_shared(first.export_shared(), shared_at, LOG.artefacts.get)
    for block, state in blocks.items():
        second.load(state, since[block])
    start = min(since.values())
    after = LOG.play(second, start=start)
    ids = [finding_key(each) for each in after.findings]
    assert len(ids) == len(set(ids))
    assert ids == [finding_key(each) for each in WHOLE.findings if _comes_again(each, since)]
    for block in range(BLOCKS):
        assert_equal_state(second.export(block), END.export(block))


def _comes_again(finding: Finding, since: dict[int, int]) -> bool:
    return finding.origin.last_offset >= since[block_of(finding.site)]


def kernel_blocks() -> dict[int, int]:
    """How many series each block has at the end of the log."""
    return {block: len(END.export(block)["specs"]) for block in range(BLOCKS)}


END = kernel()
LOG.play(END)


def test_equal_states_export_alike_and_load_into_the_same() -> None:
    copy = kernel()
    copy.load_shared(END.export_shared(), len(LOG.entries), LOG.artefacts.get)
    for block in reversed(range(BLOCKS)):
        copy.load(END.export(block), len(LOG.entries))
    for block in range(BLOCKS):
        assert_equal_state(copy.export(block), END.export(block))
    assert copy.export_shared() == END.export_shared()


def test_a_series_met_again_in_a_restored_block_stays_restored() -> None:
    """Rows before a block's offset are ignored even for a series that its snapshot does not have."""
    log = Log([Row(SERIES[0], START, 90.0), Row(SERIES[0], START + MINUTE, 90.0)])
    fresh = kernel()
    for block in range(BLOCKS):
        fresh.load({"block": block, "specs": []}, since=1)
    assert [finding.origin.first_offset for finding in log.play(fresh).findings] == [1]


def test_what_a_finding_says() -> None:
    log, series = Log(), SERIES[0]
    log.tick(START)
    log.read(series, START + 1000, 61.5)
    log.read(series, START + 2000, 81.25)
    log.read(series, START + 3000, 59.0)
    log.read(series, START + 4000, 57.9)
    opened, worse, better, closed = log.play(kernel()).findings
    assert [each.phase for each in (opened, worse, better, closed)] == ["open", "update", "update", "close"]
    assert [each.seq for each in (opened, worse, better, closed)] == [0, 1, 2, 3]
    assert [each.severity for each in (opened, worse, better, closed)] == ["yellow", "red", "yellow", "yellow"]
    assert {each.id for each in (opened, worse, better, closed)} == {opened.id}
    assert {each.opened for each in (opened, worse, better, closed)} == {START + 1000}
    assert (opened.value, opened.expected, worse.expected, closed.closed) == (61.5, 60.0, 80.0, START + 4000)
    assert (opened.origin.topic, opened.origin.first_offset, worse.origin.last_offset) == ("readings.trial", 1, 2)
    assert (opened.stamp, opened.alarm_key) == (1001, "trial|works0|temp|limit")
    assert opened.text.en == (
        "Temperature 1 61.50 °C, above limit H 60.00 °C (test) (limit unconfirmed), since 2015-08-12 00:00:01"
    )
    assert opened.text.zh == "一号温度 61.50 °C，高于H限值 60.00 °C（test）（限值未经核实），始于 2015-08-12 00:00:01"
    assert opened.versions == {"pack": kernel().force.tables.hash[:16]}


def test_a_broken_artefact_is_refused_and_nothing_changes() -> None:
    log = Log()
    log.switch("~model", START, MODELS_REF, models()[:-10])
    log.switch("~config", START, "domain/trial@00", b"{}")
    judged, mine = log.play(subject := kernel()), kernel()
    assert [reject.reason for reject in judged.rejects] == ["schema_mismatch", "schema_mismatch"]
    assert "expected content with the hash in its name" in judged.rejects[0].detail
    assert subject.force.versions == mine.force.versions


def test_memory_of_a_series_is_at_most_two_kilobytes() -> None:
    subject = kernel()
    for place in range(1000):
        subject.bind(spec(f"s{place // 10}/p{place}/temp/Rtd"))
    size = sum(_bytes(subject.export(block)) for block in range(BLOCKS))
    assert size / 1000 <= 2_000


def _bytes(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, dict):
        return sum(_bytes(each) for name, each in value.items() if name != "specs")
    return 0


def test_rows_of_unbound_kinds_grow_the_tables() -> None:
    subject = kernel()
    bound(subject, "works0/p1/temp/Rtd")
    bound(subject, "works0/p1/temp/Avg")
    bound(subject, "works0/p1/wind/Rtd")  # a quantity that the pack lacks
    log = Log([Row("works0/p1/temp/Avg", START, 90.0), Row("works0/p1/wind/Rtd", START, 90.0)])
    assert log.play(subject).findings == []


def finding_key(finding: Finding) -> bytes:
    """All of a finding."""
    return encode(finding)


def assert_same(one: Outcome, other: Outcome) -> None:
    assert [finding_key(each) for each in one.findings] == [finding_key(each) for each in other.findings]
    assert one.rejects == other.rejects
    assert (one.late, one.duplicate) == (other.late, other.duplicate)


def assert_equal_state(one: Any, other: Any) -> None:
    """Bit-equal, arrays included."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for name in one:
            assert_equal_state(one[name], other[name])
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    else:
        assert one == other
