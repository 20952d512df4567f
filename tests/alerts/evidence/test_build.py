"""The evidence of one finding as one file, over HTTP, and what it says of what is not there."""

import base64
import io
import json
import zipfile
from collections.abc import AsyncIterator

import httpx
import pyarrow.parquet as pq
import pytest
from lxml import etree

from alerts.api import Server, create_app
from alerts.evidence.api import HEAD
from alerts.evidence.sealed import faults_of
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.wall import Wall
from records.history import ListHistory
from records.registry import Device, SeriesMeta, Site
from tests.alerts.city_parts import MINUTE, SITE, T0, House, finding
from topics.finding import Text
from topics.raw_frame import RawFrame
from topics.reading import Reading
from topics.sources import from_sadt

HOUR = 60 * MINUTE
SERIES, NEAR = "tank-farm-1/GT-1/lel/Rtd", "tank-farm-2/GT-2/lel/Rtd"
FACTS = {"rule": "constant_value", "start": T0, "end": T0 + HOUR, "series": SERIES, "statistic.hours": 6.0}


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    neighbour = Site(
        "tank-farm-2", "safety", Text("二号罐区", "tank farm 2"), "Next", "120116", SITE.lat + 0.01, SITE.lon
    )
    house.city.registry.put(neighbour)
    house.city.registry.put(Device("GT-2", "tank-farm-2", "gas detector", {"lel": SeriesMeta(unit="%LEL")}))
    readings = [Reading(SERIES, T0 + minute * MINUTE, 12.0, "M" if minute == 5 else "N") for minute in range(60)]
    frames = [
        RawFrame("GT-1", T0 + MINUTE, T0 + MINUTE + 400, b"##0123QN=1;", "10.0.0.7:5012"),
        RawFrame("GT-1", T0 + 2 * MINUTE, T0 + 2 * MINUTE + 400, b"##\xe9"),
        RawFrame("GT-1", T0 + 50 * HOUR, T0 + 50 * HOUR, b"##much later"),
        RawFrame("GT-2", T0, T0, b"##another device's"),
    ]
    history = ListHistory([*readings, Reading(NEAR, T0 + MINUTE, 3.0), Reading(SERIES, T0 - 50 * HOUR, 99.0)], frames)
    wall = Wall(house.store, house.city, Latency(), house.clock)
    server = Server(
        house.store, house.city, house.desk, wall, Feed(), Ledger(house.store), lambda: None, history, lambda: b""
    )
    transport = httpx.ASGITransport(create_app(server))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as made:
        yield made


def opened(body: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(body))


async def test_everything_about_a_finding_is_in_one_file_that_verifies(client: httpx.AsyncClient, house: House) -> None:
    message = finding(
        family="integrity",
        facts=FACTS | {"limit_source": from_sadt(50.0, "from memory", "IMDG 7.3.7.2, packages and IBCs, from memory")},
        score=6.0,
        p=0.0002,
        expected=9.0,
        severity="red",
    )
    house.take(message)
    answer = await client.get(f"/api/findings/{message.id}/evidence")
    assert answer.headers["content-type"] == "application/zip"
    manifest, faults = faults_of(answer.content, answer.headers[HEAD])
    assert faults == []
    assert manifest is not None
    pack = opened(answer.content)
    assert json.loads(pack.read("statistics.json"))["statistic.hours"] == 6.0
    rows = pack.read("readings.csv").decode("utf-8-sig").splitlines()
    assert len(rows) == 1 + 60, "an hour's finding is shown with an hour around it, not with the day before yesterday"
    assert rows[1].startswith(f"{SERIES},{T0},2015-08-12 22:00:00,12.0,N")
    assert pq.read_table(io.BytesIO(pack.read("readings.parquet"))).num_rows == 60
    assert pack.read("marks.csv").decode("utf-8-sig").splitlines()[1].startswith(f"{SERIES},M,2015-08-12 22:05:00")
    assert "tank-farm-2/GT-2/lel/Rtd (1.1 km)" in pack.read("neighbours.csv").decode()
    assert json.loads(pack.read("finding.json"))[0]["id"] == message.id
    raw = [json.loads(line) for line in pack.read("raw_frames.jsonl").splitlines()]
    assert raw[0] == {
        "device": "GT-1", "of": "2015-08-12 22:01:00", "received": "2015-08-12 22:01:00.400",
        "peer": "10.0.0.7:5012", "frame": "##0123QN=1;",
    }  # fmt: skip
    assert [base64.b64decode(each["base64"]) for each in raw[1:]] == [b"##\xe9"]
    assert "raw_frames" not in {each.part for each in manifest.missing}
    picture = etree.fromstring(pack.read("plot.svg"))
    assert len(picture.findall(".//{*}polyline")) == 1
    chinese, english = (pack.read(f"report.{each}.txt").decode() for each in ("zh", "en"))
    assert message.text.zh in chinese and "limit_source = 自加速分解温度 50 °C（凭记忆）；IMDG 规则" in chinese
    assert message.text.en in english and "limit_source = SADT 50 °C (from memory); IMDG 7.3.7.2, " in english


async def test_what_is_missing_is_named_and_not_hidden(client: httpx.AsyncClient, house: House) -> None:
    gone = "tank-farm-1/GT-9/lel/Rtd"
    message = finding(facts={"series": f"{SERIES} {gone}", "start": T0, "end": T0 + HOUR})
    house.take(message)
    answer = await client.get(f"/api/findings/{message.id}/evidence")
    manifest, _ = faults_of(answer.content)
    assert manifest is not None
    assert {each.part for each in manifest.missing} == {
        f"readings {gone}", "raw_frames", "maintenance_log", "pictures",
    }  # fmt: skip
    assert "历史库中没有读数" in opened(answer.content).read("report.zh.txt").decode()


async def test_a_finding_about_no_series_says_so(client: httpx.AsyncClient, house: House) -> None:
    message = finding(subject="the yard", quantity="nothing")
    house.take(message)
    manifest, _ = faults_of((await client.get(f"/api/findings/{message.id}/evidence")).content)
    assert manifest is not None
    assert {"readings", "neighbours"} <= {each.part for each in manifest.missing}


async def test_an_unknown_finding_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/findings/no-such/evidence")).status_code == 404
