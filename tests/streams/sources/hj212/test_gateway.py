"""The gateway on a real socket: what is kept, what is answered, and in which order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from streams.sources.device_limits import Limits
from streams.sources.hj212.client import DeviceClient
from streams.sources.hj212.gateway import Hj212Gateway
from streams.sources.memory_publisher import MemoryPublisher
from tests.patience import until
from tests.streams.sources.hj212.plant import NOW, REGISTRY, frame
from tests.streams.sources.hj212.vectors import GOOD, OFFICIAL_2017
from topics.dead_letter import from_headers
from topics.errors import NotKept, PartMissing
from topics.raw_frame import RawFrame
from topics.reading import Reading

READINGS = "readings.pollution"
DEAD = "dead-letters"


@asynccontextmanager
async def gateway(publisher: MemoryPublisher, **options: Any) -> AsyncIterator[tuple[Hj212Gateway, DeviceClient]]:
    source = Hj212Gateway(REGISTRY, now_ms=lambda: NOW, **options)
    await source.start(publisher)
    try:
        async with DeviceClient("127.0.0.1", source.port) as device:
            yield source, device
    finally:
        await source.stop()


def qns(count: int) -> list[str]:
    return [f"201608010858{place:05d}" for place in range(count)]


async def test_data_are_kept_and_answered() -> None:
    publisher = MemoryPublisher()
    async with gateway(publisher) as (source, device):
        answer = await device.deliver(frame())
        assert b"CN=9014;" in answer
        (record,) = publisher.of(READINGS)
        assert msgspec.json.decode(record.value, type=Reading).value == 12.5
        assert (source.counts["frame_accepted"], source.counts["acknowledged"]) == (1, 1)


@pytest.mark.parametrize("quick", [True, False])
async def test_frames_are_kept_as_they_came_beside_their_readings(quick: bool) -> None:
    publisher = MemoryPublisher()
    sent = frame() if quick else frame(cp="DataTime=20160801085857;w01018-Rtd=12.5,w01018-Flag=N;odd")
    async with gateway(publisher, keep_raw=True) as (_, device):
        assert await device.deliver(sent)
        await device.send(b"##0004Nope0000\r\n")
        assert await device.deliver(frame(qn=qns(1)[0]))
    kept, _ = publisher.of("raw-frames")
    reading, _ = publisher.of(READINGS)
    raw = msgspec.json.decode(kept.value, type=RawFrame)
    assert raw.frame == sent.rstrip(b"\r\n")
    assert (raw.device, raw.received) == (kept.key, NOW)
    assert raw.time == msgspec.json.decode(reading.value, type=Reading).time
    assert len(publisher.of(DEAD)) == (1 if quick else 2), "what is no frame stands whole among the dead letters"


async def test_sticky_and_split_frames_are_answered_in_their_order() -> None:
    publisher = MemoryPublisher()
    stream = b"".join(frame(qn=qn) for qn in qns(120))
    async with gateway(publisher) as (_, device):
        for start in range(0, len(stream), 777):
            await device.send(stream[start : start + 777])
        answers = [await device.answer() or b"" for _ in range(120)]
    assert [answer[9:26].decode() for answer in answers] == qns(120)
    assert len(publisher.of(READINGS)) == 120


async def test_nothing_is_answered_before_it_is_kept() -> None:
    publisher = MemoryPublisher("silent")
    async with gateway(publisher) as (source, device):
        await device.send(frame())
        await until(lambda: publisher.calls == 1)
        assert source.counts["acknowledged"] == 0
        publisher.state = "keeps"
        assert b"CN=9014;" in (await device.answer() or b"")


async def test_nothing_is_answered_when_it_is_not_kept_and_the_device_sends_again() -> None:
    publisher = MemoryPublisher(script={0: "refuses"})
    async with gateway(publisher) as (source, device):
        await device.send(frame())
        await until(lambda: source.counts["frame_not_kept"] == 1)
        assert publisher.records == [] and source.counts["acknowledged"] == 0
        assert b"CN=9014;" in await device.deliver(frame())
        assert len(publisher.of(READINGS)) == 1


async def test_one_value_not_kept_is_enough_to_answer_nothing() -> None:
    publisher = MemoryPublisher(script={1: "refuses"})
    async with gateway(publisher) as (source, device):
        await device.send(frame("DataTime=20160801085857;w01018-Rtd=1;w21003-Rtd=2;w21011-Rtd=3"))
        await until(lambda: source.counts["frame_not_kept"] == 1)
        assert source.counts["acknowledged"] == 0


async def test_a_device_gives_up_after_its_repetitions_as_the_standard_says() -> None:
    publisher = MemoryPublisher("refuses")
    async with gateway(publisher) as (source, device):
        with pytest.raises(NotKept, match="none in 3 tries"):
            await device.deliver(frame(), timeout_s=0.05, repeats=2)
        await until(lambda: source.counts["frame_not_kept"] == 3)


async def test_a_frame_sent_again_is_answered_again() -> None:
    publisher = MemoryPublisher()
    async with gateway(publisher) as (source, device):
        first, second = await device.deliver(frame()), await device.deliver(frame())
        assert first == second
        assert (source.counts["frame_accepted"], source.counts["frame_duplicate"]) == (1, 1)
    once, again = publisher.values(READINGS)
    assert once == again  # for the reader to know it by its series and time


@pytest.mark.parametrize(
    ("raw", "verdict", "words"),
    [
        (frame().replace(b"12.5", b"12.6"), "bad_crc", "CRC says"),
        (OFFICIAL_2017.replace(b"##0101", b"##0103") + b"\r\n", "bad_length", "length says 103, found 101"),
        (frame("DataTime=2016;w01018-Rtd=1"), "bad_frame", "DataTime is unreadable"),
        (b"GET / HTTP/1.1\r\n\r\n##", "bad_frame", "bytes between frames"),
    ],
)
async def test_a_bad_frame_is_kept_with_its_diagnosis_and_not_answered(raw: bytes, verdict: str, words: str) -> None:
    publisher = MemoryPublisher()
    async with gateway(publisher) as (source, device):
        await device.send(raw + frame())
        assert b"CN=9014;" in (await device.answer() or b"")
        assert source.counts[f"frame_{verdict}"] >= 1 and source.counts["acknowledged"] == 1
    letter = publisher.of(DEAD)[0]
    assert raw.startswith(letter.value) and letter.value
    told = from_headers(letter.headers)
    assert (told.topic, told.reason, told.by, told.time) == ("gateway/hj212", "bad_frame", "hj212", NOW)
    assert words in told.detail
    assert dict(letter.headers)["peer"].startswith(b"127.0.0.1:")


async def test_what_is_cut_off_by_hanging_up_is_kept() -> None:
    publisher = MemoryPublisher()
    async with gateway(publisher) as (_, device):
        await device.send(frame()[:40])
        await device.close()
        await until(lambda: publisher.of(DEAD))
    assert publisher.values(DEAD) == [frame()[:40]]


async def test_an_unfinished_frame_does_not_wait_for_ever() -> None:
    publisher = MemoryPublisher()
    async with gateway(publisher, limits=Limits(frame_s=0.05)) as (_, device):
        await device.send(frame()[:40])
        await until(lambda: publisher.of(DEAD))
        assert b"CN=9014;" in await device.deliver(frame())  # the connection goes on


async def test_an_idle_device_is_hung_up_on() -> None:
    async with gateway(MemoryPublisher(), limits=Limits(idle_s=0.05)) as (_, device):
        assert await device.answer() is None


async def test_one_connection_too_many_is_turned_away_and_the_others_go_on() -> None:
    publisher = MemoryPublisher()
    async with gateway(publisher, limits=Limits(connections=1)) as (source, device):
        await device.deliver(frame())
        async with DeviceClient("127.0.0.1", source.port) as second:
            assert await second.answer() is None
        assert source.counts["limit_connections"] == 1
        assert b"CN=9014;" in await device.deliver(frame())


async def test_an_unknown_device_is_answered_because_its_readings_are_kept() -> None:
    publisher = MemoryPublisher()
    async with gateway(publisher) as (source, device):
        assert b"CN=9014;" in await device.deliver(frame(mn="NOBODY"))
        assert source.counts["unregistered"] == 1
    assert [record.key for record in publisher.of("unregistered")] == ["NOBODY"]


async def test_heartbeats_and_answers_are_tolerated_in_silence() -> None:
    publisher = MemoryPublisher()
    async with gateway(publisher) as (source, device):
        await device.send(frame("", cn="9015", flag=9) + frame("QnRtn=1", cn="9011") + frame())
        assert b"CN=9014;" in (await device.answer() or b"")
        assert source.counts["frame_accepted"] + source.counts["frame_duplicate"] == 3
    assert len(publisher.records) == 1


async def test_every_printed_frame_passes() -> None:
    publisher = MemoryPublisher()
    async with gateway(publisher) as (source, device):
        await device.send(b"".join(raw for raw, _, _ in GOOD.values()))
        await until(lambda: source.counts["frame_accepted"] == len(GOOD))
    assert publisher.of(DEAD) == []
    assert len(publisher.of("unregistered")) == 11 + 7 + 1


async def test_an_error_of_ours_ends_one_connection_and_is_counted() -> None:
    class Broken(MemoryPublisher):
        async def publish(self, *_: object, **__: object) -> None:
            raise ZeroDivisionError("a fault of ours")

    publisher = Broken()
    async with gateway(publisher) as (source, device):
        await device.send(frame())
        assert await device.answer() is None
        assert source.counts["unexpected_errors"] == 1
        async with DeviceClient("127.0.0.1", source.port) as second:
            await second.send(frame(cn="9015"))
            await until(lambda: source.counts["frame_accepted"] == 1)


async def test_a_taken_port_is_one_clear_sentence() -> None:
    async with gateway(MemoryPublisher()) as (source, _):
        with pytest.raises(PartMissing, match=rf"expected port {source.port} on 127\.0\.0\.1 to be free"):
            await Hj212Gateway(REGISTRY, port=source.port).start(MemoryPublisher())


async def test_stopping_while_something_is_being_kept_leaves_no_task_behind() -> None:
    publisher = MemoryPublisher("silent")
    async with gateway(publisher) as (source, device):
        await device.send(frame())
        await until(lambda: publisher.calls == 1)
        await source.stop()
        assert await device.answer() is None
    await until(lambda: len(asyncio.all_tasks()) == 1)
