"""A desk without a JVM: claims cut anyhow, killed and restored anywhere, and it says what a serial reading says."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from aiokafka import TopicPartition

from streams.clients import lone_consumer
from streams.flink.claims import Claim
from streams.flink.desk import Desk, State, StateLost
from streams.flink.gathered import Row
from streams.flink.residence import Residence
from streams.flink.shard import ReadingsShard
from streams.packs import publish_packs
from streams.snapshots import BLOCKS, pack
from streams.supervise import Part
from tests.patience import at_last
from tests.streams.flink.rig import START_MS, put, troubled
from tests.streams.trial import Trial, end
from topics.codec import encode
from topics.domain import Domain
from topics.finding import Finding

pytestmark = [pytest.mark.kafka]

#: So many records at most are judged beyond a claim, or beyond what is judged already.
AHEAD = 10

#: Findings by id and seq, and the blocks of each partition's memory.
Told = tuple[dict[tuple[str, int], bytes], dict[int, list[bytes]]]


class Keyed:
    """State as Flink keeps it, and as its last checkpoint had it."""

    def __init__(self) -> None:
        self.meta: bytes | None = None
        self.blocks: dict[int, bytes] = {}

    def copy(self) -> "Keyed":
        other = Keyed()
        other.meta, other.blocks = self.meta, dict(self.blocks)
        return other


class Flow:
    """One partition's claims through desks that end and begin again."""

    def __init__(
        self, residence: Residence, trial: Trial, partition: int, seconds_a_claim: float, keep_s: float = 0.0
    ) -> None:
        self.residence = residence
        self.trial = trial
        self.topic, self.partition = trial.domain.topic, partition
        self.state, self.rows = Keyed(), list[Row]()
        self.seconds = 0.0
        self.began: int | None = None
        self.seconds_a_claim = seconds_a_claim
        self.keep_s = keep_s
        self.desk = self._desk()

    def take(self, first: int, last: int) -> None:
        """One claim, and its state kept."""
        self.began = first if self.began is None else self.began
        claim = Claim(self.topic, self.partition, last - self.began + 1, self.began, last)
        state = State(self.state.meta, self.state.blocks)
        rows, kept = self.residence.run(self.desk.take(self.key, claim, state))
        self.rows += rows
        if kept is not None:
            self.state.blocks |= kept.blocks
            for number in kept.gone:
                del self.state.blocks[number]
            self.state.meta = kept.meta
        self.seconds += self.seconds_a_claim

    def crash(self, state: Keyed) -> None:
        """A new desk that finds this state."""
        self.state, self.desk = state.copy(), self._desk()

    def findings(self) -> dict[tuple[str, int], bytes]:
        """By id and seq; repeats must be equal byte for byte."""
        said: dict[tuple[str, int], bytes] = {}
        for row in self.rows:
            if row.topic == "findings":
                assert row.body is not None
                finding = decode_finding(row.body)
                assert said.setdefault((finding.id, finding.seq), row.body) == row.body
        return said

    def blocks(self) -> list[bytes]:
        shard = self.desk.shards[self.key]
        assert isinstance(shard, ReadingsShard)
        return [pack(shard.lane.kernel.export(block)) for block in range(BLOCKS)]

    @property
    def key(self) -> str:
        return f"{self.topic}/{self.partition}"

    def _desk(self) -> Desk:
        return Desk(
            self.residence, self.trial.group, "desk",
            cycle_s=1.0, keep_s=self.keep_s, clock=lambda: self.seconds, now_ms=lambda: 0,
        )  # fmt: skip


def decode_finding(body: bytes) -> Finding:
    return msgspec.json.decode(body, type=Finding)


@pytest.mark.parametrize(("seed", "keep_s"), [(1, 0.0), (2, 0.45)])
async def test_claims_cut_anyhow_and_desks_killed_anywhere_change_nothing(
    kafka: str, tmp_path: Path, seed: int, keep_s: float
) -> None:
    trial = Trial(kafka, tmp_path, f"desk{seed}", series=40, interval_ms=1_000)
    await trial.prepare()
    await put(trial, troubled(trial, 60))
    serial = await trial.serial()
    ends = await _ends(trial)
    said, states = await asyncio.to_thread(_play, trial, ends, random.Random(seed), keep_s)
    assert serial.findings and said == serial.findings
    assert states == serial.states


def _play(trial: Trial, ends: dict[int, int], chance: random.Random, keep_s: float) -> Told:
    with _residence(trial) as residence:
        residence.ranges.most_records = AHEAD  # the whole log is there: each claim goes so much farther ahead
        return _said(residence, trial, ends, chance, keep_s)


def _said(residence: Residence, trial: Trial, ends: dict[int, int], chance: random.Random, keep_s: float) -> Told:
    said: dict[tuple[str, int], bytes] = {}
    states: dict[int, list[bytes]] = {}
    for partition, last in ends.items():
        flow = Flow(residence, trial, partition, seconds_a_claim=0.1, keep_s=keep_s)
        at, checkpoint = 0, (0, Keyed())
        crashes = 3
        while at < last:
            to = min(last, at + chance.choice((1, 7, 60, 200)))
            flow.take(at, to - 1)
            at = to
            judged = flow.desk.shards[flow.key].next_offset
            assert at <= judged <= last
            assert flow.desk.tallies()[trial.domain.name].lag == last - judged
            if chance.random() < 0.3:
                checkpoint = at, flow.state.copy()
            if crashes and chance.random() < 0.1:
                crashes -= 1
                at = checkpoint[0]
                flow.crash(checkpoint[1])
        said |= flow.findings()
        states[partition] = flow.blocks()
    return said, states


