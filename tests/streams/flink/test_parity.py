"""One replay, out of order, late, doubled and poisoned, through every engine: the same findings, the same refusals."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from alerts.intake import read_finding
from records.registry import registry_of
from streams.backtesting.rerun import Plan as PastPlan
from streams.backtesting.rerun import Rerun
from streams.backtesting.topic_past import TopicPast
from streams.bench_pipeline import registered
from streams.flink.cluster import FlinkCluster
from streams.judges.happenings import of_finding
from streams.judges.sequences import SequenceWatch
from streams.specs import SpecBook
from tests.streams.flink.rig import INCOMPLETE, NEWER, OLDER, START_MS, FlinkJobs, Said, marks, stored, troubled
from tests.streams.flink.three_workers import write_and_judge
from tests.streams.trial import Trial, end
from topics.codec import encode
from topics.event_sequence import EventSequence, StepPattern
from topics.finding import Text
from topics.topic import DAY_MS

ROUNDS = 120

#: Limits are broken twice within a minute at one site.
BROKEN = StepPattern(Text("超限", "limit"), finding="limit")
AGAIN = EventSequence(Text("再次", "again"), "red", (BROKEN, BROKEN), within_s=60, lasts_s=20)

pytestmark = [pytest.mark.flink, pytest.mark.timeout(600)]


async def test_every_engine_says_the_same(kafka: str, cluster: FlinkCluster, tmp_path: Path) -> None:
    trial = Trial(kafka, tmp_path, "parity", series=80, interval_ms=1_000)
    await trial.prepare()
    since, trial.group = await marks(trial), "parity-three"
    workers = await write_and_judge(trial, list(troubled(trial, ROUNDS)))
    assert len(workers) == 3, f"a group that changes in mid-stream: expected three that judged, got {workers}"
    three, beginning = Said(trial, since), since

    serial = await trial.serial()
    log = {(each.partition, each.offset): each for each in await trial.log(trial.domain.topic)}
    refused = {(part, at, why, log[part, at].key, log[part, at].value) for part, at, why in serial.refused}
    reasons = {reason for _, _, reason in serial.refused}
    assert len(serial.findings) >= 60 and reasons >= {"malformed_json", "schema_mismatch", "wrong_partition"}

    others = {key: {why for _, _, why, its, _ in refused if its == key} for key in (NEWER, OLDER, INCOMPLETE)}
    assert others == {NEWER: set(), OLDER: set(), INCOMPLETE: {"schema_mismatch"}}

    past = await asyncio.to_thread(_backtest, trial)
    assert past == serial.findings
    assert await three.findings() == serial.findings
    sequences = _sequences(trial, list(serial.findings.values()))
    assert sequences and _sequences(trial, await three.messages()) == sequences
    assert await three.refused() == refused
    unregistered = await three.unregistered()
    assert unregistered

    since, trial.group = await marks(trial), "parity-one"
    worker = trial.worker()
    await asyncio.to_thread(worker.wait_ready)
    await trial.judged()
    end(worker)
    faust = Said(trial, since)
    assert await faust.findings() == serial.findings
    assert _sequences(trial, await faust.messages()) == sequences
    assert await faust.refused() == refused
    assert await faust.unregistered() == unregistered

    jobs = FlinkJobs(cluster, trial, tmp_path / "jobs")
    for parallelism, delivery in (("1", "exactly-once"), ("2", "at-least-once")):
        since, group = await marks(trial), f"parity-flink-{parallelism}"
        job = await asyncio.to_thread(jobs.start, jobs.plan(group, parallelism=parallelism, delivery=delivery))
        flink = Said(trial, since)
        await flink.until(len(serial.findings), lambda job=job: jobs.rest.state(job))
        await asyncio.to_thread(jobs.rest.savepoint, job, tmp_path / group, stop=True)
        assert await flink.findings() == serial.findings, f"parallelism {parallelism}, {delivery}"
        if delivery == "exactly-once":
            assert len(await flink.messages()) == len(serial.findings)
        assert _sequences(trial, await flink.messages()) == sequences
        assert await flink.refused() == refused
        assert await flink.unregistered() == unregistered

    # All engines said it all, after a rebalance perhaps twice: the store has every message once.
    said = await Said(trial, beginning).messages()
    assert len(said) >= 4 * len(serial.findings)
    assert stored(trial, said, tmp_path) == serial.findings


def _sequences(trial: Trial, messages: Sequence[bytes]) -> set[tuple[str, int]]:
    """What the watch over sequences says beside an engine: ids and numbers of its findings."""
    watch = SequenceWatch(trial.domain, "again", AGAIN)
    found = []
    for offset, body in enumerate(messages):
        happening = of_finding(read_finding(body), ("findings", 0, offset, 0))
        if happening is not None and watch.concerns(happening):
            found += watch.hear(happening)
    found += watch.advance(START_MS + DAY_MS)
    return {(each.id, each.seq) for each in found}


def _backtest(trial: Trial) -> dict[tuple[str, int], bytes]:
    registry = registry_of(registered(trial.workload))
    past = TopicPast(trial.kafka, trial.domain.topic)
    try:
        replayed = Rerun(past, PastPlan(trial.domain, lambda domain: SpecBook(registry, domain))).play()
    finally:
        past.close()
    return {(finding.id, finding.seq): encode(finding) for finding in replayed.findings}
