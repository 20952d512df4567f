"""The HTTP intake: each item by itself, never acknowledged before it is kept, never a 500."""

import json
import socket
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.sources.http_intake import HttpIntake
from tests.streams.sources.intake_city import CITY, NOW, T0, ListPublisher, running
from topics.errors import PartMissing
from topics.events import Declared, GateIn, GateOut, Goods, Observed, Stacked
from topics.reading import Reading
from topics.safety_events import Commitment, WorkPermit

PATHS = (
    "/intake/readings",
    "/intake/cargo",
    "/intake/positions",
    "/intake/safety",
    "/intake/kitchens",
    "/epcis/capture",
)


def reading(**changes: Any) -> dict[str, Any]:
    return {"series": "tank-1/T1/pressure/Rtd", "time": T0, "value": 0.5} | changes


async def test_readings_are_kept_by_site_with_reception_and_source() -> None:
    async with running() as intake:
        answered = await intake.post("/intake/readings", [reading(), reading(value=None, flag="D", source="scada")])
    assert answered.status_code == 200
    told = answered.json()
    assert (told["accepted"], told["refused"], told["items"][0]) == (2, 0, {"index": 0, "ok": True})
    (topic, key, first, headers), (_, _, second, _) = intake.publisher.kept
    assert (topic, key, headers) == ("readings.safety", "tank-1", {})
    assert msgspec.convert(first, Reading).received == NOW
    assert (first["source"], second["source"], second["value"]) == ("http", "http/scada", None)


@pytest.mark.parametrize(
    ("item", "where", "required", "got"),
    [
        (reading(time="now"), "$[1].time", "int", "'now'"),
        (reading(time=5), "$[1].time", "int >= 946684800000", "5"),
        (reading(value="1.5"), "$[1].value", "float | null", "'1.5'"),
        ({"series": "tank-1/T1/pressure/Rtd", "time": T0}, "$[1].value", "field value", "nothing"),
        (reading(series="tank-1/T1/pressure"), "$[1].series", "site/device/quantity/statistic", "'tank-1/T1/pressure'"),
        (reading(series="~tick/a/b/c"), "$[1].series", "site/device/quantity/statistic", "'~tick/a/b/c'"),
        (reading(series="tank-1/T1/colour/Rtd"), "$[1].series", "a quantity of safety: level_percent", "'colour'"),
        (reading(unit="bar"), "$[1].unit", "MPa as registered", "'bar'"),
        (reading(flag="NN"), "$[1].flag", "str of length <= 1", "'NN'"),
        (reading(series="s\u0000/a/b/c"), "$[1].series", "text without NUL", "'s\\x00/a/b/c'"),
        (reading(series="s\u0007/a/b/c"), "$[1].series", "printable text", "'s\\x07/a/b/c'"),
        (7, "$[1]", "object", "7"),
    ],
)
async def test_a_bad_reading_is_told_where_and_why_and_the_others_go_in(
    item: Any, where: str, required: str, got: str
) -> None:
    async with running() as intake:
        answered = await intake.post("/intake/readings", [reading(), item, reading(time=T0 + 1)])
    assert answered.status_code == 207
    told = answered.json()
    assert (told["accepted"], told["refused"]) == (2, 1)
    assert told["items"][1]["where"] == where
    assert told["items"][1]["required"].startswith(required)
    assert told["items"][1]["got"] == got
    assert len(intake.publisher.kept) == 2


@pytest.mark.parametrize(
    ("number", "required", "got"),
    [
        ("NaN", "a finite JSON number", "NaN"),
        ("-Infinity", "a finite JSON number", "-Infinity"),
        ("1e999", "a finite JSON number", "Infinity"),
        ('"a\\u0000"', "text without NUL", "'a\\x00'"),
        ('"\\ud800"', "text without lone surrogates", "'\\ud800'"),
    ],
)
async def test_what_json_does_not_have_spoils_its_own_item_only(number: str, required: str, got: str) -> None:
    good = json.dumps(reading())
    body = f"[{good}, {good.replace('0.5', number)}]".encode()
    async with running() as intake:
        answered = await intake.post("/intake/readings", body)
    assert answered.status_code == 207
    told = answered.json()["items"][1]
    assert (told["where"], told["required"], told["got"]) == ("$[1].value", required, got)
    assert len(intake.publisher.kept) == 1


