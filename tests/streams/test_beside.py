"""A candidate beside the live kernel: it says what it would have said alone, and changes nothing of the live one."""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest

from detectors.base import Columns, Outcome, Reject
from detectors.kernel import Kernel
from streams.candidates import candidate_ref_of, read_candidate
from streams.lane import Lane
from streams.snapshots import BLOCKS, pack, unpack
from tests.detectors.small_bundle import MODELS_REF, models
from tests.detectors.small_pack import MINUTE, START, domain, limit, quantity
from tests.streams.written_records import Partition
from topics.codec import encode
from topics.domain import Domain
from topics.finding import Finding
from topics.published_pack import publish_form
from topics.reading import Control
from topics.shadow import Candidate, ShadowWord

LIVE = domain()
#: The same city with its high limit at 50 instead of 60.
STRICTER = domain({"temp": quantity(limits=(limit("H", 50.0, "yellow", deadband=2.0), limit("HH", 80.0, "red")))})
PROBES = 12


def candidate(pack: Domain | None = None, models: bytes | None = None, run: str = "1" * 16) -> Candidate:
    content = publish_form(pack, START).domain if pack is not None else None
    return Candidate(run, "trial", "li", START, START, content, models)


def start(partition: Partition, one: Candidate, time: int) -> int:
    body = encode(one)
    ref = candidate_ref_of(one)
    partition.artefacts[ref] = body
    return partition.put(Control("~shadow", time, ref=ref))


def minutes(partition: Partition, first: int, count: int, seed: int = 1) -> None:
    """So many minutes of all probes: noise about 40, now and then beyond 50 or 60, with a tick each minute."""
    generator = np.random.default_rng([seed, first])
    for minute in range(first, first + count):
        time = START + minute * MINUTE
        for probe in range(PROBES):
            level = generator.choice([40.0, 55.0, 70.0], p=[0.93, 0.04, 0.03])
            if probe == 0 and 50 <= minute < 70:
                level = 75.0  # an episode that lasts
            partition.read(probe, time + probe, float(level + generator.normal(0.0, 1.0)))
        partition.put(Control("~tick", time + 1_000))


@pytest.fixture
def partition() -> Partition:
    return Partition()


def said(words: list[ShadowWord]) -> list[Finding]:
    return [word.finding for word in words if word.finding is not None]


def kinds(words: list[ShadowWord]) -> list[str]:
    return [word.kind for word in words if word.kind in ("began", "ended", "failed")]


def plain(findings: list[Finding]) -> list[Finding]:
    """Without the name of the pack, which is the candidate's own."""
    return [msgspec.structs.replace(each, versions={}) for each in findings]


def test_a_candidate_that_changes_nothing_says_what_the_live_one_says(partition: Partition) -> None:
    minutes(partition, 0, 60)
    at = start(partition, candidate(LIVE), START + 60 * MINUTE)
    minutes(partition, 60, 60)
    judged = partition.judge(partition.lane(LIVE), cut=333)
    after = [each for each in judged.findings if each.origin.last_offset > at]
    assert len(after) > 30 and any(each.phase == "close" and each.opened < START + 60 * MINUTE for each in after)
    assert plain(said(judged.shadow)) == plain(after)
    assert kinds(judged.shadow) == ["began"]


def test_it_finds_more_with_a_stricter_limit_and_the_live_one_finds_what_it_always_does(partition: Partition) -> None:
    minutes(partition, 0, 10)
    start(partition, candidate(STRICTER), START + 10 * MINUTE)
    minutes(partition, 10, 30)
    partition.put(Control("~shadow", START + 40 * MINUTE))
    minutes(partition, 40, 5)
    judged = partition.judge(partition.lane(LIVE))
    alone = Partition([each for each in partition.records if b"~shadow" not in (each.value or b"")])
    assert judged.findings == alone.judge(alone.lane(LIVE)).findings
    assert judged.refused == []
    opened = {each.subject for each in said(judged.shadow) if each.phase == "open" and each.value and each.value < 60}
    assert opened  # between 50 and 60 the live one has nothing to say
    assert kinds(judged.shadow) == ["began", "ended"]
    assert max(each.time for each in said(judged.shadow)) <= START + 40 * MINUTE
    cost = [word for word in judged.shadow if word.kind == "cost"]
    assert sum(word.readings for word in cost) == 30 * PROBES
    assert all(word.live_s > 0 and word.candidate_s > 0 for word in cost)


