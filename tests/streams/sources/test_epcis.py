"""EPCIS 2.0 capture: events kept whole as custody, sensor reports as readings of registered devices."""

from typing import Any

import pytest

from streams.sources.epcis import event_id
from tests.streams.sources.intake_city import GLN, T0, Intake, running

TIME = "2015-08-12T08:00:00.000+08:00"
EVENT_MS = 1_439_337_600_000
LINKED = "application/ld+json"
HEAD = {
    "@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    "type": "EPCISDocument",
    "schemaVersion": "2.0",
    "creationDate": TIME,
}


def report(**changes: Any) -> dict[str, Any]:
    return {"type": "Temperature", "value": 4.5, "uom": "CEL"} | changes


def event(*reports: dict[str, Any], device: str | None = "cold-1", **changes: Any) -> dict[str, Any]:
    metadata = {"deviceID": device} if device is not None else {}
    return {
        "type": "ObjectEvent",
        "eventTime": TIME,
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": "sensor_reporting",
        "readPoint": {"id": GLN},
        "sensorElementList": [{"sensorMetadata": metadata, "sensorReport": list(reports or [report()])}],
    } | changes


async def capture(intake: Intake, *events: Any) -> tuple[int, dict[str, Any]]:
    answered = await intake.post("/epcis/capture", HEAD | {"epcisBody": {"eventList": list(events)}}, LINKED)
    return answered.status_code, answered.json()


async def test_a_sensor_event_becomes_custody_and_readings() -> None:
    told_event = event(report(), report(type="gs1:RelativeHumidity", value=81, uom="P1"), eventID="urn:uuid:1")
    async with running() as intake:
        status, told = await capture(intake, told_event)
    assert (status, told["items"]) == (200, [{"index": 0, "ok": True, "readings": 2}])
    (custody, temperature, humidity) = intake.publisher.kept
    assert custody[:2] == ("events.food", "store-1")
    assert (custody[2]["id"], custody[2]["time"], custody[2]["epcis"]) == ("urn:uuid:1", EVENT_MS, told_event)
    assert temperature[:2] == ("readings.food", "store-1")
    assert (temperature[2]["series"], temperature[2]["value"]) == ("store-1/cold-1/cold_store_temp/Rtd", 4.5)
    assert (humidity[2]["series"], humidity[2]["value"]) == ("store-1/cold-1/humidity/Rtd", 81.0)
    assert temperature[2]["time"] == EVENT_MS
    assert temperature[2]["source"] == "http/epcis"


@pytest.mark.parametrize(
    ("changes", "statistics"),
    [
        ({"value": 41.0, "uom": "FAH"}, {"Rtd": 5.0}),
        ({"value": 255.15, "uom": "KEL"}, {"Rtd": -18.0}),
        ({"meanValue": 4.0, "minValue": 3.0, "maxValue": 6.0}, {"Rtd": 4.5, "Avg": 4.0, "Min": 3.0, "Max": 6.0}),
    ],
)
async def test_units_become_ours_and_statistics_are_told_apart(
    changes: dict[str, Any], statistics: dict[str, float]
) -> None:
    async with running() as intake:
        await capture(intake, event(report(**changes)))
    found = {kept[2]["series"].rpartition("/")[2]: kept[2]["value"] for kept in intake.publisher.kept[1:]}
    assert found == statistics


async def test_times_periods_and_faults_of_a_report() -> None:
    element = {
        "sensorMetadata": {
            "deviceID": "cold-1",
            "startTime": "2015-08-12T07:50:00+08:00",
            "endTime": "2015-08-11T23:55:00Z",
        },
        "sensorReport": [
            {"type": "Temperature", "meanValue": 4, "uom": "CEL"},
            {"type": "Temperature", "value": 9, "uom": "CEL", "time": TIME, "exception": "gs1:ERROR_CONDITION"},
            {"type": "Temperature", "value": 9, "uom": "CEL", "exception": "ALARM_CONDITION"},
        ],
    }
    async with running() as intake:
        await capture(intake, event(sensorElementList=[element]))
    mean, fault, alarm = (kept[2] for kept in intake.publisher.kept[1:])
    assert (mean["period_start"], mean["period_end"], mean["time"]) == (T0 - 600_000, T0 - 300_000, T0 - 300_000)
    assert (fault["time"], fault["flag"]) == (T0, "D")
    assert "flag" not in alarm


