"""One replay, out of order, late, doubled and poisoned, through every engine: the same findings, the same refusals."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from records.registry import registry_of
from streams.backtesting.rerun import Plan as PastPlan
from streams.backtesting.rerun import Rerun
from streams.backtesting.topic_past import TopicPast
from streams.bench_pipeline import registered
from streams.flink.cluster import FlinkCluster
from streams.specs import SpecBook
from tests.streams.flink.rig import FlinkJobs, Said, marks, need_flink, put, troubled
from tests.streams.trial import Trial, end
from topics.codec import encode

ROUNDS = 120

pytestmark = [pytest.mark.flink, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlinkCluster]:
    need_flink()
    with FlinkCluster(tmp_path_factory.mktemp("flink"), slots=2) as running:
        yield running


async def test_every_engine_says_the_same(kafka: str, cluster: FlinkCluster, tmp_path: Path) -> None:
    trial = Trial(kafka, tmp_path, "parity", series=80, interval_ms=1_000)
    await trial.prepare()
    await put(trial, troubled(trial, ROUNDS))
    serial = await trial.serial()
    log = {(each.partition, each.offset): each for each in await trial.log(trial.domain.topic)}
    refused = {(part, at, why, log[part, at].key, log[part, at].value) for part, at, why in serial.refused}
    reasons = {reason for _, _, reason in serial.refused}
    assert len(serial.findings) >= 60 and reasons >= {"malformed_json", "schema_mismatch", "wrong_partition"}

    past = await asyncio.to_thread(_backtest, trial)
    assert past == serial.findings

    since = await marks(trial)
    worker = trial.worker()
    await asyncio.to_thread(worker.wait_ready)
    await trial.judged()
    end(worker)
    faust = Said(trial, since)
    assert await faust.findings() == serial.findings
    assert await faust.refused() == refused
    unregistered = await faust.unregistered()
    assert unregistered

    jobs = FlinkJobs(cluster, trial, tmp_path / "jobs")
    for group, parallelism in (("parity-one", "1"), ("parity-two", "2")):
        since = await marks(trial)
        job = await asyncio.to_thread(jobs.start, jobs.plan(group, parallelism=parallelism))
        flink = Said(trial, since)
        await flink.until(len(serial.findings), lambda job=job: jobs.rest.state(job))
        await asyncio.to_thread(jobs.rest.savepoint, job, tmp_path / group, stop=True)
        assert await flink.findings() == serial.findings, f"parallelism {parallelism}"
        assert await flink.refused() == refused
        assert await flink.unregistered() == unregistered


def _backtest(trial: Trial) -> dict[tuple[str, int], bytes]:
    registry = registry_of(registered(trial.workload))
    past = TopicPast(trial.kafka, trial.domain.topic)
    try:
        replayed = Rerun(past, PastPlan(trial.domain, lambda domain: SpecBook(registry, domain))).play()
    finally:
        past.close()
    return {(finding.id, finding.seq): encode(finding) for finding in replayed.findings}