def test_a_row_that_the_live_one_refuses_too_is_not_held_against_the_candidate(partition: Partition) -> None:
    minutes(partition, 0, 3)
    start(partition, candidate(STRICTER), START + 3 * MINUTE)
    minutes(partition, 3, 3)
    for probe in range(5):  # devices whose clocks are a day ahead
        partition.read(probe, START + 24 * 60 * MINUTE, 40.0)
    minutes(partition, 6, 3)
    judged = partition.judge(partition.lane(LIVE))
    assert [reason for _, reason, _ in judged.refused] == ["time_ahead"] * 5
    told = [word for word in judged.shadow if word.kind == "cost"]
    assert sum(word.readings for word in told) > 0 and sum(word.refused for word in told) == 0


def test_a_row_that_the_candidate_alone_refuses_is(partition: Partition, monkeypatch: pytest.MonkeyPatch) -> None:
    minutes(partition, 0, 3)
    start(partition, candidate(STRICTER), START + 3 * MINUTE)
    minutes(partition, 3, 3)
    apply = Kernel.apply

    def narrow(kernel: Kernel, columns: Columns) -> Outcome:
        outcome = apply(kernel, columns)
        if kernel is not lane.beside.kernel:
            outcome.rejects.append(Reject(int(columns.offset[0]), "schema_mismatch", "more than it can bear"))
        return outcome

    lane = partition.lane(LIVE)
    monkeypatch.setattr(Kernel, "apply", narrow)
    judged = partition.judge(lane)
    assert judged.refused == [] and sum(word.refused for word in judged.shadow) > 0


@pytest.mark.parametrize("cut", [1, 50])
def test_batches_do_not_matter(partition: Partition, cut: int) -> None:
    minutes(partition, 0, 3)
    start(partition, candidate(STRICTER), START + 3 * MINUTE)
    minutes(partition, 3, 9)
    whole, cut_up = (partition.judge(partition.lane(LIVE), cut=size) for size in (1_000_000, cut))
    assert said(whole.shadow) and said(whole.shadow) == said(cut_up.shadow)
    assert whole.findings == cut_up.findings