@pytest.mark.parametrize(
    "kept_whole",
    [
        {"type": "AggregationEvent", "action": "ADD", "parentID": "urn:p", "childEPCs": ["urn:c"]},
        {"type": "TransformationEvent", "inputEPCList": ["urn:i"], "outputEPCList": ["urn:o"]},
        {"type": "AssociationEvent", "action": "ADD", "parentID": "urn:p", "childEPCs": ["urn:c"]},
        {"type": "TransactionEvent", "action": "ADD", "bizTransactionList": [{"bizTransaction": "urn:b"}]},
        {"type": "ObjectEvent", "action": "OBSERVE", "epcList": ["urn:e"], "ourField": {"deep": [1, None]}},
        {"type": "example:OwnEvent"},
    ],
)
async def test_every_event_is_kept_whole(kept_whole: dict[str, Any]) -> None:
    whole = kept_whole | {"eventTime": TIME, "eventTimeZoneOffset": "+08:00", "bizLocation": {"id": "store-1"}}
    async with running() as intake:
        status, _ = await capture(intake, whole)
    assert status == 200
    ((topic, key, custody, _),) = intake.publisher.kept
    assert (topic, key, custody["epcis"]) == ("events.food", "store-1", whole)


async def test_unknown_places_and_devices_are_taken_and_told() -> None:
    place = "https://id.example.org/414/6901234500002"
    async with running() as intake:
        status, told = await capture(
            intake,
            event(device="https://id.example.org/8004/LOGGER9", readPoint={"id": place}),
            event(device=None, readPoint={"id": place}, epcList=["urn:epc:id:giai:4000001.111"]),
        )
    assert status == 200
    assert [item["unregistered"] for item in told["items"]] == [True, True]
    assert [(topic, key) for topic, key, _, _ in intake.publisher.kept] == [
        ("events.food", place),
        ("unregistered", "LOGGER9"),
        ("events.food", place),
        ("unregistered", "urn:epc:id:giai:4000001.111"),
    ]
    assert intake.publisher.kept[1][2]["series"] == "unknown/LOGGER9/Temperature/Rtd"


async def test_a_known_device_tells_the_place_the_event_does_not_name() -> None:
    async with running() as intake:
        status, _ = await capture(intake, event(readPoint={"id": "urn:nobody"}))
    assert status == 200
    assert [key for _, key, _, _ in intake.publisher.kept] == ["store-1", "store-1"]


@pytest.mark.parametrize(
    ("bad", "where", "required"),
    [
        (event(eventTime="2015-08-12T08:00:00"), ".eventTime", "an ISO 8601 time with a zone"),
        (event(eventTime=None), ".eventTime", "an ISO 8601 time"),
        (event(action="LOOK"), ".action", "one of ADD, OBSERVE, DELETE"),
        (event(type=None), ".type", "the type of an event"),
        (event(readPoint=None), ".readPoint", "a readPoint"),
        (event(sensorElementList=[], epcList=[]), ".epcList", "epcList or quantityList or sensorElementList"),
        (event(report(uom="XYZ")), ".sensorElementList[0].sensorReport[0].uom", "one of CEL, FAH, KEL"),
        (event(report(value="4")), ".sensorElementList[0].sensorReport[0].value", "a number"),
        (event(report(value=True)), ".sensorElementList[0].sensorReport[0].value", "a number"),
        (event(device=None), ".sensorElementList[0].sensorReport[0].deviceID", "the URI of the sensor"),
        (event(device="truck-7"), ".sensorElementList[0].sensorReport[0].type", "one quantity of device truck-7 in °C"),
        (event(readPoint={"id": "yard"}, device="T1"), "", "one quantity of device T1"),
        ({"type": "AggregationEvent", "action": "ADD", "eventTime": TIME}, ".childEPCs", "childEPCs or childQuantity"),
        ({"type": "TransformationEvent", "eventTime": TIME}, ".inputEPCList", "inputEPCList or inputQuantityList"),
        ("text", "", "an event"),
        (event(type="FooEvent"), ".type", "one of ObjectEvent, "),
        (event(epcList="urn:a"), ".epcList", "a list"),
        (event(epcList=[1, 2]), ".epcList[0]", "a URI"),
        (event(epcList=[["a"]]), ".epcList[0]", "a URI"),
        (event(quantityList={"epcClass": "urn:a"}), ".quantityList", "a list"),
        (event(quantityList=[{"epcClass": 5}]), ".quantityList[0].epcClass", "a URI"),
        (event(quantityList=[{"epcClass": "urn:a", "quantity": -5}]), ".quantityList[0].quantity", "a number above 0"),
        (event(readPoint="somewhere"), ".readPoint", "an object with a URI as id"),
        (event(errorDeclaration="yes"), ".errorDeclaration", "an object"),
        (event(eventID=5), ".eventID", "a URI"),
        (event(eventTimeZoneOffset=8), ".eventTimeZoneOffset", "an offset"),
        (event(inputEPCList=["urn:a"]), ".inputEPCList", "nothing: a field of other events"),
    ],
)
async def test_a_bad_event_is_told_where_and_why_and_the_others_go_in(bad: Any, where: str, required: str) -> None:
    async with running() as intake:
        status, told = await capture(intake, event(), bad)
    assert (status, told["accepted"], told["refused"]) == (207, 1, 1)
    item = told["items"][1]
    assert item["where"].startswith(f"$.epcisBody.eventList[1]{where}")
    assert item["required"].startswith(required)
    assert len(intake.publisher.kept) == 2


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ([], "$"),
        ({"type": "EPCISQueryDocument"}, "$.type"),
        ({name: each for name, each in HEAD.items() if name != "@context"}, "$.@context"),
        (HEAD | {"@context": []}, "$.@context"),
        (HEAD | {"schemaVersion": "1.2"}, "$.schemaVersion"),
        (HEAD | {"creationDate": "today"}, "$.creationDate"),
        (HEAD | {"epcisBody": {}}, "$.epcisBody.eventList"),
    ],
)
async def test_what_is_no_epcis_document_is_refused_whole(document: Any, where: str) -> None:
    async with running() as intake:
        answered = await intake.post("/epcis/capture", document)
    assert answered.status_code == 422
    assert answered.json()["refusal"]["where"] == where


