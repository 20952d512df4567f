"""`citybrain gateway` as a process: real broker, real devices, killed and started again."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.packs import load_packs, publish_packs
from streams.registry_feed import publish_records
from streams.sources.base import Record
from streams.sources.hj212.client import DeviceClient
from streams.sources.spool import Spool
from tests.streams.sources.hj212.plant import NOW, OUTLET, PLANT, frame
from topics.catalog import catalog
from topics.connection import KafkaConnection
from topics.declare import declare
from topics.reading import Reading

READY = re.compile(r"gateway ready: hj212 on 127\.0\.0\.1:(\d+)(, http on 127\.0\.0\.1:\d+)?$")


@contextmanager
def gateway(bootstrap: str, data: Path, *words: str) -> Iterator["subprocess.Popen[str]"]:
    environment = os.environ | {"CITYBRAIN_BROKERS": bootstrap, "CITYBRAIN_DATA_DIR": str(data)}
    environment["CITYBRAIN_HJ212_CLOCK_TOLERANCE_S"] = "0"  # these devices live in 2016 and answer no command
    process = subprocess.Popen(
        [sys.executable, "-m", "streams", "gateway", "--hj212-port", "0", "--intake-port", "0", *words],
        stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def port_of(process: "subprocess.Popen[str]") -> int:
    """The port it says it is ready on."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if match := READY.search(line.rstrip()):
            return int(match[1])
    raise AssertionError("".join(said))


async def deliver(port: int, count: int, first: int) -> list[bytes]:
    async with DeviceClient("127.0.0.1", port) as device:
        return [
            await device.deliver(
                frame(f"DataTime=201608010858{place:02d};w01018-Rtd={place}", qn=f"201608010858{place:02d}000")
            )
            for place in range(first, first + count)
        ]


async def readings(bootstrap: str) -> list[Any]:
    """The readings of the outlet that stand on the topic."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        places = [TopicPartition("readings.pollution", number) for number in range(4)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        found = []
        for place, end in (await consumer.end_offsets(places)).items():
            while await consumer.position(place) < end:
                found += (await consumer.getmany(place, timeout_ms=500)).get(place, [])
    finally:
        await consumer.stop()
    decoded = [msgspec.json.decode(record.value, type=Reading) for record in found]
    return [reading.value for reading in decoded if reading.series == "plant-01/OUTLET1/w01018/Rtd"]


async def spool_a_record(folder: Path) -> None:
    """Leave a record on the spool, as a process does that ends while the broker is away."""
    spool = Spool(folder, 1_000_000)
    spool.open()
    reading = Reading("plant-01/OUTLET1/w01018/Rtd", NOW, 99.0)
    await spool.append(Record("readings.pollution", "plant-01", msgspec.json.encode(reading)))
    await spool.close()


@pytest.mark.kafka
def test_devices_are_answered_across_a_kill_and_an_earlier_spool_is_drained(kafka: str, tmp_path: Path) -> None:
    connection, domains = KafkaConnection(kafka), load_packs()
    declare(connection, catalog(domains))
    publish_packs(connection, domains, NOW)
    asyncio.run(publish_records(connection, [PLANT, OUTLET]))
    asyncio.run(spool_a_record(tmp_path / "spool"))
    with gateway(kafka, tmp_path) as process:
        answers = asyncio.run(deliver(port_of(process), 10, 0))
        process.send_signal(signal.SIGKILL)
        process.wait()
    with gateway(kafka, tmp_path, "--only", "hj212") as process:
        answers += asyncio.run(deliver(port_of(process), 10, 10))
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert all(b"CN=9014;" in answer for answer in answers)
    values = asyncio.run(readings(kafka))
    # A record drained just before the kill may come twice; the device writes ug/L, the pack wants mg/L.
    assert list(dict.fromkeys(values)) == [99.0, *(place / 1000 for place in range(20))]


def test_it_can_be_stopped_while_it_waits_for_its_broker(tmp_path: Path) -> None:
    with gateway("127.0.0.1:1", tmp_path) as process:
        assert process.stderr is not None
        assert "sources_wait_for_broker" in next(line for line in process.stderr if "wait" in line)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_an_unknown_source_is_wrong_use(tmp_path: Path) -> None:
    with gateway("127.0.0.1:1", tmp_path, "--only", "modbus") as process:
        assert process.wait(20) == 2
        assert process.stderr is not None
        assert "--only: expected one of ['hj212', 'http', 'jt808'], got ['modbus']" in process.stderr.read()
