"""Our structural rules over EPCIS documents: each fault at its place, all of them, and none in what we answer."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.custody.query import document
from records.custody import facts
from records.epcis_identity import identity_remarks
from records.epcis_structure import document_faults, document_remarks, event_faults, required_faults
from records.event_hash import event_hash
from topics.events import Custody

EVENT: dict[str, Any] = {
    "type": "ObjectEvent",
    "eventTime": "2026-11-27T08:00:00+08:00",
    "eventTimeZoneOffset": "+08:00",
    "action": "ADD",
    "epcList": ["urn:epc:id:sgtin:4012345.011111.9876"],
    "quantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.011111.1", "quantity": 5, "uom": "KGM"}],
    "readPoint": {"id": "urn:epc:id:sgln:4012345.00005.0"},
    "bizTransactionList": [{"bizTransaction": "urn:epcglobal:cbv:bt:69:1", "type": "po"}],
    "sourceList": [{"source": "urn:epc:id:pgln:4012345.00000", "type": "owning_party"}],
    "sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 4.0, "uom": "CEL"}]}],
    "ilmd": {"example:batch": "1"},
}


def wrapped(*events: Any, **more: Any) -> dict[str, Any]:
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-27T08:00:00Z",
        "epcisBody": {"eventList": list(events)},
    } | more


def places(told: Any) -> list[str]:
    return [each.where.removeprefix("$.epcisBody.eventList") for each in document_faults(told)]


def test_what_the_query_interface_answers_has_no_fault() -> None:
    assert places(wrapped(EVENT)) == []
    assert list(document_faults(document([EVENT, EVENT | {"eventID": "urn:uuid:1"}], 1_800_000_000_000))) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"type": ""}, ".type"),
        ({"action": "LOOK"}, ".action"),
        ({"epcList": [], "quantityList": [], "sensorElementList": []}, ".epcList"),
        ({"eventTime": "2026-11-27T08:00:00"}, ".eventTime"),
        ({"eventTimeZoneOffset": "+8"}, ".eventTimeZoneOffset"),
        ({"recordTime": 5}, ".recordTime"),
        ({"epcList": ["no uri"]}, ".epcList[0]"),
        ({"epcList": "urn:a"}, ".epcList"),
        ({"quantityList": [{"epcClass": "urn:a", "quantity": 0}]}, ".quantityList[0].quantity"),
        ({"quantityList": [{"epcClass": "urn:a", "uom": "KGM"}]}, ".quantityList[0].uom"),
        ({"quantityList": [{"quantity": 2}]}, ".quantityList[0].epcClass"),
        ({"readPoint": "urn:a"}, ".readPoint"),
        ({"bizTransactionList": [{"type": "po"}]}, ".bizTransactionList[0].bizTransaction"),
        ({"sourceList": [{"source": "urn:a"}]}, ".sourceList[0].type"),
        ({"sensorElementList": [{"sensorReport": []}]}, ".sensorElementList[0].sensorReport"),
        ({"sensorElementList": [{"sensorReport": [{"value": 1}]}]}, ".sensorElementList[0].sensorReport[0].type"),
        ({"type": "FooEvent"}, ".type"),
        ({"type": "epcis:ObjectEvent"}, ".type"),
        ({"type": "https://ref.gs1.org/epcis/ObjectEvent"}, ".type"),
        ({"epcList": [["urn:a"]]}, ".epcList[0]"),
        ({"quantityList": {"epcClass": "urn:a"}}, ".quantityList"),
        ({"quantityList": [{"epcClass": 5}]}, ".quantityList[0].epcClass"),
        ({"quantityList": [{"epcClass": "urn:a", "quantity": -5}]}, ".quantityList[0].quantity"),
        ({"childEPCs": ["urn:a"]}, ".childEPCs"),
        ({"inputQuantityList": [{"epcClass": "urn:a"}]}, ".inputQuantityList"),
        ({"parentID": "urn:a"}, ".parentID"),
        ({"bizStep": ["inspecting"]}, ".bizStep"),
        ({"disposition": 5}, ".disposition"),
        ({"bizLocation": {"name": "somewhere"}}, ".bizLocation"),
        ({"destinationList": {"type": "possessing_party"}}, ".destinationList"),
        ({"destinationList": [{"type": "possessing_party", "destination": 5}]}, ".destinationList[0].destination"),
        ({"ilmd": "L9"}, ".ilmd"),
        ({"ilmd": {"cbvmda:lotNumber": 9}}, ".ilmd.cbvmda:lotNumber"),
        ({"errorDeclaration": "yes"}, ".errorDeclaration"),
        (
            {"errorDeclaration": {"declarationTime": "2026-11-27T08:00:00Z", "correctiveEventIDs": "urn:a"}},
            ".errorDeclaration.correctiveEventIDs",
        ),
        (
            {"sensorElementList": [{"sensorMetadata": {"startTime": "8"}, "sensorReport": [{"type": "Temperature"}]}]},
            ".sensorElementList[0].sensorMetadata.startTime",
        ),
        (
            {"sensorElementList": [{"sensorReport": [{"type": "Temperature", "exception": 1}]}]},
            ".sensorElementList[0].sensorReport[0].exception",
        ),
        ({"eventID": 7}, ".eventID"),
        ({"errorDeclaration": {}}, ".errorDeclaration.declarationTime"),
    ],
)
def test_each_fault_is_told_at_its_place_and_alone(change: dict[str, Any], where: str) -> None:
    assert places(wrapped(EVENT, EVENT | change)) == [f"[1]{where}"]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"epcList": ["urn:a", "urn:a"]}, ".epcList[1]"),
        ({"readPoint": {"id": "shop-1"}}, ".readPoint.id"),
        ({"action": "OBSERVE"}, ".ilmd"),
        ({"eventTimeZoneOffset": None}, ".eventTimeZoneOffset"),
    ],
)
def test_what_nobody_can_misread_is_a_remark(change: dict[str, Any], where: str) -> None:
    told = wrapped(EVENT, EVENT | change)
    assert places(told) == []
    assert [each.where for each in document_remarks(told)] == [f"$.epcisBody.eventList[1]{where}"]


def test_what_the_standard_leaves_open_stays_open() -> None:
    bare = {name: EVENT[name] for name in ("type", "eventTime", "eventTimeZoneOffset", "action", "epcList")}
    of_nothing = dict.fromkeys(("readPoint", "quantityList", "eventID", "errorDeclaration", "ilmd", "bizStep"))
    seen = {"type": "AggregationEvent", "action": "OBSERVE", "childEPCs": ["urn:a"]}
    apart = {"type": "AssociationEvent", "action": "DELETE", "parentID": "urn:p"}
    begun = {"type": "TransformationEvent", "transformationID": "urn:t"}
    times = {name: EVENT[name] for name in ("eventTime", "eventTimeZoneOffset")}
    own = {"type": "example:CountEvent", "epcList": ["urn:a"], "example:count": [{"deep": 1}]}
    assert places(wrapped(bare, bare | of_nothing, *(times | each for each in (seen, apart, begun, own)))) == []


def test_every_fault_is_told_not_the_first_alone() -> None:
    bad = EVENT | {"action": "", "eventTime": "today", "epcList": [1, 2]}
    assert places(wrapped(bad, "text")) == [
        "[0].action",
        "[0].eventTime",
        "[0].epcList[0]",
        "[0].epcList[1]",
        "[1]",
    ]


@pytest.mark.parametrize(
    ("told", "where"),
    [
        ([], ["$"]),
        ({"type": "Letter"}, ["$.type"]),
        (wrapped(EVENT, schemaVersion="1.2", creationDate="now"), ["$.schemaVersion", "$.creationDate"]),
        (wrapped(EVENT, **{"@context": 5}), ["$.@context"]),
        (wrapped(epcisBody={"eventList": {}}), ["$.epcisBody.eventList"]),
        (wrapped(epcisBody=[], type="EPCISQueryDocument"), ["$.epcisBody.queryResults.resultsBody.eventList"]),
    ],
)
def test_a_document_that_is_none_is_told_so(told: Any, where: list[str]) -> None:
    assert [each.where for each in document_faults(told)] == where


def test_one_id_is_one_events_and_a_hash_that_is_not_its_own_is_remarked() -> None:
    named = EVENT | {"eventID": event_hash(EVENT)}
    assert list(identity_remarks(wrapped(named))) == []
    changed = named | {"action": "OBSERVE", "ilmd": {}}
    (remark,) = identity_remarks(wrapped(named, changed))
    assert remark.where == "$.epcisBody.eventList[1].eventID" and event_hash(changed) in remark.required
    assert "[1].eventID" in places(wrapped(named, changed)), "and two events bear one id"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*EVENT, "id"]), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from([*EVENT, "errorDeclaration", "eventID"]))
@settings(max_examples=80, deadline=None)
def test_whatever_comes_is_told_and_never_raises(anything: Any, key: str) -> None:
    list(document_faults(anything))
    told = list(document_faults(wrapped(EVENT | {key: anything}, anything)))
    assert all(each.where.startswith("$") and each.required and each.got for each in told)
    list(required_faults(anything))
    list(document_remarks(wrapped(anything)))
    list(identity_remarks(wrapped(anything)))


@given(JSON, st.sampled_from(["epcList", "quantityList", "childEPCs", "childQuantityList", "inputEPCList", "parentID"]))
@settings(max_examples=200, deadline=None)
def test_an_event_without_a_fault_is_traced_with_every_thing_it_names(anything: Any, key: str) -> None:
    """What the rules let through is not left out of a trace in silence."""
    event = EVENT | {"type": "example:OwnEvent", key: anything}
    if any(event_faults(event)):
        return
    named = [each for name in ("epcList", "childEPCs", "inputEPCList") for each in event.get(name) or ()]
    named += [each["epcClass"] for name in ("quantityList", "childQuantityList") for each in event.get(name) or ()]
    named += [event["parentID"]] if event.get("parentID") else []
    assert set(facts(Custody("e", "s", 0, event)).seen) == set(named)