async def test_an_event_too_large_for_the_broker_is_refused_not_retried_for_ever() -> None:
    async with running() as intake:
        status, told = await capture(intake, event(note="x" * 1_100_000))
    assert status == 422
    assert told["items"][0]["required"] == "at most 1000000 bytes"


def test_the_identity_is_the_events_own_or_its_contents() -> None:
    assert event_id(event(eventID="urn:uuid:1")) == "urn:uuid:1"
    content = event_id(event())
    assert content.startswith("ni:///sha-256;")
    assert event_id(dict(reversed(event().items()))) == content, "the order of keys says nothing"
    assert event_id(event(recordTime=TIME)) == content, "when it was recorded is no part of what happened"
    assert event_id(event(report(value=4.6))) != content
    retracted = event(eventID="urn:uuid:1", errorDeclaration={"declarationTime": TIME, "reason": "incorrect_data"})
    assert event_id(retracted) == f"urn:uuid:1#error/{TIME}", "a retraction is not a repetition"


async def test_an_event_without_a_name_is_known_again_by_what_it_says_and_so_is_its_retraction() -> None:
    """Told twice in other words, and taken back by somebody who never knew a name; its namespaces go with it."""
    first = event(epcList=["urn:epc:id:sgtin:4012345.011111.9876"], **{"example:note": "x"})
    again = first | {"eventTime": "2015-08-12T00:00:00Z", "epcList": ["https://shop.cn/01/04012345111118/21/9876"]}
    wrong = first | {"errorDeclaration": {"declarationTime": TIME}}
    more = {"example": "https://ns.example.com/"}
    async with running() as intake:
        document = {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", more],
            "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": TIME,
            "epcisBody": {"eventList": [first, again, wrong]},
        }  # fmt: skip
        await intake.post("/epcis/capture", document, LINKED)
    one, two, taken_back = (kept[2] for kept in intake.publisher.kept if kept[0] == "events.food")
    assert one["id"] == two["id"] == one["content"] == two["content"] == taken_back["content"]
    assert one["id"].endswith("?ver=CBV2.0")
    assert taken_back["id"] == f"{one['id']}#error/{TIME}"
    assert one["epcis"] == first | {"@context": [more]}
    assert event_id(one["epcis"]) == one["id"], "told alone it says the same"


async def test_a_pallet_taken_apart_as_a_whole_names_no_child_but_its_parent_must_be_named() -> None:
    when = {"eventTime": "2026-01-05T08:00:00Z", "eventTimeZoneOffset": "+08:00"}
    apart = when | {"type": "AggregationEvent", "action": "DELETE", "childEPCs": []}
    async with running() as intake:
        _, told = await capture(intake, apart | {"parentID": "urn:epc:id:sscc:1.2"}, apart)
    assert [each["ok"] for each in told["items"]] == [True, False]