async def test_a_job_goes_on_from_what_workers_have_left_and_never_without_any_state(
    kafka: str, tmp_path: Path
) -> None:
    trial = Trial(kafka, tmp_path, "handed", series=40, interval_ms=1_000)
    await trial.prepare()
    await put(trial, troubled(trial, 20))
    worker = trial.worker()
    await asyncio.to_thread(worker.wait_ready)
    await trial.judged()
    end(worker)
    handed = await _ends(trial)
    await put(trial, troubled(trial, 40))
    serial, ends = await trial.serial(), await _ends(trial)
    findings, states = await asyncio.to_thread(_hand_over, trial, handed, ends)
    assert states == serial.states
    assert findings and findings.items() <= serial.findings.items()
    with pytest.raises(StateLost, match=f"{trial.domain.topic}:0: expected the state of what lies before offset 5"):
        await asyncio.to_thread(_begin_as_a_stranger, trial)


def _hand_over(trial: Trial, handed: dict[int, int], ends: dict[int, int]) -> Told:
    findings: dict[tuple[str, int], bytes] = {}
    states: dict[int, list[bytes]] = {}
    with _residence(trial) as residence:
        for partition in range(trial.workload.partitions):
            flow = Flow(residence, trial, partition, seconds_a_claim=0.1)
            flow.take(handed[partition], ends[partition] - 1)
            findings |= flow.findings()
            states[partition] = flow.blocks()
    return findings, states


async def test_a_claim_that_comes_late_is_the_call_to_judge_what_has_come_since(kafka: str, tmp_path: Path) -> None:
    """The worker stands ahead of its claims, and the next says nothing new: findings do not wait for the one behind."""
    trial = Trial(kafka, tmp_path, "ahead", series=40, interval_ms=1_000)
    await trial.prepare()
    await put(trial, troubled(trial, 10))
    half = await _ends(trial)
    residence = Residence(trial.kafka)
    await asyncio.to_thread(residence.start)
    try:
        flow = Flow(residence, trial, 0, seconds_a_claim=0.1)
        await asyncio.to_thread(flow.take, 0, half[0] - 1)
        await put(trial, troubled(trial, 20))
        ends = await _ends(trial)

        def judged_by_late_claims() -> bool:
            flow.take(0, half[0] // 2)
            return flow.desk.shards[flow.key].next_offset == ends[0]

        assert half[0] < ends[0]
        await asyncio.to_thread(at_last, judged_by_late_claims, "all that lies in the log judged")
    finally:
        await asyncio.to_thread(residence.stop)


async def test_a_pack_that_is_changed_while_they_run_holds_from_its_place_in_the_log(
    kafka: str, tmp_path: Path
) -> None:
    """No restart: a worker and a job's desks take the graver severity at the same record, one desk killed just then."""
    trial = Trial(kafka, tmp_path, "stricter", series=40, interval_ms=1_000)
    await trial.prepare()
    rows = list(troubled(trial, 60))
    await put(trial, iter(rows[: len(rows) // 2]))
    residence = Residence(trial.kafka)
    await asyncio.to_thread(residence.start)
    worker: Part | None = None
    try:
        flows = [Flow(residence, trial, number, seconds_a_claim=0.1) for number in range(trial.workload.partitions)]
        before = await _ends(trial)
        await asyncio.to_thread(_take_all, flows, dict.fromkeys(before, 0), before)
        worker = trial.worker()  # not sooner: a desk goes on from where a worker of its group has come to
        await asyncio.to_thread(worker.wait_ready)
        (news,) = await asyncio.to_thread(publish_packs, trial.kafka, [_stricter(trial.domain)], START_MS + 30_000)
        await put(trial, iter(rows[len(rows) // 2 :]))
        flows[0].crash(flows[0].state)
        await asyncio.to_thread(_take_all, flows, before, await _ends(trial))
        await trial.judged()
        end(worker)
    finally:
        if worker is not None:
            worker.stop()
        await asyncio.to_thread(residence.stop)
    expected = (await trial.serial(artefact={news.ref: encode(news)}.get)).findings
    assert {decode_finding(body).severity for body in expected.values()} >= {"orange", "red"}, "both have held"
    assert (await trial.said())[0] == expected
    assert {key: body for flow in flows for key, body in flow.findings().items()} == expected


def _stricter(domain: Domain) -> Domain:
    """The same pack, in which what is beyond a limit is red and no longer orange."""
    quantities = {
        name: msgspec.structs.replace(
            each, limits=tuple(msgspec.structs.replace(limit, severity="red") for limit in each.limits)
        )
        for name, each in domain.quantities.items()
    }
    return msgspec.structs.replace(domain, quantities=quantities)


def _take_all(flows: list[Flow], firsts: dict[int, int], ends: dict[int, int]) -> None:
    for flow in flows:
        flow.take(firsts[flow.partition], ends[flow.partition] - 1)


def _begin_as_a_stranger(trial: Trial) -> None:
    trial.group = "nobody-was-here"
    with _residence(trial) as residence:
        Flow(residence, trial, 0, seconds_a_claim=0.1).take(5, 9)


@contextmanager
def _residence(trial: Trial) -> Iterator[Residence]:
    residence = Residence(trial.kafka)
    residence.start()
    try:
        yield residence
    finally:
        residence.stop()


async def _ends(trial: Trial) -> dict[int, int]:
    consumer = lone_consumer(trial.kafka)
    await consumer.start()
    places = [TopicPartition(trial.domain.topic, number) for number in range(trial.workload.partitions)]
    ends = await consumer.end_offsets(places)
    await consumer.stop()
    return {place.partition: end for place, end in ends.items()}