def blocks(lane: Lane, part: slice) -> Iterator[tuple[int, dict[str, Any]]]:
    for number in range(len(lane.beside.kernels) * BLOCKS)[part]:
        yield number, unpack(pack(lane.beside.kernels[number // BLOCKS].export(number % BLOCKS)))


@pytest.mark.parametrize("torn", [False, True])
def test_it_goes_on_from_a_snapshot_as_if_nothing_had_happened(partition: Partition, torn: bool) -> None:
    """Blocks of one snapshot are of several moments: some are copied at offset 700, the rest at 900."""
    minutes(partition, 0, 10)
    start(partition, candidate(STRICTER), START + 10 * MINUTE)
    minutes(partition, 10, 65)
    whole = partition.judge(partition.lane(LIVE))

    first = partition.lane(LIVE)
    before = partition.judge(first, stop=700)
    kept = [(number, state, 700) for number, state in blocks(first, slice(None, None, 3 if torn else 1))]
    if torn:
        before_too = partition.judge(first, start=700, stop=900)
        taken = {number for number, _, _ in kept}
        kept += [(number, state, 900) for number, state in blocks(first, slice(None)) if number not in taken]
        assert plain(said(before_too.shadow))
    at = 900 if torn else 700
    shared = unpack(pack(first.beside.export_shared()))

    second = partition.lane(LIVE)
    second.beside.restore(shared, at, partition.artefacts.get)
    for number, state, since in sorted(kept, key=lambda each: each[0]):
        second.beside.kernels[number // BLOCKS].load(state, since)
    second.next_offset = 700
    after = partition.judge(second, start=700)
    expected = {(each.id, each.seq): each for each in said(whole.shadow)}
    got = {(each.id, each.seq): each for each in [*said(before.shadow), *said(after.shadow)]}
    if torn:
        got |= {(each.id, each.seq): each for each in said(before_too.shadow)}
    assert got == expected
    assert kinds(after.shadow) == []


def test_a_start_that_is_read_again_starts_nothing_again(partition: Partition) -> None:
    at = start(partition, candidate(STRICTER), START)
    minutes(partition, 0, 5)
    lane = partition.lane(LIVE)
    partition.judge(lane)
    run = lane.beside.run
    assert run is not None
    again = partition.judge(lane, start=at, stop=at + 1)
    assert lane.beside.run is run and again.shadow == []


def test_it_keeps_its_own_pack_when_the_live_one_changes_and_follows_in_all_else(partition: Partition) -> None:
    start(partition, candidate(STRICTER), START)
    minutes(partition, 0, 5)
    looser = domain({"temp": quantity(limits=(limit("H", 66.0, "yellow"),))})
    published = publish_form(looser, START)
    partition.artefacts[published.ref] = encode(published)
    partition.put(Control("~config", START + 5 * MINUTE, ref=published.ref))
    partition.artefacts[MODELS_REF] = models()
    partition.put(Control("~model", START + 5 * MINUTE, ref=MODELS_REF))
    minutes(partition, 5, 40)
    lane = partition.lane(LIVE)
    judged = partition.judge(lane)
    run = lane.beside.run
    assert run is not None
    assert run.kernel.force.tables.domain.quantities["temp"].limits[0].value == 50.0
    assert lane.kernel.force.tables.domain.quantities["temp"].limits[0].value == 66.0
    assert run.kernel.force.refs["~model"] == lane.kernel.force.refs["~model"] == MODELS_REF
    assert judged.refused == []


def test_a_candidate_may_turn_the_knob_of_false_alerts(partition: Partition) -> None:
    quieter = msgspec.structs.replace(LIVE, false_alerts_per_sensor_day=0.0004)
    start(partition, candidate(quieter), START)
    minutes(partition, 0, 2)
    lane = partition.lane(LIVE)
    partition.judge(lane)
    run = lane.beside.run
    assert run is not None
    assert run.kernel.force.bounds[0] == pytest.approx(lane.kernel.force.bounds[0] + 1.0)  # ten times rarer


def test_other_models_alone_are_a_candidate_too(partition: Partition) -> None:
    start(partition, candidate(models=models()), START)
    minutes(partition, 0, 3)
    lane = partition.lane(LIVE)
    partition.judge(lane)
    run = lane.beside.run
    assert run is not None and "~model" in run.kernel.force.refs and "~model" not in lane.kernel.force.refs


def test_a_second_candidate_ends_the_first(partition: Partition) -> None:
    start(partition, candidate(STRICTER), START)
    minutes(partition, 0, 3)
    start(partition, candidate(LIVE, run="2" * 16), START + 3 * MINUTE)
    minutes(partition, 3, 3)
    judged = partition.judge(partition.lane(LIVE))
    told = [(word.run[0], word.kind) for word in judged.shadow if word.kind in ("began", "ended")]
    assert told == [("1", "began"), ("1", "ended"), ("2", "began")]


def test_a_candidate_that_breaks_ends_alone(partition: Partition, monkeypatch: pytest.MonkeyPatch) -> None:
    start(partition, candidate(STRICTER), START)
    minutes(partition, 0, 30)
    alone = Partition(partition.records[1:])
    lane = partition.lane(LIVE)
    partition.judge(lane, stop=100)
    run = lane.beside.run
    assert run is not None

    def breaks(*_: Any) -> Any:
        raise RuntimeError("no more")

    monkeypatch.setattr(run.kernel, "apply", breaks)
    judged = partition.judge(lane, start=100)
    assert kinds(judged.shadow) == ["failed"] and judged.shadow[0].detail == "RuntimeError: no more"
    assert judged.findings and lane.beside.run is None
    assert plain(judged.findings) == plain(
        [each for each in alone.judge(alone.lane(LIVE)).findings if each.origin.last_offset >= 100]
    )


@pytest.mark.parametrize(
    "one",
    [
        candidate(models=b"no bundle"),
        msgspec.structs.replace(candidate(STRICTER), pack={"name": "trial"}),
        msgspec.structs.replace(candidate(STRICTER), domain="elsewhere"),
    ],
)
def test_one_that_does_not_fit_never_begins_and_says_why(partition: Partition, one: Candidate) -> None:
    start(partition, one, START)
    minutes(partition, 0, 3)
    lane = partition.lane(LIVE)
    judged = partition.judge(lane)
    assert kinds(judged.shadow) == ["failed"] and judged.shadow[0].detail
    assert lane.beside.run is None and judged.refused == []


def test_one_whose_candidate_is_gone_ends_at_the_restart(partition: Partition) -> None:
    start(partition, candidate(STRICTER), START)
    minutes(partition, 0, 3)
    first = partition.lane(LIVE)
    partition.judge(first)
    shared = unpack(pack(first.beside.export_shared()))
    partition.artefacts.clear()
    second = partition.lane(LIVE)
    second.beside.restore(shared, len(partition.records), partition.artefacts.get)
    (word,) = second.beside.words()
    assert (word.kind, word.run, word.domain) == ("failed", "1" * 16, "trial")
    assert len(second.beside.kernels) == 1


def test_the_kernel_itself_knows_nothing_of_it() -> None:
    kernel = Kernel(LIVE, LIVE.topic, 0)
    outcome = kernel.control(Control("~shadow", START, ref="x"), 0, 0, b"anything")
    assert not outcome.rejects and not outcome.findings


def test_a_candidate_s_record_is_read_as_it_was_written() -> None:
    one = candidate(STRICTER, models())
    assert read_candidate(encode(one)) == one
