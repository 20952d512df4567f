"""The rights of the chart's KafkaUser are enough for every part, on a broker that allows nothing else."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from kafka import KafkaConsumer

from streams.history import GROUP as HISTORY
from streams.keepers import KEEPERS
from streams.packs import load_packs
from streams.supervise import Part
from tests.helm.secured_kafka import SecuredKafka, allow, secured_kafka
from tests.patience import at_last, eventually
from tests.streams.flink.rig import Said, need_flink
from tests.streams.flink.test_run import FlinkWorker
from tests.streams.trial import Trial, end
from topics.catalog import catalog
from topics.declare import declare

#: A password that must be quoted wherever it is written into another text.
PASSWORD = 'o\'ne "two" \\three; $four'

#: What a part says that may not do what it tried.
REFUSED = ("uthoriz", "not permitted", "ACL")

pytestmark = pytest.mark.timeout(500)


@pytest.fixture(scope="module")
def kafka(
    rendered: Callable[[str], list[dict[str, Any]]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SecuredKafka]:
    """A broker with the product's topics and the chart's user, as Strimzi's operator would make both."""
    (user,) = (each for each in rendered("full") if each["kind"] == "KafkaUser")
    folder = tmp_path_factory.mktemp("secured") / "cluster"
    with secured_kafka(folder, user["metadata"]["name"], PASSWORD) as kafka:
        declare(kafka.administrator, catalog(load_packs()))
        allow(kafka, user["spec"]["authorization"]["acls"])
        at_last(lambda: "findings" in topics_seen(kafka), "the rules in force")
        yield kafka


@pytest.mark.kafka
async def test_every_part_beside_the_judging_works_with_what_the_user_may(kafka: SecuredKafka, tmp_path: Path) -> None:
    await asyncio.to_thread(run_once, kafka, tmp_path, "topics", "check")
    await asyncio.to_thread(run_once, kafka, tmp_path, "packs", "publish")
    parts = [
        Part(name, [name], tmp_path, environment(kafka, tmp_path))
        for name in ("server", "history", "gateway", "fitter", "integrity", *KEEPERS, "city-time")
    ]
    try:
        for part in parts:
            part.start()
        for part in parts:
            await asyncio.to_thread(part.wait_ready)
        await Trial(kafka.administrator.brokers, tmp_path, "cargo", series=50).load(1_000, 1)
        await eventually(lambda: read_by_history(kafka), "a history that has kept readings")
        for part in parts:
            part.check()
    finally:
        for part in parts:
            part.stop()
    blameless(*parts)


@pytest.mark.flink
@pytest.mark.full
async def test_both_engines_judge_with_what_the_user_may(kafka: SecuredKafka, tmp_path: Path) -> None:
    need_flink()
    # A pack of the test's own in place of the product's, on the same topics.
    trial = Trial(kafka.administrator.brokers, tmp_path, "pollution", series=100)
    trial.group = "citybrain"
    await trial.prepare()
    worker = Part("worker", judging(kafka), tmp_path, environment(kafka, tmp_path))
    worker.start()
    try:
        await asyncio.to_thread(worker.wait_ready)
        await judges(trial, worker)
        end(worker)
    finally:
        worker.stop()
    job = FlinkWorker(trial, tmp_path, "flink", flink_delivery="exactly-once")
    job.words = [*judging(kafka), "--engine", "flink"]
    job.environment |= environment(kafka, tmp_path)
    job.start()
    try:
        await asyncio.to_thread(job.wait_ready)
        await judges(trial, job)
    finally:
        job.stop()
    blameless(worker, job)


def blameless(*parts: Part) -> None:
    """None of them has said that it was refused anything."""
    for part in parts:
        blame = [line for line in part.said().splitlines() if any(word in line for word in REFUSED)]
        assert not blame, f"{part.name}: {blame[0]}"


async def judges(trial: Trial, part: Part) -> None:
    """All that is to be found in a load and in what no engine can judge is found and refused."""
    await trial.load(1_000, 3)
    await trial.poison(rounds=1, every_s=0)
    expected, said = await trial.serial(), Said(trial, {})
    await said.until(len(expected.findings), part.check)
    assert await said.findings() == expected.findings and expected.findings


def topics_seen(kafka: SecuredKafka) -> set[str]:
    """The topics that the user is shown; Kafka's own, to which nobody gave a right, must not be among them."""
    consumer = KafkaConsumer(**kafka.user.for_kafka_python())
    try:
        seen = set(consumer.topics())
    finally:
        consumer.close()
    assert not {name for name in seen if name.startswith("__")}
    return seen


async def read_by_history(kafka: SecuredKafka) -> bool:
    """Whether the history has committed how far it has come in the readings of cargo."""
    admin = AIOKafkaAdminClient(**kafka.administrator.for_aiokafka())
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(HISTORY)
    finally:
        await admin.close()
    return any(place.topic == "readings.cargo" and offset.offset > 0 for place, offset in offsets.items())


def judging(kafka: SecuredKafka) -> list[str]:
    return ["worker", "--brokers", kafka.user.brokers, "--only", "pollution"]


def environment(kafka: SecuredKafka, folder: Path) -> dict[str, str]:
    """What the chart's pods are given of the cluster."""
    user = kafka.user
    return dict(os.environ) | {
        "CITYBRAIN_DATA_DIR": str(folder / "data"),
        "CITYBRAIN_BROKERS": user.brokers,
        "CITYBRAIN_KAFKA_PROTOCOL": user.protocol,
        "CITYBRAIN_KAFKA_MECHANISM": user.mechanism,
        "CITYBRAIN_KAFKA_USERNAME": user.username,
        "CITYBRAIN_KAFKA_PASSWORD": user.password,
        "CITYBRAIN_KAFKA_CA_FILE": user.ca_file,
    }


def run_once(kafka: SecuredKafka, folder: Path, *words: str) -> None:
    part = Part(words[0], words, folder, environment(kafka, folder))
    part.start()
    assert part.process is not None
    status = part.process.wait(60)
    assert status == 0, part.said()