async def test_unknown_sites_and_devices_are_taken_and_put_aside() -> None:
    series = ["nowhere/T1/pressure/Rtd", "tank-1/T9/pressure/Rtd", "unknown/T9/pressure/Rtd"]
    async with running() as intake:
        answered = await intake.post("/intake/readings", [reading(series=each) for each in series])
    assert answered.status_code == 200
    assert [item["unregistered"] for item in answered.json()["items"]] == [True] * 3
    assert [(topic, key) for topic, key, _, _ in intake.publisher.kept] == [
        ("unregistered", "nowhere"),
        ("unregistered", "T9"),
        ("unregistered", "T9"),
    ]
    assert [headers["reason"] for *_, headers in intake.publisher.kept] == [
        b"unknown_site",
        b"unknown_device",
        b"unknown_site",
    ]


async def test_cargo_events_of_every_kind_are_kept_by_site() -> None:
    goods = (Goods("1942", "AMMONIUM NITRATE", "5.1", 24.0),)
    events = [
        Declared("e1", "yard-1", T0, "D1", "MSKU1234565", goods),
        GateIn("e2", "yard-1", T0, "MSKU1234565", "D1"),
        Stacked("e3", "yard-1", T0, "MSKU1234565", "A", 1, 2, 3),
        GateOut("e4", "yard-1", T0, "MSKU1234565"),
        Observed("e5", "yard-1", T0, "smoke"),
    ]
    async with running() as intake:
        answered = await intake.post("/intake/cargo", events)
    assert answered.status_code == 200
    assert [kept[:2] for kept in intake.publisher.kept] == [("events.cargo", "yard-1")] * 5
    assert [
        msgspec.convert(kept[2], type(event)) for kept, event in zip(intake.publisher.kept, events, strict=True)
    ] == (events)


async def test_what_firms_say_of_their_safety_work_is_kept_by_site_and_nothing_else_is() -> None:
    said = Commitment("c1", "tank-1", T0, "2015-08-12", "head", 2, 2, works={"hot-work": 1})
    permit = WorkPermit("w1", "tank-1", T0, "DH-1", "hot-work", "Wang", T0 + 1, T0 + 2, lat=39.0, lon=117.7)
    yard = {"event": "commitment", "id": "c", "site": "yard-1", "time": T0, "day": "2015-08-12", "by": "x"}
    async with running() as intake:
        answered = await intake.post("/intake/safety", [said, permit, yard, {"event": "gate_in"}])
    assert [kept[:2] for kept in intake.publisher.kept] == [("events.safety", "tank-1")] * 2
    assert msgspec.convert(intake.publisher.kept[1][2], WorkPermit) == permit
    refused = [item["where"] for item in answered.json()["items"] if not item["ok"]]
    assert answered.status_code == 207 and refused == ["$[2].site", "$[3].event"]


@pytest.mark.parametrize(
    ("item", "where", "required"),
    [
        ({"event": "gate_out", "id": "e", "site": "x", "time": T0, "container": "C"}, "$[0].site", "a registered site"),
        ({"event": "gate_out", "id": "e", "site": "tank-1", "time": T0, "container": "C"}, "$[0].site", "a site of a"),
        ({"event": "gate_up", "id": "e", "site": "yard-1", "time": T0}, "$[0].event", "one of the values"),
        ({"event": "custody", "id": "e", "site": "yard-1", "time": T0, "epcis": {}}, "$[0].event", "one of the values"),
        ({"id": "e"}, "$[0].event", "field event"),
        (
            {"event": "declared", "id": "e", "site": "yard-1", "time": T0, "declaration": "D", "container": "C",
             "goods": [{"un": "1942", "name": "AN", "hazard_class": "5.1", "mass_t": 0}]},
            "$[0].goods[0].mass_t", "float > 0",
        ),
    ],
)  # fmt: skip
async def test_a_bad_cargo_event_is_told_where_and_why(item: Any, where: str, required: str) -> None:
    async with running() as intake:
        answered = await intake.post("/intake/cargo", [item])
    assert answered.status_code == 422
    told = answered.json()["items"][0]
    assert told["where"] == where
    assert told["required"].startswith(required)
    assert intake.publisher.kept == []


