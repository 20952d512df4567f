"""The keeper of the history: what it keeps of the log, whatever kills it (the files: test_history_folder.py)."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from streams.clients import fenced_producer
from streams.history import HistoryKeeper, ParquetHistory
from streams.history_folder import DAY_MS, read_manifest
from tests.streams.written_history import SERIES, T0, values
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.errors import ConfigurationError, PartMissing
from topics.raw_frame import RawFrame
from topics.reading import Control, Reading


def fresh_topic(brokers: str, partitions: int = 2) -> str:
    name = f"readings.{uuid.uuid4().hex}"
    admin = KafkaAdminClient(bootstrap_servers=brokers)
    admin.create_topics([NewTopic(name, partitions, 1)])
    admin.close()
    return name


async def produce(brokers: str, topic: str, values: list[bytes], partition: int = 0) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=brokers, acks="all")
    await producer.start()
    for value in values:
        await producer.send(topic, value, partition=partition)
    await producer.stop()


def readings(count: int, first: int = 0) -> list[bytes]:
    return [encode(Reading(SERIES, T0 + row * 1_000, float(row))) for row in range(first, first + count)]


@asynccontextmanager
async def keeping(brokers: str, root: Path, topic: str, **options: float) -> AsyncIterator[HistoryKeeper]:
    keeper = HistoryKeeper(KafkaConnection(brokers), root, {"d": topic}, flush_s=options.get("flush_s", 0.05))
    await keeper.start()
    try:
        yield keeper
    finally:
        await keeper.stop()


async def kept(keeper: HistoryKeeper, records: int) -> None:
    """Until the files reach this many records of the log, in all partitions together."""

    async def reach() -> None:
        while True:
            manifest = read_manifest(keeper.root / "d")
            if manifest and sum(place.next for place in manifest.places.values()) >= records:
                return
            await keeper.step()

    await asyncio.wait_for(reach(), 60)


@pytest.mark.kafka
async def test_a_killed_keeper_goes_on_without_loss_or_double(kafka: str, tmp_path: Path) -> None:
    topic = fresh_topic(kafka)
    await produce(kafka, topic, readings(100))
    async with keeping(kafka, tmp_path, topic) as keeper:
        await kept(keeper, 100)
    await produce(kafka, topic, readings(100, 100), partition=1)
    # Killed: it has read everything and flushed nothing of it.
    killed = HistoryKeeper(KafkaConnection(kafka), tmp_path, {"d": topic}, flush_s=1e9)
    await killed.start()

    async def read_all() -> None:
        while killed.counts["d"].rows < 100:
            await killed.step()

    await asyncio.wait_for(read_all(), 60)
    killed._folders[topic].close()
    await killed._consumer.stop()
    async with keeping(kafka, tmp_path, topic) as keeper:
        await kept(keeper, 200)
        assert keeper.counts["d"].rows == 100, "it starts where the files end"
    assert values(tmp_path) == [float(row) for row in range(200)]


@pytest.mark.kafka
async def test_stopping_flushes_and_the_wrong_is_counted(kafka: str, tmp_path: Path) -> None:
    topic = fresh_topic(kafka)
    odd = [
        b"{",
        encode(Control("~tick", T0 + 40 * DAY_MS)),
        encode(Reading(SERIES, T0 + 41 * DAY_MS, 1.0)),
        encode(Reading(SERIES, T0, 2.0)),
        encode(Reading(SERIES, T0 + 39 * DAY_MS, None, "D")),
    ]
    await produce(kafka, topic, [*readings(1), *odd])
    async with keeping(kafka, tmp_path, topic, flush_s=1e9) as keeper:

        async def read_all() -> None:
            while sum(place.next for place in keeper._buffers[topic].places.values()) < 6:
                await keeper.step()

        await asyncio.wait_for(read_all(), 60)
    counts = keeper.counts["d"]
    assert (counts.rows, counts.refused, counts.ahead, counts.expired) == (2, 1, 1, 1)
    points = ParquetHistory(tmp_path).range(SERIES, T0, T0 + 50 * DAY_MS)
    assert points[-1] == (T0 + 39 * DAY_MS, None, "D")


@pytest.mark.kafka
async def test_frames_are_kept_as_they_came_and_found_by_what_the_device_says(kafka: str, tmp_path: Path) -> None:
    topic, raw = fresh_topic(kafka), fresh_topic(kafka)
    live = RawFrame("MN1", T0, T0 + 2_000, b"##0005hello0000", "10.0.0.1:4")
    late = RawFrame("MN1", T0 + 1_000, T0 + 5 * DAY_MS, b"##\xff\x00", "10.0.0.2:4")
    other = RawFrame("MN2", T0, T0 + 2_000, b"##other")
    await produce(kafka, raw, [encode(late), encode(live), b"{", encode(other)])
    keeper = HistoryKeeper(KafkaConnection(kafka), tmp_path, {"d": topic}, flush_s=0.05, frames=raw)
    await keeper.start()
    try:

        async def reach() -> None:
            while sum(place.next for place in keeper._folders[raw].manifest.places.values()) < 4:
                await keeper.step()

        await asyncio.wait_for(reach(), 60)
        assert (keeper.counts["_raw-frames"].rows, keeper.counts["_raw-frames"].refused) == (3, 1)
    finally:
        await keeper.stop()
    history = ParquetHistory(tmp_path)
    assert history.frames("MN1", T0, T0 + 2_000, 10) == [live, late], "what was asked back days later belongs to it too"
    assert history.frames("MN1", T0, T0 + 2_000, 1) == [live]
    assert history.frames("MN1", T0 + 1, T0 + 2_000, 10) == [late]
    assert history.frames("MN3", T0, T0 + 2_000, 10) == []
    assert history.range("MN1", 0, T0 * 2) == [], "no reading was made of them here"


@pytest.mark.kafka
async def test_what_an_aborted_transaction_wrote_is_not_kept(kafka: str, tmp_path: Path) -> None:
    topic = fresh_topic(kafka)
    producer = fenced_producer(KafkaConnection(kafka), uuid.uuid4().hex)
    await producer.start()
    await producer.begin_transaction()
    await producer.send_and_wait(topic, readings(1)[0], partition=0)
    await producer.abort_transaction()
    await producer.stop()
    await produce(kafka, topic, readings(1, 5))
    async with keeping(kafka, tmp_path, topic) as keeper:
        await kept(keeper, 2)  # the aborted one and the good one; the mark of the abort may stand after both
    assert values(tmp_path) == [5.0]


@pytest.mark.kafka
async def test_a_topic_made_anew_is_refused(kafka: str, tmp_path: Path) -> None:
    topic, other = fresh_topic(kafka), fresh_topic(kafka)
    await produce(kafka, topic, readings(10))
    async with keeping(kafka, tmp_path, topic) as keeper:
        await kept(keeper, 10)
    await produce(kafka, other, readings(20))
    manifest = tmp_path / "d" / "manifest.json"
    manifest.write_text(manifest.read_text().replace(topic, other))
    with pytest.raises(ConfigurationError, match="got another; move the folder away"):
        async with keeping(kafka, tmp_path, other):
            pass
    with pytest.raises(PartMissing, match="declare them first"):
        async with keeping(kafka, tmp_path / "new", f"no-{uuid.uuid4().hex}"):
            pass
