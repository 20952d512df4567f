"""The city's frames through the real gateway: the series of the registry come out, and what is wrong is put aside."""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence

import msgspec

from records.registry import registry_of
from streams.sources.hj212.client import DeviceClient
from streams.sources.hj212.gateway import Hj212Gateway
from streams.sources.memory_publisher import OneByOne
from streams.sources.simulator.edges import Device
from streams.sources.simulator.frames import UNKNOWN_MN, frame, with_bad_crc, with_modbus_crc
from tests.streams.sources.simulator.plays import clock, whole_day
from topics.reading import Reading


class ListPublisher(OneByOne):
    def __init__(self) -> None:
        self.records: list[tuple[str, str, bytes, dict[str, bytes]]] = []

    async def publish(self, topic: str, key: str, value: bytes, headers: Sequence[tuple[str, bytes]] = ()) -> None:
        self.records.append((topic, key, value, dict(headers)))


async def test_every_frame_of_five_minutes_becomes_the_readings_it_was_made_of() -> None:
    city, publisher = whole_day().city, ListPublisher()
    gateway = Hj212Gateway(registry_of(city.registry_records()))
    await gateway.start(publisher)
    span = whole_day().span(clock("10:42"), clock("10:47"))
    said = [each for each in span.messages if each.series[0].wire == "hj212"]
    frames: dict[str, list[bytes]] = {}
    for message in said:
        frames.setdefault(message.device, []).append(frame(message, city.device_kinds[message.device].st))
    devices = {name: Device("127.0.0.1", gateway.port) for name in frames}
    try:
        again = await asyncio.gather(*(devices[name].deliver(each) for name, each in frames.items()))
    finally:
        for device in devices.values():
            await device.close()
        await gateway.stop()
    assert sum(again) == 0 and gateway.counts["acknowledged"] == len(said)
    arrived = Counter[tuple[str, int, float | None, bool, str]]()
    for topic, key, value, _ in publisher.records:
        reading = msgspec.json.decode(value, type=Reading)
        assert topic == "readings.pollution" and reading.series.startswith(f"{key}/")
        arrived[reading.series, reading.time, reading.value, reading.backfill, reading.unit] += 1
    sent = Counter(
        (series.id, message.time, value, message.backfill, series.signal.unit)
        for message in said
        for series, value in zip(message.series, message.values, strict=True)
    )
    assert arrived == sent
    assert sum(count for key, count in sent.items() if key[3]) == 30 * 5


async def test_wrong_frames_are_put_aside_for_the_reason_the_script_foretells() -> None:
    publisher = ListPublisher()
    gateway = Hj212Gateway(registry_of(whole_day().city.registry_records()))
    await gateway.start(publisher)
    message = next(
        m for m in whole_day().span(clock("08:00"), clock("08:02")).messages if m.series[0].site == "outlet-02"
    )
    right = frame(message, "32")
    try:
        async with DeviceClient("127.0.0.1", gateway.port) as client:
            await client.send(with_bad_crc(right) + with_modbus_crc(right) + frame(message, "32", UNKNOWN_MN) + right)
            answers = [await client.answer() for _ in range(2)]
    finally:
        await gateway.stop()
    assert all(answer is not None and re.search(rb"CN=9014", answer) for answer in answers)
    topics = Counter(topic for topic, _, _, _ in publisher.records)
    assert topics == {"dead-letters": 2, "unregistered": 5, "readings.pollution": 5}
    wrong = [(value, headers) for topic, _, value, headers in publisher.records if topic == "dead-letters"]
    assert {headers["reason"] for _, headers in wrong} == {b"bad_frame"}
    assert b"MODBUS" in wrong[1][1]["detail"]
    assert [value.rstrip() for value, _ in wrong] == [with_bad_crc(right).rstrip(), with_modbus_crc(right).rstrip()]
