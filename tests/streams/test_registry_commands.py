"""The commands as an operator runs them, on a broker of their own; what runs until it is ended is a process."""

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tenacity import Retrying, stop_after_delay, wait_fixed

from records.history import Point
from streams.clients import sure_producer
from streams.history import ParquetHistory
from streams.packs import load_packs
from streams.supervise import Part
from streams.unregistered_series import unregistered_headers, unregistered_key
from tests.brief_kafka import BriefKafka
from tests.streams.test_shadow_command import run as captured
from topics.catalog import catalog
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.declare import declare
from topics.reading import Reading

pytestmark = pytest.mark.kafka

T0 = 1_439_337_600_000
HEADER = "id,domain,title_zh,title_en,firm,district,lat,lon,site,kind,quantity"
GOOD = "s1,pollution,一号排口,Outlet one,某厂,120116,39.0,117.7,,,"
BAD = "s2,pollution,二号排口,Outlet two,某厂,120116,117.7,39.0,,,"
DEVICE = "MN1,,,,,,,,s1,hj212,w01018"

#: Runs a command; its exit status and standard output.
Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with BriefKafka(tmp_path_factory.mktemp("kafka")) as broker:
        own = {"CITYBRAIN_BROKERS": broker.bootstrap, "CITYBRAIN_DATA_DIR": str(tmp_path_factory.mktemp("data"))}
        declare(KafkaConnection(broker.bootstrap), catalog(load_packs()))
        yield os.environ | own


@pytest.fixture
def run(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    for name in ("CITYBRAIN_BROKERS", "CITYBRAIN_DATA_DIR"):
        monkeypatch.setenv(name, environment[name])

    def run(*words: str) -> tuple[int, str]:
        status, out, _ = captured(capsys, *words)
        return status, out

    return run


async def put_aside(brokers: str, *readings: Reading) -> None:
    producer = sure_producer(KafkaConnection(brokers))
    await producer.start()
    for reading in readings:
        key = unregistered_key(reading.series, "unknown_site").encode()
        headers = unregistered_headers("gateway/hj212", -1, -1, "unknown_site")
        await producer.send_and_wait("unregistered", encode(reading), key=key, headers=headers)
    await producer.stop()


def test_an_import_refuses_takes_and_replays(run: Run, environment: dict[str, str], tmp_path: Path) -> None:
    readings = [Reading("unknown/MN1/w01018/Rtd", T0 + row, float(row)) for row in range(3)]
    asyncio.run(put_aside(environment["CITYBRAIN_BROKERS"], *readings))
    listed = json.loads(run("unregistered", "list", "--json")[1])
    assert (listed["waiting"], listed["groups"][0]["key"]) == (3, "MN1")

    file = tmp_path / "sites.csv"
    file.write_text("\n".join((HEADER, GOOD, BAD, DEVICE)))
    status, tried = run("registry", "import", str(file), "--dry-run", "--json")
    assert (status, json.loads(tried)["would_publish"]) == (1, 2)
    assert json.loads(run("registry", "list", "--json")[1]) == {"sites": []}

    status, done = run("registry", "import", str(file), "--json")
    told = json.loads(done)
    assert status == 1
    assert (told["lines"], told["published"], told["replay"]["replayed"]) == (3, 2, 3)
    assert told["refused"][0] == {
        "line": 3,
        "column": "lat",
        "required": "degrees north (WGS-84), 3 to 54",
        "got": "'117.7'",
    }
    again = json.loads(run("registry", "import", str(file), "--json")[1])
    assert (again["published"], again["unchanged"], again["replay"]["replayed"]) == (0, 2, 0)

    (site,) = json.loads(run("registry", "list", "--json")[1])["sites"]
    assert (site["id"], site["devices"][0]["id"]) == ("s1", "MN1")
    assert json.loads(run("registry", "show", "MN1", "--json")[1])["site"] == "s1"
    assert run("registry", "show", "nobody")[0] == 1
    assert json.loads(run("unregistered", "list", "--json")[1])["waiting"] == 0


@pytest.mark.parametrize("name", ["history", "city-time"])
def test_history_and_city_time_run_until_told_to_end(environment: dict[str, str], tmp_path: Path, name: str) -> None:
    reading = Reading("s1/MN1/w01018/Rtd", T0 + 60_000, 7.0)
    asyncio.run(produce(environment["CITYBRAIN_BROKERS"], reading))
    part = Part(name, [name], tmp_path, environment)
    part.start()
    try:
        part.wait_ready()
        if name == "history":
            for attempt in Retrying(stop=stop_after_delay(30), wait=wait_fixed(0.05), reraise=True):
                with attempt:
                    assert found(environment) == [Point(reading.time, 7.0, "N")]
    finally:
        assert part.stop() == 0, part.last_words()


def found(environment: dict[str, str]) -> list[Point]:
    history = ParquetHistory(Path(environment["CITYBRAIN_DATA_DIR"]) / "history")
    try:
        return history.range("s1/MN1/w01018/Rtd", T0 + 60_000, T0 + 61_000)
    finally:
        history.close()


async def produce(brokers: str, reading: Reading) -> None:
    producer = sure_producer(KafkaConnection(brokers))
    await producer.start()
    await producer.send_and_wait("readings.pollution", encode(reading), key=b"s1")
    await producer.stop()