@pytest.mark.parametrize(
    ("body", "got"),
    [
        (b"", "the end of the body"),
        (b'[{"series": 1', "the end of the body"),
        (b"[1,\n,2]", "',2]' at line 2, column 1"),
        (b"\xff\xfe", "byte 0xff"),
        (b"[" * 200_000, "recursion"),
        (b"{}", "an object of 0"),
        (b"[" + b"1" * 5_000 + b"]", "Exceeds the limit"),
    ],
)
async def test_a_body_that_is_no_list_is_refused_with_its_place(body: bytes, got: str) -> None:
    async with running() as intake:
        answered = await intake.post("/intake/readings", body)
    assert answered.status_code == 422
    assert got in answered.text


async def test_size_type_and_count_are_bounded() -> None:
    async with running(max_body=1_000) as intake:
        assert (await intake.post("/intake/readings", b" " * 2_000)).status_code == 413

        async def pieces() -> Any:
            for _ in range(20):
                yield b" " * 100

        chunked = await intake.client.post(
            "/intake/readings", content=pieces(), headers={"Content-Type": "application/json"}
        )
        assert chunked.status_code == 413
        for kind in ("", "text/plain", "application/xml", "application/json; charset=gb18030"):
            assert (await intake.post("/intake/readings", b"[]", kind)).status_code == 415
        assert (await intake.post("/intake/readings", b"[]", "application/json; charset=utf-8")).status_code == 200
        packed = await intake.client.post(
            "/intake/readings", content=b"", headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}
        )
        assert packed.status_code == 415
        assert (await intake.client.get("/intake/readings")).status_code == 405
    async with running() as intake:
        many = await intake.post("/intake/readings", b"[" + b"0," * 10_000 + b"0]")
        assert many.status_code == 422
        assert many.json()["refusal"]["required"] == "at most 10000 items"


@pytest.mark.parametrize("path", PATHS[:2])
async def test_nothing_is_acknowledged_that_was_not_kept(path: str) -> None:
    item = reading() if path == PATHS[0] else GateOut("e4", "yard-1", T0, "C")
    async with running() as intake:
        intake.publisher.away = True
        answered = await intake.post(path, [item])
        assert answered.status_code == 503
        assert answered.headers["retry-after"] == "5"
        intake.publisher.away = False
        assert (await intake.post(path, [item])).status_code == 200
        assert len(intake.publisher.kept) == 1


async def test_the_interface_describes_itself() -> None:
    async with running() as intake:
        document = (await intake.client.get("/openapi.json")).json()
    assert set(document["paths"]) == set(PATHS)
    references = set(_references(document))
    assert "#/components/schemas/Reading" in references
    for reference in references:
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"]


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    return [found for value in node for found in _references(value)] if isinstance(node, list) else []


async def test_a_taken_port_is_told_and_stop_is_always_safe() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        source = HttpIntake(CITY, lambda: NOW, port=taken.getsockname()[1])
        with pytest.raises(PartMissing, match="to be free"):
            await source.start(ListPublisher())
        await source.stop()
    await source.stop()


SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=10),
    st.sampled_from(["tank-1", "gate_in", T0]),
)
VALUE = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
FIELDS = st.sampled_from(
    [*Reading.__struct_fields__, *Declared.__struct_fields__, "event", "type", "eventTime", "action"]
)
ITEM = st.dictionaries(FIELDS, VALUE, max_size=8) | VALUE
BODY = st.one_of(
    st.binary(max_size=100),
    st.lists(ITEM, max_size=4).map(lambda items: json.dumps(items).encode()),
    st.lists(ITEM, max_size=3).map(
        lambda events: json.dumps(
            {"type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": {"eventList": events}}
        ).encode()
    ),
)


SOURCE = HttpIntake(CITY, lambda: NOW)
SOURCE._publisher = ListPublisher()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.sampled_from(PATHS), body=BODY)
async def test_no_body_makes_it_fail(path: str, body: bytes) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(SOURCE.app), base_url="http://intake") as client:
        answered = await client.post(path, content=body, headers={"Content-Type": "application/json"})
    told = answered.json()
    assert answered.status_code in (200, 207, 422)
    assert told["accepted"] + told["refused"] == len(told["items"])
    assert all(item["ok"] or (item["where"] and item["required"] and item["got"]) for item in told["items"])
