"""The history: every reading once, whatever crashes, and readable while it is written."""

import asyncio
import random
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pytest
from aiokafka import AIOKafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from records.history import ListHistory
from streams.clients import fenced_producer
from streams.history import HistoryKeeper, ParquetHistory
from streams.history_folder import DAY_MS, FAN_IN, QUIET_APPENDS, SCHEMA, HistoryFolder, Place, day_of, read_manifest
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.errors import ConfigurationError, PartMissing
from topics.raw_frame import RawFrame
from topics.reading import Control, Reading

T0 = 1_439_337_600_000
SERIES = "s1/d1/q/Rtd"


def table(times: list[int], *, series: str = SERIES, offset: int = 0, partition: int = 0) -> pa.Table:
    count = len(times)
    return pa.table(
        [
            [series] * count,
            times,
            [float(offset + row) for row in range(count)],
            ["N"] * count,
            [False] * count,
            times,
            [partition] * count,
            [offset + row for row in range(count)],
            [0] * count,
        ],
        schema=SCHEMA,
    )


def append(folder: HistoryFolder, times: list[int], offset: int) -> None:
    folder.append(table(times, offset=offset), {0: Place(offset + len(times), offset + len(times) - 1, 1)})


def values(root: Path) -> list[float | None]:
    history = ParquetHistory(root)
    try:
        return [point.value for point in history.range(SERIES, 0, T0 * 2)]
    finally:
        history.close()


