"""The log of a station: entered, amended and withdrawn over HTTP or by a topic, and found again in evidence packs."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from alerts.accounts.access import Access
from alerts.api import Server, create_app
from alerts.evidence.sealed import Manifest, faults_of
from alerts.feed import Feed
from alerts.judgements.board import Board
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.ledger.verify import verify
from alerts.stations.log import StationLog
from alerts.wall import Wall
from records.history import ListHistory
from records.registry import Device
from streams.station_reader import StationReader
from tests.alerts.city_parts import MINUTE, SITE, T0, House, finding
from tests.alerts.judgements.parts import DAY0, judgement
from topics.connection import KafkaConnection
from topics.reading import Reading
from topics.station_entry import StationEntry

HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE
SERIES = f"{SITE.id}/GT-1/lel/Rtd"
CALIBRATION = {
    "id": "m1", "site": SITE.id, "device": "GT-1", "kind": "maintenance", "work": "calibration", "start": T0 - DAY,
    "end": T0 - DAY + HOUR, "who": "王工", "firm": "某运维公司", "text": "零点漂移，已校准",
}  # fmt: skip
PICTURE = {
    "id": "p1", "site": SITE.id, "kind": "picture", "start": T0 + MINUTE, "link": "https://example.org/p1.jpg",
    "sha256": "ab" * 32,
}  # fmt: skip
CAMERA = {"id": "c1", "site": SITE.id, "kind": "camera", "start": T0 - 90 * DAY, "link": "rtsp://10.0.0.9/1"}


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    house.city.registry.put(Device("GT-1", SITE.id, "gas detector"))
    house.city.tick(T0 + HOUR)
    history = ListHistory([Reading(SERIES, T0 + minute * MINUTE, 12.0) for minute in range(60)])
    wall = Wall(house.store, house.city, Latency(), house.clock)
    server = Server(
        house.store, house.city, house.desk, wall, Feed(), Ledger(house.store), lambda: None, history, lambda: b""
    )
    transport = httpx.ASGITransport(create_app(server, Access(house.store)), client=("127.0.0.1", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as made:
        yield made


async def enter(client: httpx.AsyncClient, *bodies: dict[str, Any]) -> list[int]:
    return [(await client.post("/api/station-log", json=body)).status_code for body in bodies]


def opened(body: bytes) -> tuple[Manifest, zipfile.ZipFile]:
    manifest, faults = faults_of(body)
    assert manifest is not None and faults == []
    return manifest, zipfile.ZipFile(io.BytesIO(body))


async def test_maintenance_pictures_and_cameras_stand_in_the_pack_of_a_finding(
    client: httpx.AsyncClient, house: House
) -> None:
    elsewhere = CALIBRATION | {"id": "m2", "device": "", "site": SITE.id, "start": T0 - 9 * DAY, "end": T0 - 8 * DAY}
    assert await enter(client, CALIBRATION, PICTURE, CAMERA, elsewhere) == [200] * 4
    message = finding(facts={"start": T0, "end": T0 + HOUR, "series": SERIES})
    house.take(message)
    manifest, pack = opened((await client.get(f"/api/findings/{message.id}/evidence")).content)
    (done,) = [json.loads(line) for line in pack.read("maintenance_log.jsonl").splitlines()]
    assert (done["work"], done["who"], done["start_city"]) == ("calibration", "王工", "2015-08-11 22:00:00")
    seen = [json.loads(line) for line in pack.read("pictures.jsonl").splitlines()]
    assert [(each["kind"], each["link"]) for each in seen] == [
        ("camera", "rtsp://10.0.0.9/1"),
        ("picture", "https://example.org/p1.jpg"),
    ]
    assert {"maintenance_log", "pictures"}.isdisjoint(each.part for each in manifest.missing)


async def test_they_stand_in_the_pack_of_a_judgement_and_what_is_not_there_is_named(
    client: httpx.AsyncClient, house: House
) -> None:
    judged = judgement()
    Board(house.store, house.city, house.clock).take([judged])
    device = judged.subject.split("/")[1]
    house.city.registry.put(Device(device, judged.site, "hj212"))
    body = CALIBRATION | {"site": judged.site, "device": device, "start": DAY0, "end": DAY0 + HOUR}
    assert await enter(client, body) == [200]
    answer = await client.get("/api/judgements/evidence", params={"key": judged.key})
    manifest, pack = opened(answer.content)
    assert json.loads(pack.read("maintenance_log.jsonl"))["firm"] == "某运维公司"
    assert "pictures" in {each.part for each in manifest.missing} and "pictures.jsonl" not in pack.namelist()


async def test_every_form_is_kept_and_chained_and_the_newest_holds(client: httpx.AsyncClient, house: House) -> None:
    await enter(client, CALIBRATION, CALIBRATION)
    house.city.tick(T0 + 2 * HOUR)
    await enter(client, CALIBRATION | {"text": "已更换电池"}, PICTURE)
    asked = {"site": SITE.id}
    answer = (await client.get("/api/station-log", params=asked)).json()
    now = answer["items"]
    assert answer["devices"] == ["GT-1"]
    assert [(each["id"], each["text"]) for each in now] == [("m1", "已更换电池"), ("p1", "")]
    house.city.tick(T0 + 3 * HOUR)
    await enter(client, PICTURE | {"withdrawn": True})
    assert [each["id"] for each in (await client.get("/api/station-log", params=asked)).json()["items"]] == ["m1"]
    every = (await client.get("/api/station-log", params=asked | {"forms": True})).json()["items"]
    assert [each["id"] for each in every] == ["m1", "m1", "p1", "p1"]
    made = house.rows("SELECT made, who, newest FROM station_entry WHERE id = 'm1' ORDER BY number")
    assert made == [(T0 + HOUR, "王工", False), (T0 + 2 * HOUR, "王工", True)]
    assert house.rows("SELECT count(*) FROM ledger WHERE kind = 'station'")[0][0] == 4
    with house.store.read() as connection:
        assert verify(connection).broken == []


async def test_what_cannot_be_is_refused_with_the_reason(client: httpx.AsyncClient) -> None:
    wrong = (
        CALIBRATION | {"end": T0 - 2 * DAY},
        CALIBRATION | {"work": None},
        CALIBRATION | {"device": "nowhere"},
        PICTURE | {"link": ""},
        PICTURE | {"link": "javascript:alert(1)"},
        PICTURE | {"work": "repair"},
    )
    assert await enter(client, *wrong) == [422] * len(wrong)
    assert await enter(client, CALIBRATION | {"site": "nowhere"}) == [404]


def test_entries_from_the_topic_are_kept_once_and_what_is_none_is_left_out(house: House) -> None:
    log = StationLog(house.store)
    reader = StationReader(KafkaConnection("127.0.0.1:1"), house.city, log, lambda: 7)
    sent = msgspec.convert(CALIBRATION | {"made": T0}, StationEntry)
    older = msgspec.structs.replace(sent, made=T0 - 1, text="迟到的旧稿")
    unfit = msgspec.json.encode(msgspec.structs.replace(sent, id="m9", work=None))  # no maintenance without its work
    records = [msgspec.json.encode(sent), b"not json", None, unfit, msgspec.json.encode(older), b'{"id": "x"}']
    entries = [entry for record in records if (entry := reader.read(record)) is not None]
    for _ in range(2):
        reader.take(entries, "station-log:station-log", 0, 5)
    assert log.entries(SITE.id) == [sent], "what was on its way for long is kept and is no news"
    assert len(log.entries(SITE.id, forms=True)) == 2 and reader.next_offset("station-log:station-log", 0) == 5