Opener: TypeAlias = Callable[[Path, str], HistoryFolder]


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Opens folders and closes them when the test ends."""
    with ExitStack() as stack:
        yield lambda path, topic: stack.enter_context(HistoryFolder(path, topic))


def test_rows_come_back_in_the_order_of_time_within_the_span(tmp_path: Path, opened: Opener) -> None:
    folder = opened(tmp_path / "pollution", "readings.pollution")
    append(folder, [T0 + 2_000, T0, T0 + 1_000], 0)
    folder.append(table([T0], series="s2/d/q/Rtd", offset=3), {})
    history = ParquetHistory(tmp_path)
    assert [(point.time - T0, point.value) for point in history.range(SERIES, T0, T0 + 2_000)] == [
        (0, 1.0),
        (1_000, 2.0),
    ]
    assert history.range("s3/d/q/Rtd", T0, T0 + 2_000) == []
    assert history.range(SERIES, T0 + 9_000, T0 + 10_000) == []
    append(folder, [T0 + 3_000], 4)
    assert len(history.range(SERIES, T0, T0 + 4_000)) == 4, "what is flushed is seen at once"


def test_days_are_the_citys(tmp_path: Path, opened: Opener) -> None:
    folder = opened(tmp_path, "t")
    midnight = day_of(T0) * DAY_MS - 8 * 3_600_000
    append(folder, [midnight - 1, midnight], 0)
    assert sorted(file.day for file in folder.manifest.files) == [day_of(T0) - 1, day_of(T0)]


def test_small_files_become_few_and_say_the_same(tmp_path: Path, opened: Opener) -> None:
    folder = opened(tmp_path / "d", "t")
    times = [T0 + 1_000 * step for step in range(FAN_IN * FAN_IN)]
    random.Random(1).shuffle(times)
    for offset, time in enumerate(times):
        append(folder, [time], offset)
        while folder.compact(day_of(T0)):
            pass
    expected = [float(times.index(time)) for time in sorted(times)]
    assert values(tmp_path) == expected
    assert [file.level for file in folder.manifest.files] == [2]
    assert len(list((tmp_path / "d").glob("*.parquet"))) == 1


def test_a_closed_day_becomes_one_file_once_it_is_quiet(tmp_path: Path, opened: Opener) -> None:
    folder = opened(tmp_path / "d", "t")
    append(folder, [T0], 0)
    append(folder, [T0 + 1_000], 1)
    for step in range(QUIET_APPENDS):
        assert not folder.compact(day_of(T0) + 1)
        append(folder, [T0 + DAY_MS + step], 2 + step)
        while len(folder.manifest.files) > 9 and folder.compact(day_of(T0)):
            pass
    while folder.compact(day_of(T0) + 1):
        pass
    assert len([file for file in folder.manifest.files if file.day == day_of(T0)]) == 1
    assert len(values(tmp_path)) == 2 + QUIET_APPENDS


def test_old_days_go(tmp_path: Path, opened: Opener) -> None:
    folder = opened(tmp_path / "d", "t")
    append(folder, [T0, T0 + DAY_MS], 0)
    assert folder.expire(day_of(T0) + 1) == 1
    assert values(tmp_path) == [1.0]
    assert len(list((tmp_path / "d").glob("*.parquet"))) == 1


@pytest.mark.parametrize("step", range(4))
def test_a_crash_at_any_step_leaves_the_old_truth_or_the_new(
    tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch, opened: Opener
) -> None:
    folder = opened(tmp_path / "d", "t")
    append(folder, [T0], 0)
    rename, renames = Path.rename, [0]

    def fails(path: Path, target: Path) -> Path:
        renames[0] += 1
        if renames[0] > step:
            raise OSError("power cut")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fails)
    if step < 3:  # two days' files and the manifest
        with pytest.raises(OSError, match="power cut"):
            append(folder, [T0 + 1_000, T0 + DAY_MS], 1)
    else:
        append(folder, [T0 + 1_000, T0 + DAY_MS], 1)
    monkeypatch.undo()
    folder.close()
    again = opened(tmp_path / "d", "t")
    kept = again.manifest.places["0"].next
    assert kept == (1 if step < 3 else 3)
    assert values(tmp_path) == [float(offset) for offset in range(kept)]
    assert len(list((tmp_path / "d").glob("*.parquet*"))) == len(again.manifest.files)


def test_one_writer_one_topic_and_a_broken_manifest_are_told(tmp_path: Path, opened: Opener) -> None:
    folder = opened(tmp_path, "t")
    append(folder, [T0], 0)
    with pytest.raises(PartMissing, match="only writer"):
        opened(tmp_path, "t")
    folder.close()
    with pytest.raises(ConfigurationError, match="expected topic u, got one of t"):
        opened(tmp_path, "u")
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(ConfigurationError, match="expected a manifest"):
        read_manifest(tmp_path)


def test_readers_never_stumble_over_compaction(tmp_path: Path, opened: Opener) -> None:
    folder = opened(tmp_path / "d", "t")
    append(folder, [T0], 0)
    history, done, seen = ParquetHistory(tmp_path), threading.Event(), [1]

    def read() -> None:
        while not done.is_set():
            seen.append(len(history.range(SERIES, 0, T0 * 2)))

    reader = threading.Thread(target=read)
    reader.start()
    for offset in range(1, 100):
        append(folder, [T0 + offset], offset)
        folder.compact(day_of(T0))
    done.set()
    reader.join(30)
    assert not reader.is_alive()
    assert seen == sorted(seen)
    assert len(values(tmp_path)) == 100


def test_parquet_and_memory_say_the_same(tmp_path: Path, opened: Opener) -> None:
    chance = random.Random(7)
    memory, folder = ListHistory(), opened(tmp_path / "d", "t")
    times = [T0 + chance.randrange(3 * DAY_MS) for _ in range(500)]
    for offset in range(0, 500, 50):
        append(folder, times[offset : offset + 50], offset)
    for offset, time in enumerate(times):
        memory.add(Reading(SERIES, time, float(offset)))
    history = ParquetHistory(tmp_path)
    for _ in range(20):
        start, end = sorted((T0 + chance.randrange(3 * DAY_MS), T0 + chance.randrange(3 * DAY_MS)))
        assert history.range(SERIES, start, end) == memory.range(SERIES, start, end)


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
